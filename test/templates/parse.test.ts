import { describe, expect, test } from 'vitest'

import { digestOf, parseTemplate } from '../../connector/templates/parse.ts'
import { sampleYaml } from './sample.ts'

interface Broken {
  name: string
  /** Text of the file, or the change of the sample that breaks it. */
  text: string | [find: string, replace: string]
  line: number
  column?: number
  path: string
  reason: RegExp
  hint: RegExp
}

const parameterLine = '    label: Folder\n'

const broken: Broken[] = [
  { name: 'an empty file', text: '', line: 1, path: '', reason: /empty/, hint: /remove the file/ },
  {
    name: 'a file of comments',
    text: '# later\n',
    line: 1,
    path: '',
    reason: /empty/,
    hint: /Write/,
  },
  {
    name: 'a list instead of a template',
    text: '- name: x\n',
    line: 1,
    path: '',
    reason: /expected object, received array/,
    hint: /Correct/,
  },
  {
    name: 'a tab as indentation',
    text: ['    when: category', '\twhen: category'],
    line: 8,
    path: '',
    reason: /Tabs/,
    hint: /spaces/,
  },
  {
    name: 'an open quote',
    text: ["'/[a-z/]+'", "'/[a-z/]+"],
    line: 16,
    path: '',
    reason: /closing 'quote/,
    hint: /YAML/,
  },
  {
    name: 'the same key twice',
    text: ['platform: local', 'title: Again'],
    line: 4,
    column: 1,
    path: '',
    reason: /same key twice/,
    hint: /Remove one/,
  },
  {
    name: 'a second document',
    text: `${sampleYaml}---\n${sampleYaml}`,
    line: 27,
    path: '',
    reason: /second document/,
    hint: /One template per file/,
  },
  {
    name: 'a tag',
    text: ['title: Free disk space', 'title: !!js/function "x"'],
    line: 2,
    path: '',
    reason: /tag/i,
    hint: /plain values/,
  },
  {
    name: 'an unknown key',
    text: [parameterLine, `${parameterLine}    lable: x\n`],
    line: 14,
    column: 5,
    path: 'parameters[0].lable',
    reason: /unknown key "lable"/,
    hint: /label/,
  },
  {
    name: 'a missing key',
    text: [parameterLine, ''],
    line: 11,
    column: 5,
    path: 'parameters[0].label',
    reason: /label is missing/,
    hint: /Add label/,
  },
  {
    name: 'a missing top-level key',
    text: ['job: free-disk-space.sh\n', ''],
    line: 1,
    path: 'job',
    reason: /job is missing/,
    hint: /platform's own reference/,
  },
  {
    name: 'a wrong name',
    text: ['name: free-disk-space', 'name: Free Disk'],
    line: 1,
    path: 'name',
    reason: /kebab-case/,
    hint: /Correct/,
  },
  {
    name: 'an unknown trigger',
    text: ['[manual, created]', '[manual, opened]'],
    line: 9,
    column: 23,
    path: 'match[0].trigger[1]',
    reason: /must be one of manual, created, updated, ordered/,
    hint: /Correct/,
  },
  {
    name: 'an unknown type',
    text: ['type: integer', 'type: int'],
    line: 18,
    path: 'parameters[1].type',
    reason: /must be one of string, text, integer/,
    hint: /Correct/,
  },
  {
    name: 'a second parameter of the same name',
    text: ['name: days', 'name: path'],
    line: 17,
    path: 'parameters[1].name',
    reason: /second parameter "path"/,
    hint: /name of its own/,
  },
  {
    name: 'a default outside the limits',
    text: ['default: 7', 'default: 0'],
    line: 20,
    path: 'parameters[1].default',
    reason: /must be at least 1/,
    hint: /default or the limits/,
  },
  {
    name: 'a default of another type',
    text: ['default: 7', 'default: soon'],
    line: 20,
    path: 'parameters[1].default',
    reason: /whole number/,
    hint: /default/,
  },
  {
    name: 'a default that differs from the pattern',
    text: ['default: /var/log', 'default: var'],
    line: 15,
    path: 'parameters[0].default',
    reason: /must look like/,
    hint: /default/,
  },
  {
    name: 'min above max',
    text: ['max: 365', 'max: 0.5'],
    line: 21,
    path: 'parameters[1].min',
    reason: /min 1 is larger than max 0.5/,
    hint: /Swap/,
  },
  {
    name: 'a pattern that does not compile',
    text: ["'/[a-z/]+'", "'/[a-z/+'"],
    line: 16,
    path: 'parameters[0].pattern',
    reason: /Invalid regular expression/,
    hint: /single quotes/,
  },
  {
    name: 'a pattern that only compiles inside a group',
    text: ["'/[a-z/]+'", "'a)(b'"],
    line: 16,
    path: 'parameters[0].pattern',
    reason: /Invalid regular expression/,
    hint: /ECMAScript/,
  },
  {
    name: 'a limit that means nothing for the type',
    text: ['    min: 1\n', '    min_length: 1\n'],
    line: 21,
    path: 'parameters[1].min_length',
    reason: /means nothing for type integer/,
    hint: /Remove it/,
  },
  {
    name: 'a choice without choices',
    text: ['type: integer', 'type: choice'],
    line: 18,
    path: 'parameters[1].type',
    reason: /needs choices/,
    hint: /Add choices/,
  },
  {
    name: 'a secret with a default',
    text: ['    type: string\n', '    type: secret\n'],
    line: 14,
    path: 'parameters[0].from',
    reason: /secret may not stand in a file/,
    hint: /types a secret in/,
  },
  {
    name: 'a from that does not parse',
    text: ['from: fields.u_path', 'from: fields.('],
    line: 14,
    path: 'parameters[0].from',
    reason: /Expected .* \(at character \d+ of the expression\)/,
    hint: /JSONata/,
  },
  {
    name: 'a from that starts from nothing',
    text: ['from: fields.u_path', 'from: $uppercase(field.u_path)'],
    line: 14,
    path: 'parameters[0].from',
    reason: /starts from "field"/,
    hint: /fields\.short_description/,
  },
  {
    name: 'a note that is not an expression',
    text: [`'"Freed " & parameters.path'`, 'All done'],
    line: 26,
    path: 'outcome.succeeded.note',
    reason: /at character/,
    hint: /quotes inside/,
  },
  {
    name: 'a parameter that nobody can fill',
    text: ['    default: 7\n', '    editable: false\n'],
    line: 20,
    path: 'parameters[1].editable',
    reason: /never has a value/,
    hint: /from or default/,
  },
  {
    name: 'a required parameter without a person to enter it',
    text: sampleYaml
      .replace('[manual, created]', '[created]')
      .replace('    default: 7\n', '    required: true\n'),
    line: 20,
    path: 'parameters[1].required',
    reason: /no rule has the trigger manual/,
    hint: /trigger manual/,
  },
  {
    name: 'text that cannot be stored',
    text: ['title: Free disk space', String.raw`title: "a\0b"`],
    line: 2,
    path: 'title',
    reason: /NUL/,
    hint: /Remove/,
  },
]

function textOf({ text }: Broken): string {
  if (typeof text === 'string') return text
  const changed = sampleYaml.replace(text[0], () => text[1])
  if (changed === sampleYaml) throw new Error(`the sample has no ${text[0]}`)
  return changed
}

describe('a broken template file', () => {
  test.each(broken)('names line, path, reason and next step of $name', (entry) => {
    const result = parseTemplate('broken.yaml', textOf(entry))

    expect(result.ok).toBe(false)
    const problems = result.ok ? [] : result.problems
    expect(problems).toContainEqual(
      expect.objectContaining({
        file: 'broken.yaml',
        line: entry.line,
        column: entry.column ?? expect.any(Number),
        path: entry.path,
        reason: expect.stringMatching(entry.reason),
        hint: expect.stringMatching(entry.hint),
      }),
    )
  })

  test('has all its mistakes named at once', () => {
    const text = sampleYaml.replace('default: 7', 'default: 0').replace('fields.u_path', 'fields.(')

    const result = parseTemplate('a.yaml', text)

    expect(result.ok ? [] : result.problems.map(({ path }) => path)).toEqual([
      'parameters[0].from',
      'parameters[1].default',
    ])
  })

  test.each([
    ['aliases that multiply', laughs(), /Excessive alias count/],
    ['nesting deeper than the stack', '['.repeat(100_000), /and \d+ more mistakes/],
    ['a prototype key', sampleYaml + '__proto__: {a: 1}\n', /unknown key "__proto__"/],
  ])('of %s is refused without harm', (_name, text, reason) => {
    const result = parseTemplate('a.yaml', text)

    expect(result.ok ? [] : result.problems).toContainEqual(
      expect.objectContaining({ reason: expect.stringMatching(reason) }),
    )
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
  })
})

function laughs(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let depth = 1; depth < 9; depth++) {
    lines.push(
      `a${depth}: &a${depth} [${Array(9)
        .fill(`*a${depth - 1}`)
        .join(', ')}]`,
    )
  }
  return lines.join('\n')
}

describe('a good template file', () => {
  test('gives the template with its defaults', () => {
    const result = parseTemplate('a.yaml', sampleYaml)

    expect(result.ok && result.loaded.template).toMatchObject({
      name: 'free-disk-space',
      priority: 100,
      timeout: '30m',
      permissions: { roles: [], groups: [], users: [] },
      parameters: [
        { name: 'path', editable: true, required: false },
        { name: 'days', default: 7 },
      ],
      outcome: { failed: {} },
    })
  })

  test('may use an anchor', () => {
    const text = sampleYaml
      .replace('title: Free disk space', 'title: &title Free disk space')
      .replace('description: Deletes old files below a folder.', 'description: *title')

    const result = parseTemplate('a.yaml', text)

    expect(result.ok && result.loaded.template.description).toBe('Free disk space')
  })

  test('may start with a byte order mark and use Windows line ends', () => {
    const result = parseTemplate('a.yaml', '\uFEFF' + sampleYaml.replaceAll('\n', '\r\n'))

    expect(result.ok).toBe(true)
  })

  test('has the same digest however it is written, and another for another content', () => {
    const result = parseTemplate('a.yaml', sampleYaml)
    const lines = sampleYaml.split('\n')
    const moved = [...lines.slice(1, 5), lines[0], '# comment', ...lines.slice(5)].join('\n')
    const again = parseTemplate(
      'b.yaml',
      moved.replace('title: Free disk space', "title: 'Free disk space'"),
    )
    const other = parseTemplate('c.yaml', sampleYaml.replace('max: 365', 'max: 366'))
    if (!result.ok || !again.ok || !other.ok) throw new Error('a sample is broken')

    expect(result.loaded.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(again.loaded.digest).toBe(result.loaded.digest)
    expect(other.loaded.digest).not.toBe(result.loaded.digest)
    expect(digestOf(structuredClone(result.loaded.template))).toBe(result.loaded.digest)
  })
})
