// How parameters reach a job: all of them as a JSON document on standard input, and those that are no secret
// also as PARAM_* in the environment. No shell ever sees them.
import { join } from 'node:path'

import { asciiJson, isCarriable } from '#shared/text.ts'

import { ConnectorError } from '../../errors.ts'
import type { LaunchRequest } from '../driver.ts'
import { fileNames } from './layout.ts'

/** Bytes of the longest value that goes into the environment; Linux refuses strings of 128 KiB. */
const largestValue = 100_000

/** Bytes all values may take in the environment; macOS allows 1 MB for environment and arguments. */
const largestEnvironment = 256_000

/** Seen by every job. The connector's own environment is not passed on: it may hold secrets. */
const standardEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  // Python keeps output back when it is no terminal; progress would arrive at the end.
  PYTHONUNBUFFERED: '1',
}

/** What a job gets. */
export interface JobInput {
  environment: Record<string, string>
  stdin: string
  /** Values too large for the environment, by parameter name; PARAM_<NAME>_FILE names the file. */
  files: Record<string, string>
}

/**
 * Input of a job in `directory`. Secrets stand on standard input only: the environment of a process can be
 * read by others of the same user. Throws parameters_invalid for what no process can be given.
 */
export function jobInput(
  request: LaunchRequest,
  directory: string,
  passedOn: Readonly<Record<string, string>>,
): JobInput {
  const { parameters, ticket, token, requestedBy, timeoutMs } = request
  checkParameters(parameters)
  const files: Record<string, string> = {}
  const environment: Record<string, string> = {
    ...standardEnvironment,
    HOME: join(directory, fileNames.cwd),
    ...passedOn,
    RUN_TOKEN: token,
    TICKET_TABLE: ticket.table,
    TICKET_SYS_ID: ticket.sysId,
    TICKET_NUMBER: ticket.number,
    REQUESTED_BY: requestedBy,
  }
  let total = 0
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || request.secrets.includes(name)) continue
    const text = String(value)
    const bytes = Buffer.byteLength(text)
    if (bytes > largestValue || total + bytes > largestEnvironment) {
      files[name] = text
      environment[fileVariable(name)] = join(directory, fileNames.parameters, name)
      continue
    }
    total += bytes
    environment[variable(name)] = text
  }
  const document = {
    parameters,
    ticket: { table: ticket.table, sys_id: ticket.sysId, number: ticket.number },
    run: { token, requested_by: requestedBy, timeout_ms: timeoutMs },
  }
  return { environment, stdin: asciiJson(document) + '\n', files }
}

/** Parameter names of which one would hide the file variable of another (`report` and `report_file`). */
export function clashingNames(names: readonly string[]): string[] {
  return names.filter((name) => names.includes(`${name}_file`))
}

function checkParameters(parameters: LaunchRequest['parameters']): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) {
      throw new ConnectorError('parameters_invalid', `${JSON.stringify(name)} is no parameter name`)
    }
    if (typeof value === 'string' && !isCarriable(value)) {
      const reason = `parameter ${name} holds NUL or a lone surrogate, which no process can be given`
      throw new ConnectorError('parameters_invalid', reason)
    }
  }
  const [clash] = clashingNames(Object.keys(parameters))
  if (clash !== undefined) {
    const reason = `parameters ${clash} and ${clash}_file need the same variable; rename one`
    throw new ConnectorError('parameters_invalid', reason)
  }
}

function variable(name: string): string {
  return `PARAM_${name.toUpperCase()}`
}

function fileVariable(name: string): string {
  return `${variable(name)}_FILE`
}
