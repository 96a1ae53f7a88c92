// The page's calls to the app's REST routes.
import type { PreviewPage } from '../../server/preview.ts'
import type { RunWithPlan } from '../../server/run-record.ts'

declare global {
  interface Window {
    /** Session token of the platform: proves that a call comes from a page of the instance. */
    g_ck?: string
  }
}

const base = '/api/x_snc_ticket_auto/v1/automation'

/** Longer than the connector's time limit, so that the server's own answer arrives first. */
const timeLimitMs = 20_000

/** Which ticket the page is about. */
export interface TicketKey {
  table: string
  sysId: string
}

/** An answer, or what went wrong in words for people. */
export type Answer<T> =
  | { ok: true; value: T }
  | { ok: false; code: string; message: string; errors: FieldError[] }

/** One field the server did not accept. */
export interface FieldError {
  name: string
  message: string
}

/** Automations for the ticket. */
export function loadPreview(ticket: TicketKey): Promise<Answer<PreviewPage>> {
  return call('GET', `${pathOf(ticket)}/preview`)
}

/** A run to be requested; the id is made by the page, so that a repeat starts nothing new. */
export interface RunOrder {
  run_id: string
  template: string
  version: number
  parameters: Record<string, unknown>
}

/** Requests a run. */
export function startRun(ticket: TicketKey, order: RunOrder): Promise<Answer<{ run_id: string }>> {
  return call('POST', `${pathOf(ticket)}/runs`, order)
}

/** The run as it is now. */
export function loadRun(runId: string): Promise<Answer<RunWithPlan>> {
  return call('GET', `/runs/${encodeURIComponent(runId)}`)
}

/** Asks for a cancel. */
export function cancelRun(runId: string): Promise<Answer<RunWithPlan>> {
  return call('POST', `/runs/${encodeURIComponent(runId)}/cancel`, {})
}

/** 32 hex digits from the browser's own random source. */
export function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function pathOf(ticket: TicketKey): string {
  return `/tickets/${encodeURIComponent(ticket.table)}/${encodeURIComponent(ticket.sysId)}`
}

async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer<T>> {
  try {
    const response = await fetch(base + path, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(timeLimitMs),
      headers: {
        Accept: 'application/json',
        'X-UserToken': window.g_ck ?? '',
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return await read<T>(response)
  } catch {
    // fetch says no more than that; the person can only try again.
    return failure('offline', 'ServiceNow does not answer. Check your connection and try again.')
  }
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text()
  const answer: { result?: unknown; error?: { message?: string } } | null = parse(text)
  if (response.ok && answer?.result) {
    // Our own routes; server and page are built from the same types.
    return { ok: true, value: answer.result as T }
  }
  const own = answer?.result as { error?: { code: string; message: string } } | undefined
  if (own?.error)
    return { ...failure(own.error.code, own.error.message), ...fieldErrors(own.error) }
  if (response.status === 401) {
    return failure('signed_out', 'You are signed out. Reload the page and sign in.')
  }
  const reason = answer?.error?.message ?? `HTTP ${response.status}`
  return failure('refused', `ServiceNow did not allow this (${reason}).`)
}

function fieldErrors(error: object): { errors: FieldError[] } {
  const { errors } = error as { errors?: FieldError[] }
  return { errors: errors ?? [] }
}

function failure(code: string, message: string): Extract<Answer<never>, { ok: false }> {
  return { ok: false, code, message, errors: [] }
}

function parse(text: string): { result?: unknown; error?: { message?: string } } | null {
  try {
    return JSON.parse(text)
  } catch {
    // A login or proxy page.
    return null
  }
}
