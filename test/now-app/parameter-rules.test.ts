import { describe, expect, it } from 'vitest'

import { Parameter } from '#shared/job-template.ts'

import { checkParameters } from '../../now-app/src/server/parameter-rules.ts'

function parameter(more: Record<string, unknown>): Parameter {
  return Parameter.parse({ name: 'value', type: 'string', label: 'Value', ...more })
}

describe('parameter rules', () => {
  it.each([
    [{}, 'x', null],
    [{ required: true }, undefined, 'Value is required.'],
    [{ required: true }, '', 'Value is required.'],
    [{ required: true }, null, 'Value is required.'],
    [{}, null, null],
    [{}, 5, 'Value must be text.'],
    [{ type: 'integer' }, 5, null],
    [{ type: 'integer' }, 5.5, 'Value must be a whole number.'],
    [{ type: 'integer' }, 'five', 'Value must be a number.'],
    [{ type: 'integer', min: 6 }, 5, 'Value must be 6 or more.'],
    [{ type: 'number', max: 4.5 }, 5, 'Value must be 4.5 or less.'],
    [{ type: 'number' }, Number.NaN, 'Value must be a number.'],
    [{ type: 'boolean' }, false, null],
    [{ type: 'boolean' }, 'yes', 'Value must be yes or no.'],
    [{ type: 'choice', choices: [{ value: 'a', label: 'A' }] }, 'a', null],
    [
      { type: 'choice', choices: [{ value: 'a', label: 'A' }] },
      'b',
      'Value must be one of the choices.',
    ],
    [{ min_length: 2 }, '😀', 'Value must have 2 characters or more.'],
    [{ max_length: 2 }, '😀😀', null],
    [{ max_length: 2 }, 'abc', 'Value must have 2 characters or fewer.'],
    [{ pattern: '/var/.+' }, '/var/log', null],
    [{ pattern: '/var/.+' }, 'x/var/log', 'Value must have the form /var/.+'],
    [{ pattern: 'a|b' }, 'ab', 'Value must have the form a|b'],
    [{ type: 'secret', min_length: 3 }, 'xy', 'Value must have 3 characters or more.'],
  ])('%j with %j: %s', (more, value, message) => {
    const errors = checkParameters([parameter(more)], value === undefined ? {} : { value })

    expect(errors).toEqual(message === null ? [] : [{ name: 'value', message }])
  })

  it('refuses a value that no parameter asks for', () => {
    expect(checkParameters([], { other: 1 })).toEqual([
      { name: 'other', message: 'other is no parameter of this automation.' },
    ])
  })

  it('never repeats a secret in its message', () => {
    const errors = checkParameters([parameter({ type: 'secret', pattern: '[0-9]+' })], {
      value: 'hunter2',
    })

    expect(errors).toHaveLength(1)
    expect(JSON.stringify(errors)).not.toContain('hunter2')
  })
})
