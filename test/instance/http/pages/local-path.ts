// Redirect targets stay on this instance.

/** A path of this instance, whatever came in: other origins become the home page. */
export function localPath(target: string): string {
  const base = 'http://instance.invalid'
  try {
    const url = new URL(target, `${base}/`)
    return url.origin === base ? `${url.pathname}${url.search}${url.hash}` : '/'
  } catch {
    // Not a URL at all.
    return '/'
  }
}
