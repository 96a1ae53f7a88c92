// Sign in as one of the sample users, and out again.
import { isTrue, isWebServiceOnly, systemSession } from '../context.ts'
import type { FrontContext, Visitor } from '../context.ts'
import { formParameters, redirect } from '../message.ts'
import type { Incoming, Reply } from '../message.ts'
import { clearedCookie, sessionCookie } from '../sessions.ts'
import { sameText } from '../tokens.ts'
import { avatar, framePage } from './frame.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'
import { localPath } from './local-path.ts'

/** The sign-in page; `problem` is shown above it. */
export function signInPage(
  context: FrontContext,
  incoming: Incoming,
  problem: string | null,
): Reply {
  const goto = localPath(formParameters(incoming).get('goto') ?? '/')
  const pick = context.switches.passwordlessSignIn
  return framePage(context, null, {
    title: 'Sign in',
    status: problem === null ? 200 : 401,
    main: markup`<section class="sign-in">
      <h1>Sign in</h1>
      ${problem === null ? null : markup`<p class="message error" role="alert">${problem}</p>`}
      ${
        pick
          ? markup`<p class="lead">Pick a person. No password is asked on this machine.</p>
              <form method="post" action="/login.do">
                <input type="hidden" name="goto" value="${goto}" />
                <ul class="people">
                  ${sampleUsers(context)}
                </ul>
              </form>`
          : null
      }
      <details class="card" ${pick ? null : markup`open`}>
        <summary>Sign in with user name and password</summary>
        <form method="post" action="/login.do" class="stack">
          <input type="hidden" name="goto" value="${goto}" />
          <label>User name <input name="user_name" autocomplete="username" required /></label>
          <label
            >Password
            <input name="user_password" type="password" autocomplete="current-password" required
          /></label>
          <button class="primary">Sign in</button>
        </form>
      </details>
    </section>`,
  })
}

/** Signs in with a password, or as a picked user where the switch allows that. */
export function signIn(context: FrontContext, incoming: Incoming): Reply {
  const form = formParameters(incoming)
  const picked = form.get('pick')
  const userName = picked ?? form.get('user_name') ?? ''
  const session = context.platform.session(userName, true)
  const proven =
    picked === null
      ? context.platform.checkPassword(userName, form.get('user_password') ?? '')
      : context.switches.passwordlessSignIn
  if (session === null || !proven || isWebServiceOnly(context.platform, session)) {
    return signInPage(context, incoming, 'User name or password invalid')
  }
  const browser = context.browsers.start(userName, true)
  const reply = redirect(localPath(form.get('goto') ?? '/'))
  reply.headers['Set-Cookie'] = [sessionCookie(browser, incoming.base)]
  return reply
}

/** Ends the session. */
export function signOut(context: FrontContext, visitor: Visitor, incoming: Incoming): Reply {
  const token = formParameters(incoming).get('sysparm_ck') ?? ''
  if (incoming.method !== 'POST' || !sameText(token, visitor.browser.token)) return redirect('/')
  context.browsers.end(visitor.browser)
  const reply = redirect('/login.do')
  reply.headers['Set-Cookie'] = [clearedCookie()]
  return reply
}

function sampleUsers(context: FrontContext): Html[] {
  const found = context.platform.query(systemSession, 'sys_user', {
    encodedQuery: 'active=true^ORDERBYname',
    limit: 50,
    acl: false,
  })
  if ('ok' in found) return []
  return found.records
    .filter((user) => !isTrue(user['web_service_access_only']))
    .map((user) => {
      const userName = user['user_name'] ?? ''
      const session = context.platform.session(userName, true)
      const name = session?.displayName ?? userName
      const about = user['title'] ?? ''
      return markup`<li>
        <button name="pick" value="${userName}" class="person-card">
          ${avatar(name)}
          <span class="who"
            ><strong>${name}</strong>${about === '' ? null : markup`<span>${about}</span>`}
            <small>${describeRoles([...(session?.roles ?? [])])}</small></span
          >
        </button>
      </li>`
    })
}

/** The roles that tell people apart: base roles contained in others are left out, the app's lose their scope. */
function describeRoles(roles: readonly string[]): string {
  if (roles.includes('admin')) return 'admin'
  const telling = roles
    .filter((role) => !role.startsWith('sn_') && !role.startsWith('snc_'))
    .map((role) => role.replace(/^x_[a-z0-9_]+\./, 'automation '))
  return telling.length === 0 ? 'no role' : telling.toSorted().join(', ')
}
