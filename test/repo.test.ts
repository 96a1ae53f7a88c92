// The repository's own promises: what README lists exists, registries match their folders, and the top level
// stays as small as it is.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { problemCodes } from '#shared/problem.ts'

import { driverTypes } from '../connector/platforms/index.ts'

const readme = readFileSync('README.md', 'utf8')

/** Files git knows, as a fresh clone has them. */
const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trim().split('\n')

function errorCodes(): string[] {
  const source = readFileSync('connector/errors.ts', 'utf8')
  const union = source.slice(
    source.indexOf('export type ErrorCode'),
    source.indexOf('/** Options of a'),
  )
  return [...union.matchAll(/'([a-z_]+)'/g)].map((match) => match[1] ?? '')
}

describe('README', () => {
  it.each([...problemCodes])('explains the answer code %s', (code) => {
    expect(readme).toContain(`\`${code}\``)
  })

  it.each(errorCodes())('explains the error code %s', (code) => {
    expect(readme).toContain(`\`${code}\``)
  })

  it.each(
    readdirSync('connector/checks').filter((name) => !['check.ts', 'index.ts'].includes(name)),
  )('has a row for the check %s', (name) => {
    expect(readme).toContain(`| \`${name.replace('.ts', '')}\` |`)
  })

  it.each([...driverTypes.keys()])('has a row for the platform type %s', (type) => {
    expect(readme).toMatch(new RegExp(`^\\| \`${type}\`.*\\|$`, 'm'))
  })

  it('names only files that exist', () => {
    const named = [
      ...readme.matchAll(/`((?:connector|shared|now-app|test)\/[\w./-]+\.(?:ts|yaml|mjs))`/g),
    ]
    const missing = named.map((match) => match[1] ?? '').filter((path) => !tracked.includes(path))

    expect(named.length).toBeGreaterThan(10)
    expect(missing).toEqual([])
  })
})

describe('the repository', () => {
  it('has the fixed top level', () => {
    const top = new Set(
      tracked.map((path) => path.split('/')[0] ?? '').filter((name) => !name.startsWith('.')),
    )

    expect([...top].toSorted()).toEqual(
      [
        'Dockerfile',
        'LICENSE',
        'README.md',
        'connector',
        'now-app',
        'package-lock.json',
        'package.json',
        'shared',
        'test',
        'tsconfig.json',
      ].toSorted(),
    )
  })

  it('pins every dependency exactly', () => {
    const versions = ['package.json', 'now-app/package.json'].flatMap((path) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(path, 'utf8'))
      return Object.values({ ...dependencies, ...devDependencies })
    })

    expect(versions.length).toBeGreaterThan(20)
    expect(
      versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version))),
    ).toEqual([])
  })

  it('holds no secret and no build result', () => {
    const wrong = tracked.filter((path) =>
      /(^|\/)(\.env|\.data|dist|target|node_modules)(\/|$)/.test(path),
    )

    expect(wrong).toEqual([])
  })
})
