// GlideAjax: /xmlhttp.do runs a client-callable script include and answers <xml answer="…"> (servicenow-runtime.md §2.7).
import { carriesToken, visitorOf } from './authenticate.ts'
import type { FrontContext } from './context.ts'
import { formParameters, text } from './message.ts'
import type { Incoming, Reply } from './message.ts'
import { escapeText } from './pages/html.ts'
import { sameText } from './tokens.ts'

/** Answers a GlideAjax call of a signed-in browser; without its token 401. */
export function answerAjax(context: FrontContext, incoming: Incoming): Reply {
  const visitor = visitorOf(context, incoming)
  if (visitor === null) return text(401, 'User Not Authenticated')
  const parameters = formParameters(incoming)
  const token = parameters.get('sysparm_ck') ?? ''
  if (!carriesToken(visitor, incoming) && !sameText(token, visitor.browser.token)) {
    return text(401, 'User Not Authenticated')
  }
  const { status, answer } = context.platform.ajax(visitor.session, parameters)
  const attributes = ['sysparm_max', 'sysparm_name', 'sysparm_processor']
    .map((name) => ` ${name}="${escapeText(parameters.get(name) ?? '')}"`)
    .join('')
  return {
    status,
    headers: { 'Content-Type': 'text/xml;charset=UTF-8', 'Cache-Control': 'no-store' },
    body: `<?xml version="1.0" encoding="UTF-8"?><xml answer="${escapeText(answer)}"${attributes}/>`,
  }
}
