import { expect, test } from 'vitest'

import { errorOf, restApi, runModule } from '../fixtures/script-api.ts'
import { scope } from '../fixtures/write-app.ts'

test('module resolution: follows exact paths, also in a circle', async () => {
  const { result } = await runModule(
    `import { b } from './lib/b.ts'
     export function a() { return 'a' }
     export function run() { return b() }`,
    {
      app: {
        modules: {
          'lib/b.ts': `import { a } from '../run.ts'\nexport function b() { return a() + 'b' }`,
        },
      },
    },
  )

  expect(result).toBe('ab')
})

test('module resolution: guesses no extension', async () => {
  const run = await runModule(`import { b } from './lib/b'\nexport function run() { return b() }`, {
    app: { modules: { 'lib/b.ts': 'export function b() { return 1 }' } },
  })

  expect(run.response.status).toBe(500)
  expect(errorOf(run)).toContain(`Cannot find module '${scope}/probe-app/0.1.0/src/server/lib/b'`)
})

test('module resolution: finds packages by the version of package.json', async () => {
  const { result } = await runModule(
    `import { two } from 'twice'\nexport function run() { return two }`,
    {
      app: {
        dependencies: { twice: '2.0.0' },
        packages: {
          'twice/2.0.0/package.json': '{"name":"twice","version":"2.0.0","main":"main.js"}',
          'twice/2.0.0/main.js': 'exports.two = 2',
          'twice/1.0.0/main.js': 'exports.two = 1',
        },
      },
    },
  )

  expect(result).toBe(2)
})

test('module resolution: finds no package that package.json does not name', async () => {
  const run = await runModule(`import { two } from 'twice'\nexport function run() { return two }`)

  expect(errorOf(run)).toContain("Cannot find module 'twice'")
})

test('module resolution: relative requires of scripts start at the package', async () => {
  const { result } = await runModule('export function run() { return 1 }', {
    app: {
      records: restApi({
        'GET /run': { operation_script: `const { run } = require('./src/server/run.ts')\nrun()` },
      }),
    },
  })

  expect(result).toBe(1)
})

test.each([
  ['private fields', 'class A { #p = 1 }', 'private instance fields or methods'],
  ['async class methods', 'class A { async m() {} }', 'async class methods'],
  ['subclasses of Error', 'class A extends Error {}', 'subclassing of Error'],
  ['async generators', 'async function* g() {}', 'async generators'],
  ['new Function', 'const f = () => new Function("return 1")', 'new Function'],
  ['Reflect', 'const k = () => Reflect.ownKeys({})', 'Reflect'],
])('the engine: refuses %s', async (_, code, feature) => {
  const run = await runModule(`${code}\nexport function run() { return 1 }`)

  expect(errorOf(run)).toContain(`the platform's engine has no ${feature}`)
})

test('the engine: has none of the globals of browsers and Node', async () => {
  const names = [
    'URL',
    'TextEncoder',
    'console',
    'fetch',
    'process',
    'Buffer',
    'setTimeout',
    'crypto',
    'WeakRef',
    'SharedArrayBuffer',
    'Atomics',
    'require',
  ]
  const { result } = await runModule(
    `export function run() { return [${names
      .filter((one) => one !== 'require')
      .map((one) => `typeof ${one}`)
      .join(', ')}] }`,
  )

  expect(new Set(result as string[])).toEqual(new Set(['undefined']))
})

test('the engine: generates no code from strings', async () => {
  const run = await runModule(`export function run() { return (0, eval)('1 + 1') }`)

  expect(errorOf(run)).toMatch(/Code generation from strings disallowed/)
})

test('Glide globals are visible in plain scripts and absent in modules', async () => {
  const code = 'export function seen() { return [typeof gs, typeof GlideRecord] }'
  const script = `const { seen } = require('./src/server/run.ts')\nseen().concat([typeof gs, typeof GlideRecord])`
  const { result } = await runModule(code, {
    app: { records: restApi({ 'GET /run': { operation_script: script } }) },
  })

  expect(result).toEqual(['undefined', 'undefined', 'object', 'function'])
})
