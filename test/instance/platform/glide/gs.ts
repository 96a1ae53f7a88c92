// gs: the complete scoped list (c_GlideSystemScopedAPI). What is listed but not emulated says so; what exists
// only in the global scope throws "not in the scoped API".
import { randomBytes } from 'node:crypto'

import { property } from '../core.ts'
import { raiseEvent } from '../events.ts'
import { gsDate } from '../query-dates.ts'
import { text, withoutGlobalApi } from './host.ts'
import type { GlideHost } from './host.ts'
import { requireScriptable } from './privileges.ts'
import { sessionApi, userApi } from './session-api.ts'

const globalOnly = new Set(
  `sleep log print logError logWarning now nowDateTime getUserNameByUserID workflowFlush flushMessages
   addMessage dateDiff eventExists getNodeName setUser unloadTable loadTable getCurrentUserID
   getSessionToken calDateDiff dateAdd hasRoleExactly executeScript`.split(/\s+/),
)

const notEmulated =
  `include xmlToJSON dateGenerate getCssCacheVersionString getUrlOnStack setRedirect
  executeNow eventQueueScheduled`.split(/\s+/)

const dateFunctions =
  `beginningOfLastMonth beginningOfLastWeek beginningOfLastYear beginningOfNextMonth
  beginningOfNextWeek beginningOfNextYear beginningOfThisMonth beginningOfThisQuarter beginningOfThisWeek
  beginningOfThisYear beginningOfToday beginningOfYesterday beginningOfTomorrow endOfLastMonth endOfLastWeek
  endOfLastYear endOfNextMonth endOfNextWeek endOfNextYear endOfThisMonth endOfThisQuarter endOfThisWeek
  endOfThisYear endOfToday endOfYesterday endOfTomorrow daysAgo daysAgoStart daysAgoEnd hoursAgo
  hoursAgoStart hoursAgoEnd minutesAgo minutesAgoStart minutesAgoEnd monthsAgo monthsAgoStart monthsAgoEnd
  quartersAgo quartersAgoStart quartersAgoEnd yearsAgo yesterday`.split(/\s+/)

/** gs as the scope's scripts see it. */
export function createGs(host: GlideHost): object {
  const methods = {
    ...logMethods(host),
    ...propertyMethods(host),
    ...personMethods(host),
    ...messageMethods(host),
    ...textMethods(host),
    ...dateMethods(host),
    ...Object.fromEntries(notEmulated.map((name) => [name, () => refuse(host, name)])),
  }
  return withoutGlobalApi(host, methods, { name: 'gs', globalOnly })
}

function refuse({ realm }: GlideHost, name: string): never {
  throw realm.error(`gs.${name} is not emulated`)
}

/** `{0}` … of java.text.MessageFormat. */
function format(args: readonly unknown[]): string {
  const [pattern, ...values] = args.map(text)
  const listed = Array.isArray(args[1]) ? args[1].map(text) : values
  return (pattern ?? '').replace(
    /\{(\d)\}/g,
    (whole, index: string) => listed[Number(index)] ?? whole,
  )
}

function logMethods({ core, scope }: GlideHost): Record<string, unknown> {
  return {
    debug: (...args: unknown[]) => core.log.add('debug', scope, format(args)),
    info: (...args: unknown[]) => core.log.add('info', scope, format(args)),
    warn: (...args: unknown[]) => core.log.add('warn', scope, format(args)),
    error: (...args: unknown[]) => core.log.add('error', scope, format(args)),
    isDebugging: () => false,
  }
}

function propertyMethods(host: GlideHost): Record<string, unknown> {
  const { core, scope, execution } = host
  return {
    getProperty(name: unknown, alternative?: unknown) {
      requireScriptable(host, 'Glide API: properties')
      const value = property(core, text(name))
      if (value !== null && value !== '') return value
      return alternative === undefined ? value : alternative
    },
    setProperty(name: unknown, value: unknown) {
      requireScriptable(host, 'Glide API: properties')
      const { session } = execution()
      const row = [...core.store.rows('sys_properties')].find((one) => one['name'] === text(name))
      const values = { name: text(name), value: text(value) }
      if (!row) core.writer.insert(session, { table: 'sys_properties', values }, { acl: false })
      else {
        const target = { table: 'sys_properties', sysId: row['sys_id'] ?? '', values }
        core.writer.update(session, target, { acl: false })
      }
    },
    eventQueue(...[name, record, parm1, parm2, queue]: readonly unknown[]) {
      requireScriptable(host, 'Glide API: event management')
      const parameters = { parm1: text(parm1), parm2: text(parm2), queue: text(queue) }
      raiseEvent(core, execution().session, { name: text(name), record, ...parameters })
    },
    tableExists: (name: unknown) => core.dictionary.table(text(name)) !== null,
    getCurrentScopeName: () => scope,
    getCallerScopeName: () => null,
    getCurrentApplicationId: () =>
      [...core.store.rows('sys_scope')].find((row) => row['scope'] === scope)?.['sys_id'] ??
      'global',
  }
}

function personMethods(host: GlideHost): Record<string, unknown> {
  const { execution } = host
  function person<T>(read: () => T): () => T {
    return () => {
      requireScriptable(host, 'Glide API: user roles and groups')
      return read()
    }
  }
  return {
    getUserID: person(() => execution().session.userSysId),
    getUserName: person(() => execution().session.userName),
    getUserDisplayName: person(() => execution().session.displayName),
    hasRole(roles: unknown) {
      requireScriptable(host, 'Glide API: user roles and groups')
      const held = execution().session.roles
      return (
        held.has('admin') ||
        text(roles)
          .split(',')
          .some((role) => held.has(role.trim()))
      )
    },
    getUser: person(() => userApi(host)),
    getSession: () => sessionApi(host),
    getSessionID: () => 'local-session',
    isInteractive: () => execution().session.interactive,
    isLoggedIn: () => execution().session.userName !== 'guest',
    isMobile: () => false,
    getTimeZoneName: () => 'UTC',
    getDateFormat: () => 'yyyy-MM-dd',
    getTimeFormat: () => 'HH:mm:ss',
    getDateTimeFormat: () => 'yyyy-MM-dd HH:mm:ss',
    getErrorMessages: () =>
      host.realm.data(
        execution()
          .messages.filter((one) => one.kind === 'error')
          .map((one) => one.text),
      ),
  }
}

function messageMethods({ execution }: GlideHost): Record<string, unknown> {
  function add(kind: 'info' | 'error'): (message: unknown) => void {
    return (message) => void execution().messages.push({ kind, text: text(message) })
  }
  return {
    addInfoMessage: add('info'),
    addSuccessMessage: add('info'),
    addLowMessage: add('info'),
    addModerateMessage: add('info'),
    addHighMessage: add('error'),
    addErrorMessage: add('error'),
    getMessage: (...args: unknown[]) => format(args),
    getEscapedMessage: (...args: unknown[]) => format(args).replaceAll("'", "\\'"),
  }
}

function textMethods(host: GlideHost): Record<string, unknown> {
  function string(run: (value: string) => string): (value: unknown) => string {
    return (value) => {
      requireScriptable(host, 'Glide API: string utilities')
      return run(text(value))
    }
  }
  return {
    base64Encode: string((value) => Buffer.from(value, 'utf8').toString('base64')),
    base64Decode: string((value) => Buffer.from(value, 'base64').toString('utf8')),
    urlEncode: string((value) => encodeURIComponent(value).replaceAll('%20', '+')),
    urlDecode: string((value) => decodeURIComponent(value.replaceAll('+', ' '))),
    generateGUID: string(() => randomBytes(16).toString('hex')),
    nil: (value: unknown) => text(value) === '',
  }
}

function dateMethods({ core }: GlideHost): Record<string, unknown> {
  return Object.fromEntries(
    dateFunctions.map((name) => [
      name,
      (argument: unknown) => gsDate(name, text(argument), core.clock.now().getTime()),
    ]),
  )
}
