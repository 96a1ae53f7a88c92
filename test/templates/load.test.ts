import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { loadTemplateFolder, maxTemplateFileBytes } from '../../connector/templates/load.ts'
import { sampleYaml, yamlNamed } from './sample.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'templates-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true })
})

async function put(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content)
}

async function names(): Promise<string[]> {
  const { templates } = await loadTemplateFolder(dir)
  return templates.map(({ template }) => template.name)
}

test('reads .yaml and .yml in the order of their names and nothing else', async () => {
  await put({
    'b.yml': yamlNamed('second'),
    'a.yaml': yamlNamed('first'),
    '.hidden.yaml': 'broken: [',
    'a.yaml~': 'broken: [',
    'README.md': 'broken: [',
  })

  const { templates, problems } = await loadTemplateFolder(dir)

  expect(problems).toEqual([])
  expect(templates.map(({ file, template }) => [file, template.name])).toEqual([
    ['a.yaml', 'first'],
    ['b.yml', 'second'],
  ])
})

test('uses the good files beside broken ones', async () => {
  await put({
    'a.yaml': 'name: [',
    'b.yaml': yamlNamed('good'),
    'c.yaml': sampleYaml.replace('platform', 'plattform'),
    'd.yaml': Uint8Array.of(0x6e, 0xff, 0xfe),
    'e.yaml': ' '.repeat(maxTemplateFileBytes + 1),
    'g.yaml': yamlNamed('another'),
  })
  await mkdir(join(dir, 'f.yaml'))
  await symlink(join(dir, 'nowhere'), join(dir, 'h.yaml'))
  execFileSync('mkfifo', [join(dir, 'i.yaml')])

  const { templates, problems } = await loadTemplateFolder(dir)

  expect(templates.map(({ template }) => template.name)).toEqual(['good', 'another'])
  const reasons = new Map(problems.map(({ file, reason }) => [file, reason]))
  expect(reasons.get('a.yaml')).toMatch(/flow/i)
  expect(problems.filter(({ file }) => file === 'c.yaml').map(({ reason }) => reason)).toEqual([
    'platform is missing',
    'unknown key "plattform"',
  ])
  expect(reasons.get('d.yaml')).toBe('not UTF-8 text')
  expect(reasons.get('e.yaml')).toBe('larger than 256 KB')
  expect(reasons.get('f.yaml')).toBe('not a file')
  expect(reasons.get('h.yaml')).toMatch(/ENOENT/)
  expect(reasons.get('i.yaml')).toBe('not a file')
})

test('refuses the later of two files with the same template and names both', async () => {
  await put({ 'a.yaml': sampleYaml, 'b.yaml': `# copy\n${sampleYaml}` })

  const { templates, problems } = await loadTemplateFolder(dir)

  expect(templates.map(({ file }) => file)).toEqual(['a.yaml'])
  expect(problems).toEqual([
    {
      file: 'b.yaml',
      line: 2,
      column: 1,
      path: 'name',
      reason: 'the template "free-disk-space" is already in a.yaml, so b.yaml is not used',
      hint: 'Give one of the two another name, or remove b.yaml or a.yaml.',
    },
  ])
})

test('follows links, as mounted configuration has them', async () => {
  await mkdir(join(dir, '..data'))
  await writeFile(join(dir, '..data', 'a.yaml'), yamlNamed('linked'))
  await symlink(join('..data', 'a.yaml'), join(dir, 'a.yaml'))

  expect(await names()).toEqual(['linked'])
})

test('says which folder it cannot read', async () => {
  await expect(loadTemplateFolder(join(dir, 'missing'))).rejects.toMatchObject({
    code: 'template_invalid',
    message: expect.stringContaining(join(dir, 'missing')),
  })
})
