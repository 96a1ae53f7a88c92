// `template new`: what it writes can be published at once, whatever the platform calls things.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { templateText } from '../../connector/cli/template-new.ts'
import type { JobDescription } from '../../connector/platforms/driver.ts'
import { parseTemplate } from '../../connector/templates/parse.ts'

const job: JobDescription = {
  job: '42',
  title: 'Résize Volume (prod)',
  description: '',
  parameters: [
    {
      name: 'Target-Host',
      type: 'string',
      required: true,
      label: 'Host',
      default: 'web-1',
      choices: [],
    },
    {
      name: 'size',
      type: 'choice',
      required: false,
      label: '',
      default: 'small',
      choices: ['small', 'big'],
    },
    {
      name: 'token',
      type: 'secret',
      required: true,
      label: 'Token',
      default: 'never',
      choices: [],
    },
  ],
}

describe('a new template', () => {
  it('has the parameters of the job under names of its own, and no secret in the file', () => {
    const text = templateText(job, { platform: 'awx', table: 'incident' })
    const parsed = parseTemplate('new.yaml', text)

    expect(parsed.ok ? [] : parsed.problems).toEqual([])
    expect(parsed.ok ? parsed.loaded.template : null).toMatchObject({
      name: 'resize-volume-prod',
      platform: 'awx',
      job: '42',
      names: { target_host: 'Target-Host' },
      parameters: [
        { name: 'target_host', required: true, default: 'web-1' },
        { name: 'size', label: 'size', choices: [{ value: 'small' }, { value: 'big' }] },
        { name: 'token', type: 'secret' },
      ],
    })
    expect(text).not.toContain('never')
  })

  it('can be published for any title', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (title) => {
        fc.pre(title.trim() !== '' && title.isWellFormed() && !title.includes('\0'))
        const text = templateText({ ...job, title }, { platform: 'awx', table: 'incident' })

        const parsed = parseTemplate('new.yaml', text)

        expect(parsed.ok ? [] : parsed.problems).toEqual([])
      }),
    )
  })
})
