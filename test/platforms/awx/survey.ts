// How AWX checks the answers to a survey (awx/main/models/mixins.py, _survey_element_validation).

/** A question as survey_spec holds it. */
export interface Question {
  type: string
  question_name: string
  question_description: string
  variable: string
  choices: string | readonly string[]
  min: number | string | null
  max: number | string | null
  required: boolean
  default: string | number
}

/** What is wrong with the answers, and those that are accepted. */
export function checkSurvey(
  questions: readonly Question[],
  answers: Readonly<Record<string, unknown>>,
): { errors: string[]; accepted: Record<string, unknown> } {
  const errors = questions.flatMap((question) => mistakes(question, answers))
  const names = questions.map(({ variable }) => variable)
  const accepted = Object.entries(answers).filter(([name]) => names.includes(name))
  return { errors, accepted: Object.fromEntries(accepted) }
}

function mistakes(question: Question, answers: Readonly<Record<string, unknown>>): string[] {
  const { variable, type, required } = question
  if (!(variable in answers)) return required ? [`'${variable}' value missing`] : []
  const value = answers[variable]
  switch (type) {
    case 'text':
    case 'textarea':
    case 'password':
      if (typeof value !== 'string')
        return [`Value ${String(value)} for '${variable}' expected to be a string.`]
      return sizeMistakes(question, { value, size: value.length })
    case 'integer':
      if (!Number.isInteger(value))
        return [`Value ${String(value)} for '${variable}' expected to be an integer.`]
      return sizeMistakes(question, { value, size: Number(value) })
    case 'float':
      if (typeof value !== 'number')
        return [`Value ${String(value)} for '${variable}' expected to be a numeric type.`]
      return sizeMistakes(question, { value, size: value })
    case 'multiselect':
      if (!Array.isArray(value)) return [`'${variable}' value is expected to be a list.`]
      return value.flatMap((one) => choiceMistakes(question, one))
    default:
      return choiceMistakes(question, value)
  }
}

function sizeMistakes(
  { variable, min, max }: Question,
  { value, size }: { value: unknown; size: number },
): string[] {
  if (min !== '' && min !== null && size < Number(min)) {
    return [`'${variable}' value ${String(value)} is too small (must be at least ${min}).`]
  }
  if (max === '' || max === null || size <= Number(max)) return []
  return [`'${variable}' value ${String(value)} is too large (must be no more than ${max}).`]
}

function choiceMistakes({ variable, choices }: Question, value: unknown): string[] {
  const list = typeof choices === 'string' ? choices.split('\n') : choices
  if (list.includes(String(value))) return []
  return [`Value ${String(value)} for '${variable}' expected to be one of ${JSON.stringify(list)}.`]
}
