// From the parameters of a launch to AWX's extra variables: by the survey's questions where they ask, else as they are
// where the template prompts for variables. Anything AWX would drop, or show although it is secret, is a problem.
import { ConnectorError } from '../../errors.ts'
import type { DeclaredParameter, LaunchRequest } from '../driver.ts'
import type { LaunchForm, Question } from './wire.ts'

/** Extra variable that carries our mark; a parameter cannot have this name. */
export const markVariable = 'ticket_automation'

/** What a template takes. */
export interface Intake {
  form: LaunchForm
  /** Empty when there is no survey or it is off. */
  questions: readonly Question[]
}

type Value = string | number | boolean | null

/** Why a parameter of this name and type would not reach the job as it is; null = it does. */
export function parameterProblem(
  intake: Intake,
  parameter: DeclaredParameter,
): { reason: string; hint: string } | null {
  const { name, type, required } = parameter
  if (name === markVariable) {
    return {
      reason: `the connector itself uses the variable ${name}`,
      hint: 'Give the parameter another name',
    }
  }
  const question = intake.questions.find(({ variable }) => variable === name)
  if (question === undefined) return variableProblem(intake, name, type === 'secret')
  if (type === 'secret' && question.type !== 'password') {
    return {
      reason: `AWX would show the secret ${name}: its survey question is of type ${question.type}`,
      hint: `Make the question "${question.question_name}" of type Password`,
    }
  }
  const fitting = typesOf(question)
  if (!fitting.includes(type)) {
    return {
      reason: `the survey asks for ${name} as ${question.type}, the template has type ${type}`,
      hint: `Give the parameter the type ${fitting.join(' or ')}`,
    }
  }
  if (!question.required || required) return null
  return {
    reason: `the survey requires ${name}, which the template may leave empty`,
    hint: 'Set required: true on the parameter, or untick Required on the question',
  }
}

function variableProblem(
  { form }: Intake,
  name: string,
  isSecret: boolean,
): { reason: string; hint: string } | null {
  if (isSecret) {
    return {
      reason: `AWX would show the secret ${name} in the variables of the job`,
      hint: `Add a survey question of type Password with the answer variable ${name}`,
    }
  }
  if (form.ask_variables_on_launch) return null
  return {
    reason: `AWX would drop ${name}: the template does not ask for variables on launch`,
    hint: `Tick "Prompt on launch" of Variables (ask_variables_on_launch), or add a survey question with the answer variable ${name}`,
  }
}

const numbers: Record<string, readonly DeclaredParameter['type'][]> = {
  integer: ['integer'],
  float: ['integer', 'number'],
}

function typesOf({ type }: Question): readonly DeclaredParameter['type'][] {
  return numbers[type] ?? ['string', 'text', 'choice', 'integer', 'number', 'boolean', 'secret']
}

/** Questions that must be answered and for which the template has no parameter. */
export function unanswered(intake: Intake, names: readonly string[]): Question[] {
  return intake.questions.filter(({ required, variable }) => required && !names.includes(variable))
}

/**
 * The extra variables of a launch, without our mark. A parameter without a value is left out, so that the default of
 * the survey or the playbook counts. Throws parameters_invalid that names what AWX would drop or show.
 */
export function extraVarsOf(intake: Intake, request: LaunchRequest): Record<string, unknown> {
  const { parameters, secrets } = request
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) continue
    const question = intake.questions.find(({ variable }) => variable === name)
    const type = secrets.includes(name) ? 'secret' : typeOf(value, question)
    const problem = parameterProblem(intake, { name, type, required: true })
    if (problem !== null) refuse(problem)
    const answer = question === undefined ? value : answerTo(question, value)
    if (answer !== undefined) given[name] = answer
  }
  for (const { variable } of unanswered(intake, Object.keys(given))) {
    refuse({
      reason: `the survey requires ${variable}, which has no value`,
      hint: `Give the template a parameter ${variable} that is required`,
    })
  }
  return given
}

function refuse({ reason, hint }: { reason: string; hint: string }): never {
  throw new ConnectorError('parameters_invalid', `${reason}. ${hint}`)
}

/** A number may come as text, from a ticket's field. */
function typeOf(
  value: Exclude<Value, null>,
  question: Question | undefined,
): DeclaredParameter['type'] {
  if (typeof value === 'boolean') return 'boolean'
  const isNumeric = typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(value.trim())
  const asNumber = question !== undefined && question.type in numbers
  if (typeof value === 'string' && (!asNumber || !isNumeric)) {
    // An empty answer to a question for a number is none at all.
    return asNumber && value.trim() === '' ? 'integer' : 'string'
  }
  return Number.isInteger(Number(value)) ? 'integer' : 'number'
}

/** The value in the form in which AWX checks answers; undefined = no answer. */
function answerTo({ type }: Question, value: Exclude<Value, null>): unknown {
  switch (type) {
    case 'integer':
    case 'float':
      return String(value).trim() === '' ? undefined : Number(value)
    case 'multiplechoice':
      return String(value) === '' ? undefined : String(value)
    case 'multiselect': {
      const chosen = linesOf(String(value).replaceAll(',', '\n'))
      return chosen.length === 0 ? undefined : chosen
    }
    default:
      return String(value)
  }
}

/** The lines with something on them. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
