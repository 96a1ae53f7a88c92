// Requests that change something in Jenkins: forms, with a crumb where the user logs in with a password.
import type { z } from 'zod'

import type { HttpAnswer } from '../../http-client.ts'
import type { PlatformRequest } from '../http.ts'
import type { Crumb } from './wire.ts'

/** A form that is sent. */
export interface Form {
  path: string
  form: Record<string, string>
  signal: AbortSignal
}

/** Sends forms; gives any answer. */
export interface Poster {
  post(form: Form): Promise<HttpAnswer>
}

/** Creates the poster. `readCrumb` gives the headers of a new session, null = there is no need of any. */
export function createPoster(
  send: (request: PlatformRequest) => Promise<HttpAnswer>,
  readCrumb: ((signal: AbortSignal) => Promise<Record<string, string>>) | null,
): Poster {
  let crumb: Record<string, string> | null = null

  async function sendForm({ path, form, signal }: Form): Promise<HttpAnswer> {
    if (readCrumb !== null) crumb ??= await readCrumb(signal)
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams(form).toString()
    return await send({ method: 'POST', path, headers: { ...type, ...crumb }, body, signal })
  }

  return {
    async post(form) {
      const answer = await sendForm(form)
      if (readCrumb === null || answer.status !== 403 || !answer.text.includes('crumb')) {
        return answer
      }
      // The session is over: nothing was done.
      crumb = null
      return await sendForm(form)
    },
  }
}

/** A crumb belongs to a session, so the session's cookie goes with it. */
export function crumbHeaders(
  { headers }: HttpAnswer,
  { crumb, crumbRequestField }: z.infer<typeof Crumb>,
): Record<string, string> {
  const cookie = headers['set-cookie']?.split(';')[0]
  return { [crumbRequestField]: crumb, ...(cookie === undefined ? {} : { cookie }) }
}
