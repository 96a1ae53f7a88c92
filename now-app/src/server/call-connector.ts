// One signed HTTP call to the connector. It answers with what happened and never throws.
import { RESTMessageV2 } from '@servicenow/glide/sn_ws'

import type { Connection } from './connection.ts'
import type { ConnectorAnswer } from './connector-answer.ts'
import { signBody } from './sign.ts'
import { parseJson } from './text.ts'

/** A call: POST with a body, or GET with none (its signature covers the empty body). */
export interface ConnectorCall {
  method: 'GET' | 'POST'
  /** Path below the connection's URL, e.g. /v1/events */
  path: string
  /** ASCII JSON; '' for GET. */
  body: string
}

/** Does the call within the connection's time limit. */
export function callConnector(connection: Connection, call: ConnectorCall): ConnectorAnswer {
  try {
    const message = new RESTMessageV2()
    message.setEndpoint(connection.url + call.path)
    message.setHttpMethod(call.method)
    message.setHttpTimeout(connection.timeoutMs)
    message.setRequestHeader('Accept', 'application/json')
    message.setRequestHeader('Authorization', 'Bearer ' + signBody(connection, call.body))
    if (call.method === 'POST') {
      message.setRequestHeader('Content-Type', 'application/json')
      message.setRequestBody(call.body)
    }
    const response = message.execute()
    const status = Number(response.getStatusCode())
    if (!(status >= 100)) {
      return { ok: false, reason: response.getErrorMessage() || 'no answer' }
    }
    return {
      ok: true,
      status,
      json: parseJson(response.getBody() || ''),
      retryAfterSeconds: seconds(response.getHeader('Retry-After')),
    }
  } catch (error) {
    // execute() throws on refused connections and timeouts; that is an answer like any other here.
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function seconds(header: string | null): number | null {
  const value = Number(header)
  return header && Number.isInteger(value) && value >= 0 ? value : null
}
