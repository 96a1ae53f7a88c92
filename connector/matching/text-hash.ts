// Numbers for texts, for comparing many of them quickly.

/**
 * A 32-bit number for `length` characters of a text from `start`. Different texts may share one, so equal numbers
 * prove nothing; different numbers prove that the texts differ.
 */
export function hashOf(text: string, start: number, length: number): number {
  let hash = 0
  const end = start + length
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 0x1f3) + text.charCodeAt(at)) | 0
  return hash
}
