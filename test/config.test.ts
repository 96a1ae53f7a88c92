import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'

import { describe, expect, test } from 'vitest'

import { loadConfig } from '../connector/config.ts'
import type { Config } from '../connector/config.ts'
import { createLog } from '../connector/log.ts'
import { testEnv, testInstance, testSecret, testUrl, writeConfigFile } from './support/config.ts'

function load(
  content: Record<string, unknown> | string,
  env: Record<string, string | undefined> = {},
): Config {
  return loadConfig({ CONFIG_FILE: writeConfigFile(content), ...testEnv, ...env })
}

/** The message of the refusal, one problem a line. */
function problemsOf(
  content: Record<string, unknown> | string,
  env: Record<string, string | undefined> = {},
): string[] {
  try {
    load(content, env)
  } catch (error) {
    expect(error).toMatchObject({ code: 'config_invalid' })
    return String(error)
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^- \S*connector\.yaml/, 'connector.yaml'))
  }
  throw new Error('the settings were accepted')
}

function withInstance(changes: Record<string, unknown>): Record<string, unknown> {
  return { instances: [{ ...testInstance(), ...changes }] }
}

function withKey(key: Record<string, unknown>): Record<string, unknown> {
  return withInstance({
    keys: [{ kid: 'k1', alg: 'HS256', secret: { env: 'ACME_SECRET' }, ...key }],
  })
}

describe('good settings', () => {
  test('need little', () => {
    const config = load({ instances: [testInstance()] })

    expect(config).toMatchObject({
      audience: 'ticket-automation',
      host: '127.0.0.1',
      port: 4310,
      logLevel: 'info',
      databaseUrl: null,
      platforms: {},
      templatesDir: join(process.cwd(), 'templates'),
      dataDir: join(process.cwd(), '.data'),
    })
    expect(config.instances[0]).toMatchObject({
      url: testUrl,
      oauth: { tokenUrl: `${testUrl}/oauth_token.do` },
    })
  })

  test('keep what belongs to a platform for its driver', () => {
    const local = { type: 'local', jobs_dir: 'jobs', concurrency: 4 }

    expect(load({ instances: [testInstance()], platforms: { local } }).platforms).toEqual({ local })
  })

  test('read secrets from files beside connector.yaml', () => {
    const path = writeConfigFile(withKey({ secret: { file: 'acme.key' } }))
    writeFileSync(join(dirname(path), 'acme.key'), `${testSecret}\n`)

    const config = loadConfig({ CONFIG_FILE: path, ...testEnv })

    expect(config.instances[0]?.keys[0]?.material.reveal()).toBe(testSecret)
  })

  test('sign with the marked key, or with the first HS256 key', () => {
    const keys = ['a', 'b'].map((kid) => ({ kid, alg: 'HS256', secret: { env: 'ACME_SECRET' } }))
    const marked = [keys[0], { ...keys[1], signs: true }]

    expect(load(withInstance({ keys })).instances[0]?.signingKey.kid).toBe('a')
    expect(load(withInstance({ keys: marked })).instances[0]?.signingKey.kid).toBe('b')
  })

  test('take the templates folder from the file, and rather from the environment', () => {
    const file = { instances: [testInstance()], templates_dir: 'mine' }
    const config = load(file)

    expect(config.templatesDir).toBe(join(config.baseDir, 'mine'))
    expect(load(file, { TEMPLATES_DIR: '/srv/t' }).templatesDir).toBe('/srv/t')
  })

  test('name a place of the file', () => {
    const config = load({ instances: [testInstance()], platforms: { local: { type: 'local' } } })

    expect(config.locate(['platforms', 'local', 'jobs_dir'])).toMatch(
      /connector\.yaml:\d+ platforms\.local\.jobs_dir$/,
    )
  })
})

describe('secrets', () => {
  test('are not shown by printing, JSON or the log', () => {
    const config = load({ instances: [testInstance()] }, { DATABASE_URL: 'postgresql://u:pw@h/d' })
    const lines: string[] = []
    createLog('info', { write: (line) => lines.push(line) }).info({ config }, 'x')
    const shown = [
      inspect(config, { depth: 9 }),
      JSON.stringify(config),
      String(config.databaseUrl),
    ]

    expect(lines).toHaveLength(1)
    for (const text of [...shown, ...lines]) {
      expect(text).not.toContain(testSecret)
      expect(text).not.toContain('oauth-secret')
      expect(text).not.toContain('pw@')
    }
  })
})

describe('refused, with place and remedy', () => {
  test('everything wrong at once', () => {
    const problems = problemsOf(
      withInstance({ keys: [{ kid: 'k 1', alg: 'HS512' }], colour: 'blue' }),
      { PORT: '99999', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x' },
    )

    expect(problems).toEqual([
      expect.stringContaining('PORT: must be a whole number from 0 to 65535, not "99999"'),
      expect.stringContaining('LOG_LEVEL: must be one of'),
      expect.stringContaining('DATABASE_URL: must start with postgresql://'),
      expect.stringMatching(/connector\.yaml:6 instances\[0\]\.keys\[0\]\.kid: must be/),
      expect.stringMatching(/connector\.yaml:7 instances\[0\]\.keys\[0\]\.alg: /),
      expect.stringMatching(/connector\.yaml:\d+ instances\[0\]\.colour: there is no such setting/),
    ])
  })

  test('a file that is not there', () => {
    expect(() => loadConfig({ CONFIG_FILE: '/nowhere/connector.yaml' })).toThrow(
      /CONFIG_FILE: cannot read \/nowhere\/connector\.yaml/,
    )
  })

  test('a file that is not YAML, and one that says something twice', () => {
    expect(problemsOf('instances: [\n  {')[0]).toMatch(/connector\.yaml:1: line \d/)
    expect(problemsOf('audience: a\naudience: b\n')[0]).toMatch(/line 2: Map keys must be unique/)
  })

  test('an empty file', () => {
    expect(problemsOf('')).toEqual([
      expect.stringContaining('instances: is missing; it must be a array'),
    ])
  })

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a variable that is not set',
      { secret: { env: 'NOT_SET' } },
      /keys\[0\]\.secret\.env: the environment variable NOT_SET is not set/,
    ],
    [
      'a file that cannot be read',
      { secret: { file: 'missing.key' } },
      /keys\[0\]\.secret\.file: cannot read .*missing\.key/,
    ],
    ['two sources of one secret', { secret: { env: 'A', file: 'b' } }, /exactly one of them/],
    ['no source', { secret: {} }, /exactly one of them/],
    ['no secret', { secret: undefined }, /a key with alg HS256 needs secret/],
    ['a public key for HS256', { public_key: { env: 'A' } }, /has no public_key; remove it/],
    ['RS256 without its key', { alg: 'RS256', secret: undefined }, /alg RS256 needs public_key/],
    [
      'RS256 that should sign',
      { alg: 'RS256', secret: undefined, public_key: { env: 'A' }, signs: true },
      /keys\[0\]\.signs: status updates are signed with an HS256 key/,
    ],
  ])('%s', (_name, key, expected) => {
    expect(problemsOf(withKey(key)).join('\n')).toMatch(expected)
  })

  test.each([
    [
      'a short HS256 key',
      randomBytes(31).toString('base64'),
      /has 248 bits and needs at least 256/,
    ],
    ['a key that is no base64', 'correct horse battery staple', /is not base64/],
  ])('%s', (_name, value, expected) => {
    expect(problemsOf(withKey({}), { ACME_SECRET: value })[0]).toMatch(expected)
  })

  test('a private, short or other key where a public RSA key belongs', () => {
    const hs = { kid: 'hs', alg: 'HS256', secret: { env: 'ACME_SECRET' } }
    const rs = { kid: 'rs', alg: 'RS256', public_key: { env: 'PEM' } }
    const good = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const spki = { type: 'spki', format: 'pem' } as const
    function pem(PEM: string): string | undefined {
      return problemsOf(withInstance({ keys: [hs, rs] }), { PEM })[0]
    }

    expect(pem(good.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toMatch(
      /is a private key/,
    )
    expect(pem(short.publicKey.export(spki).toString())).toMatch(/has 1024 bits/)
    expect(pem(curve.publicKey.export(spki).toString())).toMatch(/is not an RSA key/)
    expect(pem('hello')).toMatch(/is not a public key in PEM form/)
  })

  test('an instance without a key to sign with, and one with two', () => {
    const keys = ['a', 'b'].map((kid) => ({
      kid,
      alg: 'HS256',
      secret: { env: 'ACME_SECRET' },
      signs: true,
    }))
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const rs = [{ kid: 'rs', alg: 'RS256', public_key: { env: 'PEM' } }]

    expect(problemsOf(withInstance({ keys }))[0]).toMatch(/keys\[1\]\.signs: only one key may sign/)
    expect(problemsOf(withInstance({ keys: rs }), { PEM })[0]).toMatch(/needs an HS256 key/)
  })

  test('names, issuers, addresses and key ids used twice', () => {
    const twice = problemsOf({ instances: [testInstance(), testInstance()] })

    expect(twice.map((line) => /(\w+): "/.exec(line)?.[1])).toEqual([
      'name',
      'issuer',
      'url',
      'kid',
    ])
  })

  test.each([
    ['http://acme.service-now.com', /must be https/],
    ['https://acme.service-now.com/now', /must be the address alone/],
    ['https://user:pw@acme.service-now.com', /must not hold a user name/],
    ['acme.service-now.com', /url: /],
  ])('the address %s', (url, expected) => {
    expect(problemsOf(withInstance({ url })).join('\n')).toMatch(expected)
  })
})
