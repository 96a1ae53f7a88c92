// What the schema of a job template cannot say: how the parts of one template fit together.
import type { JobTemplate, Parameter } from '#shared/job-template.ts'
import { isCarriable } from '#shared/text.ts'

import { conditionMistakes } from './condition-mistakes.ts'
import { expressionProblem } from './expressions.ts'
import { patternProblem } from './patterns.ts'
import { planMistakes } from './plan-mistakes.ts'
import { limitProblem, toType } from './values.ts'

/** Names a parameter's `from` may start from. */
const factNames = ['ticket', 'fields', 'display', 'variables', 'actor', 'people'] as const

/** Names an outcome's `note` may start from. */
const noteNames = ['run', 'job', 'parameters', 'output'] as const

/** A mistake at one place of a template, with the one next step. */
export interface TemplateMistake {
  path: readonly PropertyKey[]
  reason: string
  hint: string
}

type Mistake = Omit<TemplateMistake, 'path'> & { key: string }

/** All mistakes of a template that fits the schema; empty = it can be published. */
export function templateMistakes(template: JobTemplate): TemplateMistake[] {
  const names = template.parameters.map(({ name }) => name)
  const manual = template.match.some(({ trigger }) => trigger.includes('manual'))
  const parameters = template.parameters.flatMap((parameter, index) => {
    const mistakes = [
      nameMistake(parameter, names.indexOf(parameter.name) < index),
      ...choiceMistakes(parameter),
      ...limitMistakes(parameter),
      patternMistake(parameter),
      ...sourceMistakes(parameter),
      fillMistake(parameter, manual),
      ...defaultMistakes(parameter),
    ]
    return mistakes
      .filter((mistake) => mistake !== null)
      .map(({ key, ...mistake }) => ({ path: ['parameters', index, key], ...mistake }))
  })
  return [
    ...textMistakes(template, []),
    ...parameters,
    ...planMistakes(template),
    ...conditionMistakes(template),
    ...noteMistakes(template),
  ]
}

function nameMistake({ name }: Parameter, taken: boolean): Mistake | null {
  if (!taken) return null
  return { key: 'name', reason: `a second parameter "${name}"`, hint: 'Give it a name of its own.' }
}

function choiceMistakes({ type, choices }: Parameter): Mistake[] {
  if (type !== 'choice') {
    if (choices === undefined) return []
    return [
      {
        key: 'choices',
        reason: `type ${type} has no choices`,
        hint: 'Make it type choice, or remove the choices.',
      },
    ]
  }
  if (choices === undefined) {
    return [
      {
        key: 'type',
        reason: 'type choice needs choices',
        hint: 'Add choices: [{value: …, label: …}].',
      },
    ]
  }
  const values = choices.map(({ value }) => value)
  const twice = values.find((value, index) => values.indexOf(value) < index)
  const mistakes: Mistake[] = []
  if (twice !== undefined) {
    mistakes.push({
      key: 'choices',
      reason: `two choices have the value "${twice}"`,
      hint: 'Give each choice a value of its own.',
    })
  }
  if (values.includes('')) {
    mistakes.push({
      key: 'choices',
      reason: 'a choice has an empty value, which means "no value"',
      hint: 'Give it a value, or leave it out and set required: false.',
    })
  }
  return mistakes
}

function limitMistakes(parameter: Parameter): Mistake[] {
  const { type, min, max, min_length: least, max_length: most } = parameter
  const isNumber = type === 'integer' || type === 'number'
  const isText = type === 'string' || type === 'text' || type === 'secret'
  const misplaced = [
    ...(isNumber ? [] : (['min', 'max'] as const)),
    ...(isText ? [] : (['min_length', 'max_length', 'pattern'] as const)),
  ].filter((key) => parameter[key] !== undefined)
  const mistakes: Mistake[] = misplaced.map((key) => ({
    key,
    reason: `${key} means nothing for type ${type}`,
    hint: key.startsWith('m') && isText ? `Use ${key}_length.` : 'Remove it, or change the type.',
  }))
  if (min !== undefined && max !== undefined && min > max) {
    mistakes.push({
      key: 'min',
      reason: `min ${min} is larger than max ${max}`,
      hint: 'Swap or correct them.',
    })
  }
  if (least !== undefined && most !== undefined && least > most) {
    mistakes.push({
      key: 'min_length',
      reason: `min_length ${least} is larger than max_length ${most}`,
      hint: 'Swap or correct them.',
    })
  }
  return mistakes
}

function patternMistake({ pattern }: Parameter): Mistake | null {
  const reason = pattern === undefined ? null : patternProblem(pattern)
  if (reason === null) return null
  return {
    key: 'pattern',
    reason,
    hint: 'Write an ECMAScript regular expression (unicode mode) for the whole value, in single quotes.',
  }
}

function sourceMistakes({ type, from, default: standard }: Parameter): Mistake[] {
  if (type === 'secret') {
    const reason = 'a secret may not stand in a file or come from a ticket'
    const hint = 'Remove it: the person types a secret in when the automation is run.'
    return [
      ...(from === undefined ? [] : [{ key: 'from', reason, hint }]),
      ...(standard === undefined ? [] : [{ key: 'default', reason, hint }]),
    ]
  }
  const reason = from === undefined ? null : expressionProblem(from, factNames)
  if (reason === null) return []
  return [
    {
      key: 'from',
      reason,
      hint: 'Correct the JSONata expression, e.g. fields.short_description (https://docs.jsonata.org).',
    },
  ]
}

/** A value nobody can ever give would refuse every run, or leave the job without it every time. */
function fillMistake(parameter: Parameter, manual: boolean): Mistake | null {
  if (parameter.from !== undefined || parameter.default !== undefined) return null
  const { label } = parameter
  if (!parameter.editable) {
    return {
      key: 'editable',
      reason: `"${label}" never has a value: nobody can edit it and it has neither from nor default`,
      hint: 'Add from or default, or make it editable.',
    }
  }
  if (!parameter.required || manual) return null
  return {
    key: 'required',
    reason: `"${label}" is required, but no rule has the trigger manual, so nobody can enter it`,
    hint: 'Add from or default, or the trigger manual.',
  }
}

function defaultMistakes(parameter: Parameter): Mistake[] {
  const { default: standard, type } = parameter
  if (standard === undefined || standard === null || type === 'secret') return []
  if (type === 'choice' && parameter.choices === undefined) return []
  if (parameter.pattern !== undefined && patternProblem(parameter.pattern) !== null) return []
  const typed = toType(parameter, standard)
  const reason = typed.ok
    ? limitProblem({ ...parameter, required: false }, typed.value)
    : typed.message
  if (reason === null) return []
  return [
    {
      key: 'default',
      reason: `the default does not fit: ${reason}`,
      hint: 'Correct the default or the limits.',
    },
  ]
}

function noteMistakes(template: JobTemplate): TemplateMistake[] {
  return Object.entries(template.outcome).flatMap(([ending, { note }]) => {
    const reason = note === undefined ? null : expressionProblem(note, noteNames)
    if (reason === null) return []
    const hint = `Correct the JSONata expression, e.g. "Freed " & parameters.path. Plain text needs quotes inside: '"Done."'`
    return [{ path: ['outcome', ending, 'note'], reason, hint }]
  })
}

function textMistakes(value: unknown, path: readonly PropertyKey[]): TemplateMistake[] {
  if (typeof value === 'string' && !isCarriable(value)) {
    const reason = 'holds NUL or half of a surrogate pair, which cannot be stored'
    return [{ path, reason, hint: 'Remove the escape that makes it.' }]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => textMistakes(part, [...path, key]))
}
