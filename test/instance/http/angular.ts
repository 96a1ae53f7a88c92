// The two calls with which the SDK's command line signs in with user name and password: POST
// /angular.do?sysparm_type=view_form.login and get_user (@servicenow/sdk 4.9.0, UISession.ts).
import { carriesToken, visitorOf } from './authenticate.ts'
import { isWebServiceOnly } from './context.ts'
import type { FrontContext } from './context.ts'
import { formParameters, json, text } from './message.ts'
import type { Incoming, Reply } from './message.ts'
import { sessionCookie } from './sessions.ts'

/** Answers /angular.do. */
export function answerAngular(context: FrontContext, incoming: Incoming): Reply {
  switch (incoming.query.get('sysparm_type')) {
    case 'view_form.login':
      return logIn(context, incoming)
    case 'get_user':
      return describeUser(context, incoming)
    default:
      return text(404, 'Not found')
  }
}

function logIn(context: FrontContext, incoming: Incoming): Reply {
  const form = formParameters(incoming)
  const userName = form.get('user_name') ?? ''
  const session = context.platform.session(userName, true)
  const valid =
    incoming.method === 'POST' &&
    session !== null &&
    context.platform.checkPassword(userName, form.get('user_password') ?? '') &&
    !isWebServiceOnly(context.platform, session)
  if (!valid) {
    return json(200, { status: 'error', message: 'User name or password invalid' })
  }
  const browser = context.browsers.start(userName, true)
  const reply = json(200, { status: 'success', message: 'User logged in successfully' })
  reply.headers['Set-Cookie'] = [sessionCookie(browser, incoming.base)]
  return reply
}

/** A stranger becomes a guest. Without the token the answer is 401, and its header hands the token to the session. */
function describeUser(context: FrontContext, incoming: Incoming): Reply {
  const visitor = visitorOf(context, incoming)
  if (visitor === null) {
    const guest = json(200, { user_name: 'guest', user_display_name: 'Guest', roles: [] })
    guest.headers['Set-Cookie'] = [
      sessionCookie(context.browsers.start(null, false), incoming.base),
    ]
    return guest
  }
  if (carriesToken(visitor, incoming)) {
    const { session } = visitor
    return json(200, {
      user_name: session.userName,
      user_sys_id: session.userSysId,
      user_display_name: session.displayName,
      roles: [...session.roles],
    })
  }
  const reply = json(401, { status: 'error', message: 'User Not Authenticated' })
  reply.headers['X-UserToken-Response'] = visitor.browser.token
  return reply
}
