// From the parameters of a template to the options of a Rundeck job: what would be dropped, changed or shown is refused.
// Pure. How Rundeck carries options (one line of text, cut at white space and control characters unless quoted):
// ExecutionService.generateJobArgline, OptsUtil and QuotedStringTokenizer.
import { ConnectorError } from '../../errors.ts'
import type { DeclaredParameter, LaunchRequest, TemplateProblem } from '../driver.ts'
import type { JobOption } from './wire.ts'

/**
 * The option that carries our token. A job need not declare it: Rundeck keeps options that a job does not know in the
 * execution's record, where we look.
 */
export const tokenOption = 'ticket_automation_token'

/** Options that we fill ourselves when a job declares them and the template does not set them. */
const ticketFacts: Record<string, (request: LaunchRequest) => string> = {
  ticket_number: ({ ticket }) => ticket.number,
  ticket_table: ({ ticket }) => ticket.table,
  ticket_sys_id: ({ ticket }) => ticket.sysId,
  requested_by: ({ requestedBy }) => requestedBy,
}

/** True for options that are ours to fill. */
export function isOurs({ name }: JobOption): boolean {
  return name === tokenOption || name in ticketFacts
}

/** What would make a launch fail, or drop or show a parameter. */
export function optionProblems(
  options: readonly JobOption[],
  parameters: readonly DeclaredParameter[],
): TemplateProblem[] {
  const own = options.flatMap((option) => {
    const problem = option.name === tokenOption ? tokenProblem(option) : null
    return problem === null ? [] : [problem]
  })
  const declared = parameters.flatMap((parameter) => {
    const problem = parameterProblem(options, parameter)
    return problem === null ? [] : [{ field: `parameters.${parameter.name}`, ...problem }]
  })
  const missing = needed(options)
    .filter((option) => !parameters.some(({ name }) => name === option.name))
    .map(({ name }) => ({
      field: `parameters.${name}`,
      reason: `the job requires the option ${name}, which has no default value`,
      hint: 'Add a required parameter for it, or give the option a default value in Rundeck',
    }))
  return [...own, ...declared, ...missing]
}

function tokenProblem(option: JobOption): TemplateProblem | null {
  if (option.secure !== true && option.enforced !== true && option.type !== 'file') return null
  return {
    field: 'job',
    reason: `the option ${tokenOption} of the job is secure, has a fixed list of values or takes a file`,
    hint: 'Make it a plain text option or remove it: Rundeck then keeps the value by which a lost launch is found',
  }
}

function parameterProblem(
  options: readonly JobOption[],
  parameter: DeclaredParameter,
): Omit<TemplateProblem, 'field'> | null {
  const { name, type, required } = parameter
  const option = options.find((one) => one.name === name)
  if (name === tokenOption || option === undefined) return unknownOption(options, name)
  if (option.type === 'file') return fileOption(option)
  if (type === 'secret' && option.secure !== true) return shownOption(option)
  if (required || !needed(options).includes(option)) return null
  return {
    reason: `the job requires the option ${option.name}, but the parameter may be left out`,
    hint: 'Make the parameter required, or give the option a default value in Rundeck',
  }
}

function unknownOption(
  options: readonly JobOption[],
  name: string,
): Omit<TemplateProblem, 'field'> {
  if (name === tokenOption) {
    const hint = 'Take the parameter out of the template'
    return { reason: `the option ${name} is filled with the number of the launch`, hint }
  }
  const alike = options.find((option) => plain(option.name) === plain(name))
  if (alike !== undefined) {
    const hint = `Write names: {${name}: ${alike.name}} beside the job`
    return { reason: `the job has no option ${name} but one called ${alike.name}`, hint }
  }
  return {
    reason: `the job has no option ${name}`,
    hint: `Add the option ${name} to the job in Rundeck, or take the parameter out of the template`,
  }
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function fileOption({ name }: JobOption): Omit<TemplateProblem, 'field'> {
  return {
    reason: `the option ${name} takes a file, which cannot be sent`,
    hint: `Change the type of the option ${name} to text in Rundeck`,
  }
}

function shownOption({ name }: JobOption): Omit<TemplateProblem, 'field'> {
  return {
    reason: `the option ${name} is not secure: Rundeck would show the secret to everybody who sees the execution`,
    hint: `Set the input type of the option ${name} to Secure in Rundeck`,
  }
}

/** Options without which Rundeck refuses to run, and which nobody but the template can fill. */
function needed(options: readonly JobOption[]): JobOption[] {
  return options.filter(
    (option) =>
      option.required === true &&
      (option.value ?? '') === '' &&
      (option.storagePath ?? '') === '' &&
      !isOurs(option),
  )
}

/** The options of a launch, our token among them. Throws parameters_invalid, which shows no value. */
export function optionValues(
  options: readonly JobOption[],
  request: LaunchRequest,
): Record<string, string> {
  const given = Object.entries(request.parameters).flatMap(([name, value]) => {
    const option = options.find((one) => one.name === name)
    if (name === tokenOption || option === undefined) {
      throw refused(request, name, unknownOption(options, name))
    }
    // Nothing is left out: the option's default applies.
    if (value === null) return []
    const problem = valueProblem(option, String(value), request.secrets.includes(name))
    if (problem !== null) throw refused(request, name, problem)
    return [[option.name, String(value)] as const]
  })
  const values = new Map<string, string>(given)
  for (const { name } of options) {
    const fact = ticketFacts[name]
    if (fact !== undefined && !values.has(name)) values.set(name, fact(request))
  }
  for (const option of needed(options)) {
    if ((values.get(option.name) ?? '') !== '') continue
    throw refused(request, option.name, {
      reason: `the job requires the option ${option.name}`,
      hint: 'Give it a value, or give the option a default value in Rundeck',
    })
  }
  values.set(tokenOption, request.token)
  return Object.fromEntries(values)
}

function valueProblem(
  option: JobOption,
  value: string,
  isSecret: boolean,
): Omit<TemplateProblem, 'field'> | null {
  const { name, enforced, multivalued, values } = option
  if (option.type === 'file') return fileOption(option)
  if (isSecret && option.secure !== true) return shownOption(option)
  if (option.secure !== true && !isCarried(value)) {
    return {
      reason: `Rundeck would change the value: it cuts text at control characters and fills in \${DATE:…}`,
      hint: `Send the text without them, or make the option ${name} a secure one`,
    }
  }
  if (enforced !== true || values === null || values === undefined || value === '') return null
  const parts = multivalued === true ? value.split(option.delimiter ?? ',') : [value]
  if (parts.every((part) => values.includes(part))) return null
  return {
    reason: `the value is none of those that the option ${name} allows`,
    hint: `Use one of: ${values.slice(0, 20).join(', ')}`,
  }
}

/** What Rundeck quotes: text with one of these is kept as it is. */
const quoted = /[ "'\r\n]/

/** What separates options outside quotes: U+0000 to U+0020. */
// oxlint-disable-next-line no-control-regex -- These are what it is about.
const separator = /[\u0000-\u0020]/

/** What Rundeck replaces by a date. */
const dateReference = /\$\{DATE(?:[-+]\d+)?:/

/** True when an option that is not secure reaches the job as it was. */
export function isCarried(value: string): boolean {
  if (dateReference.test(value) || value.includes('\0')) return false
  return quoted.test(value) || !separator.test(value)
}

function refused(
  { job }: LaunchRequest,
  parameter: string,
  problem: Omit<TemplateProblem, 'field'>,
): ConnectorError {
  const reason = `launch of ${job}: parameter ${parameter}: ${problem.reason}. ${problem.hint}`
  return new ConnectorError('parameters_invalid', reason)
}
