// sn_ws_err: the errors scripted REST resources answer with (c_CustomWebServices, error objects).
import { text } from './host.ts'

/** An error as the resource set it. */
export interface ServiceErrorState {
  status: number
  message: string
  detail: string
}

const states = new WeakMap<object, ServiceErrorState>()

const statuses: Readonly<Record<string, number>> = {
  ServiceError: 500,
  BadRequestError: 400,
  NotFoundError: 404,
  NotAcceptableError: 406,
  ConflictError: 409,
  UnsupportedMediaTypeError: 415,
}

/** The classes of the namespace. */
export function serviceErrorTypes(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(statuses).map(([name, status]) => [name, serviceErrorType(status)]),
  )
}

function serviceErrorType(status: number): (message?: unknown, detail?: unknown) => object {
  return function ServiceError(message, detail) {
    const state: ServiceErrorState = { status, message: text(message), detail: text(detail) }
    const error = {
      setStatus(code: unknown) {
        state.status = Number(code)
        return error
      },
      setMessage(next: unknown) {
        state.message = text(next)
        return error
      },
      setDetail(next: unknown) {
        state.detail = text(next)
        return error
      },
      toString: () => state.message,
    }
    states.set(error, state)
    return error
  }
}

/** The state behind an error object, or null for anything else. */
export function serviceErrorState(value: unknown): ServiceErrorState | null {
  return typeof value === 'object' && value !== null ? (states.get(value) ?? null) : null
}
