// The settings: environment plus connector.yaml. The only file that reads the environment. A wrong
// setting stops the start; all of them are named at once, each with its place and what to do.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { parseConfigFile } from './config-file.ts'
import type { ConfigFile, ConfigProblem, ParsedFile, SecretSource } from './config-file.ts'
import { ConnectorError, messageOf } from './errors.ts'
import { logLevels } from './log.ts'
import type { LogLevel } from './log.ts'
import { policyMistakes } from './policy-mistakes.ts'
import type { Policy } from './policy.ts'
import { createSecret, hideValues } from './secret.ts'
import type { Secret } from './secret.ts'
import { publicKeyProblem, secretProblem } from './security/key-strength.ts'

/** A key that verifies what an instance signed (and, HS256, signs what goes back). */
export interface InstanceKey {
  kid: string
  alg: 'HS256' | 'RS256'
  /** HS256: the key in base64. RS256: the public key as PEM. */
  material: Secret
}

/** One ServiceNow instance. */
export interface Instance {
  name: string
  /** `iss` of its signatures. */
  issuer: string
  /** Origin without a trailing slash; `source` of its events. */
  url: string
  keys: readonly InstanceKey[]
  /** The key of `keys` that signs status updates. */
  signingKey: InstanceKey
  oauth: { clientId: string; clientSecret: Secret; tokenUrl: string }
}

/** Settings of a platform: `type` names the driver, which checks the rest with its own schema. */
interface PlatformSettings {
  type: string
  [option: string]: unknown
}

/** All settings. */
export interface Config {
  /** `aud` of events, `iss` of status updates. */
  audience: string
  instances: readonly Instance[]
  platforms: Readonly<Record<string, PlatformSettings>>
  /** The company's own rules for all templates. */
  policy: Policy
  /** Absolute path. */
  templatesDir: string
  /** Absolute path. */
  dataDir: string
  /** Null = the embedded database under dataDir. */
  databaseUrl: Secret | null
  host: string
  /** 0 = a free one. */
  port: number
  logLevel: LogLevel
  /** Folder of connector.yaml: relative paths inside it start here. */
  baseDir: string
  /** What the process was started with; a driver passes on only what its options name. */
  environment: NodeJS.ProcessEnv
  /** Names a place in connector.yaml for a message: `connector.yaml:12 platforms.local.jobs_dir`. */
  locate(path: readonly PropertyKey[]): string
}

/** Reads one setting each and remembers what was wrong. */
interface Reader {
  env: NodeJS.ProcessEnv
  baseDir: string
  problems: string[]
  /** Notes a problem at a place of connector.yaml. */
  wrong(path: readonly PropertyKey[], message: string): void
}

/**
 * Reads and checks all settings.
 * Throws ConnectorError `config_invalid` that lists every wrong setting.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const path = resolve(env['CONFIG_FILE'] || 'connector.yaml')
  const file = parseConfigFile(readConfigFile(path), path)
  const reader: Reader = {
    env,
    baseDir: dirname(path),
    problems: [],
    wrong: (at, message) => reader.problems.push(`${file.locate(at)}: ${message}`),
  }
  const settings = readEnvironment(reader)
  const instances = readFile(reader, file)
  if (reader.problems.length > 0 || file.value === null) {
    const list = reader.problems.map((problem) => `\n- ${problem}`).join('')
    throw new ConnectorError('config_invalid', `settings are wrong:${list}`)
  }
  return {
    ...settings,
    audience: file.value.audience,
    instances,
    platforms: file.value.platforms,
    policy: file.value.policy,
    templatesDir: templatesDir(reader, file.value),
    baseDir: reader.baseDir,
    environment: hideValues(env),
    locate: (path) => file.locate(path),
  }
}

function readConfigFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConnectorError(
      'config_invalid',
      `settings are wrong:\n- CONFIG_FILE: cannot read ${path} (${messageOf(error)}); set CONFIG_FILE to the path of your connector.yaml`,
      { cause: error },
    )
  }
}

function templatesDir(reader: Reader, file: ConfigFile): string {
  const fromEnv = reader.env['TEMPLATES_DIR']
  if (fromEnv) return resolve(fromEnv)
  return file.templates_dir === undefined
    ? resolve('templates')
    : resolve(reader.baseDir, file.templates_dir)
}

function readEnvironment(
  reader: Reader,
): Pick<Config, 'databaseUrl' | 'dataDir' | 'host' | 'port' | 'logLevel'> {
  const { env, problems } = reader
  const port = Number(env['PORT'] || '4310')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    problems.push(`PORT: must be a whole number from 0 to 65535, not "${env['PORT']}"`)
  }
  const wanted = env['LOG_LEVEL'] || 'info'
  const logLevel = logLevels.find((level) => level === wanted)
  if (logLevel === undefined) {
    problems.push(`LOG_LEVEL: must be one of ${logLevels.join(', ')}, not "${wanted}"`)
  }
  const databaseUrl = env['DATABASE_URL'] || null
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push('DATABASE_URL: must start with postgresql:// (unset = the embedded database)')
  }
  return {
    port,
    host: env['HOST'] || '127.0.0.1',
    logLevel: logLevel ?? 'info',
    dataDir: resolve(env['DATA_DIR'] || '.data'),
    databaseUrl: databaseUrl === null ? null : createSecret(databaseUrl),
  }
}

function readFile(reader: Reader, file: ParsedFile): Instance[] {
  for (const { path, message } of file.problems) reader.wrong(path, message)
  if (file.value === null) return []
  const mistakes = [...repeats(file.value), ...policyMistakes(file.value.policy)]
  for (const { path, message } of mistakes) reader.wrong(path, message)
  return file.value.instances.map((instance, index) =>
    readInstance(reader, instance, ['instances', index]),
  )
}

/** Names that stand twice where each must be one of its kind. */
function repeats(file: ConfigFile): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const seen = new Set<string>()
  function once(kind: string, value: string, path: readonly PropertyKey[]): void {
    const key = `${kind} ${value}`
    if (seen.has(key)) {
      problems.push({ path, message: `"${value}" is used twice; each ${kind} must be unique` })
    }
    seen.add(key)
  }
  file.instances.forEach((instance, index) => {
    for (const field of ['name', 'issuer', 'url'] as const) {
      const value = field === 'url' ? originOf(instance.url) : instance[field]
      once(field, value, ['instances', index, field])
    }
    instance.keys.forEach((key, position) => {
      once('kid', key.kid, ['instances', index, 'keys', position, 'kid'])
    })
  })
  return problems
}

function readInstance(
  reader: Reader,
  instance: ConfigFile['instances'][number],
  path: readonly PropertyKey[],
): Instance {
  const { oauth } = instance
  checkUrl(reader, instance.url, { path: [...path, 'url'], originOnly: true })
  if (oauth.token_url !== undefined) {
    checkUrl(reader, oauth.token_url, { path: [...path, 'oauth', 'token_url'], originOnly: false })
  }
  const keys = instance.keys.map((key, index) => readKey(reader, key, [...path, 'keys', index]))
  const signing = instance.keys.flatMap((key, index) => (key.signs === true ? [index] : []))
  const chosen = signing[0] ?? instance.keys.findIndex((key) => key.alg === 'HS256')
  const signingKey = keys[chosen]
  if (signing.length > 1) {
    reader.wrong([...path, 'keys', signing[1] ?? 0, 'signs'], 'only one key may sign')
  }
  if (signingKey === undefined) {
    reader.wrong([...path, 'keys'], 'needs an HS256 key to sign status updates with')
  }
  const url = originOf(instance.url)
  return {
    name: instance.name,
    issuer: instance.issuer,
    url,
    keys,
    // Without one the problem noted above stops the start before anybody sees this value.
    signingKey: signingKey ?? { kid: '', alg: 'HS256', material: createSecret('') },
    oauth: {
      clientId: oauth.client_id,
      clientSecret: readSecret(reader, oauth.client_secret, [...path, 'oauth', 'client_secret']),
      tokenUrl: oauth.token_url ?? `${url}/oauth_token.do`,
    },
  }
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

function checkUrl(
  reader: Reader,
  text: string,
  rule: { path: readonly PropertyKey[]; originOnly: boolean },
): void {
  const url = new URL(text)
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) {
    reader.wrong(rule.path, 'must be https:// (http:// only for this machine itself)')
  }
  if (url.username !== '' || url.password !== '') {
    reader.wrong(rule.path, 'must not hold a user name or password')
  }
  if (rule.originOnly && (url.pathname !== '/' || url.search !== '' || url.hash !== '')) {
    reader.wrong(rule.path, `must be the address alone, such as ${url.origin}`)
  }
}

function originOf(url: string): string {
  return new URL(url).origin
}

function readKey(
  reader: Reader,
  key: ConfigFile['instances'][number]['keys'][number],
  path: readonly PropertyKey[],
): InstanceKey {
  const field = key.alg === 'HS256' ? 'secret' : 'public_key'
  const source = key[field]
  const at = [...path, field]
  // The file's schema has made sure that the source is there.
  const material = source === undefined ? createSecret('') : readSecret(reader, source, at)
  const text = material.reveal()
  if (text !== '') {
    const problem = key.alg === 'HS256' ? secretProblem(text) : publicKeyProblem(text)
    if (problem !== null) reader.wrong(at, problem)
  }
  return { kid: key.kid, alg: key.alg, material }
}

function readSecret(reader: Reader, source: SecretSource, path: readonly PropertyKey[]): Secret {
  if (source.env !== undefined) {
    const value = reader.env[source.env]?.trim()
    if (!value) {
      reader.wrong([...path, 'env'], `the environment variable ${source.env} is not set; set it`)
    }
    return createSecret(value ?? '')
  }
  const file = resolve(reader.baseDir, source.file ?? '')
  try {
    const value = readFileSync(file, 'utf8').trim()
    if (value === '') reader.wrong([...path, 'file'], `${file} is empty; put the value into it`)
    return createSecret(value)
  } catch (error) {
    reader.wrong([...path, 'file'], `cannot read ${file} (${messageOf(error)})`)
    return createSecret('')
  }
}
