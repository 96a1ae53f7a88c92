// Pages of the app (sys_ui_page). A direct page is its own document; its Jelly tags are reduced to what the SDK
// documents: `<sdk:now-ux-globals>`, which the build expands to g: and g2: tags between two comments, becomes a script
// with g_ck and NOW, and the `$[…]` expressions of the session token and cache busters get their values.
import type { FrontContext, Visitor } from '../context.ts'
import type { Incoming, Reply } from '../message.ts'
import { framePage, globals } from './frame.ts'

/** The page's answer, or null when the app has no page of that name. */
export function answerUiPage(
  context: FrontContext,
  visitor: Visitor,
  incoming: Incoming,
): Reply | null {
  const page = context.platform.page(visitor.session, incoming.path.slice(1), incoming.query)
  if (page === null) return null
  const content = expandJelly(page.html, visitor)
  if (!page.direct) {
    return framePage(context, visitor, {
      title: incoming.path.slice(1),
      current: incoming.path,
      main: { html: content },
      appCode: true,
      // In a dialog the frame around the page would be a frame in a frame.
      bare: incoming.headers['sec-fetch-dest'] === 'iframe',
    })
  }
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html;charset=UTF-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      // The app's page may use inline scripts, as it may on the platform; nothing comes from elsewhere.
      'Content-Security-Policy':
        "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'",
    },
    body: withBanner(content),
  }
}

/** Replaces what Jelly would have replaced. */
export function expandJelly(source: string, visitor: Visitor): string {
  const script = `<script>${globals(visitor).html}</script><script src="/local/client-api.js"></script>`
  const expanded = /<!--\s*@sdk:now-ux-globals\s*-->[\s\S]*<!--\s*@sdk:now-ux-globals\s*-->/
  return source
    .replace(/<\?xml[^>]*\?>/, '')
    .replace(expanded, '<sdk:now-ux-globals/>')
    .replace(
      /<sdk:now-ux-globals[^>]*\/>|<sdk:now-ux-globals[^>]*>\s*<\/sdk:now-ux-globals>/,
      () => script,
    )
    .replaceAll(/<\/?(?:j2?|g2?):[^>]*>/g, '')
    .replaceAll(/\$\[([^\]]*)\]/g, (_, expression: string) => jellyValue(expression, visitor))
}

function jellyValue(expression: string, visitor: Visitor): string {
  if (expression.includes('getSessionToken')) return visitor.browser.token
  return expression.trim() === 'AMP' ? '&amp;' : '0'
}

/** Direct pages carry the label too: it is put first into the body. */
function withBanner(document: string): string {
  const banner =
    '<aside aria-label="What this is" style="margin:0;padding:4px 16px;background:#fff3d6;color:#5c3c00;border-bottom:1px solid #ecd9a8;font:13px/1.5 system-ui,sans-serif"><strong>Local development instance — not ServiceNow.</strong> <a href="/about" target="_top" style="color:inherit">What is not emulated</a></aside>'
  return /<body[^>]*>/i.test(document)
    ? document.replace(/<body[^>]*>/i, (tag) => `${tag}${banner}`)
    : banner + document
}
