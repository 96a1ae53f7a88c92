// Settings for tests: a real connector.yaml in a temporary folder, read by the real loader.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { loadConfig } from '../../connector/config.ts'
import type { Config } from '../../connector/config.ts'

/** The key of the test instance, base64 of 32 bytes. Used nowhere else. */
export const testSecret = 'dGVzdC1vbmx5LWtleS0zMi1ieXRlcy1sb25nLTAwMDE='

/** Its key id. */
export const testKid = 'acme-2026'

/** The test instance's address, issuer and the connector's audience. */
export const testUrl = 'https://acme.service-now.com'
export const testIssuer = 'acme'
export const testAudience = 'ticket-automation'

/** One instance with one HS256 key, as connector.yaml has it. */
export function testInstance(): Record<string, unknown> {
  return {
    name: 'acme',
    issuer: testIssuer,
    url: testUrl,
    keys: [{ kid: testKid, alg: 'HS256', secret: { env: 'ACME_SECRET' } }],
    oauth: { client_id: 'connector', client_secret: { env: 'ACME_OAUTH_SECRET' } },
  }
}

/** The variables that testInstance names. */
export const testEnv = { ACME_SECRET: testSecret, ACME_OAUTH_SECRET: 'oauth-secret' }

/** Writes a connector.yaml and gives its path. */
export function writeConfigFile(content: Record<string, unknown> | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-config-'))
  const path = join(folder, 'connector.yaml')
  writeFileSync(path, typeof content === 'string' ? content : stringify(content))
  return path
}

/** Loaded settings: the test instance plus whatever is given (file keys, environment). */
export function makeConfig(
  file: Record<string, unknown> = {},
  env: Record<string, string> = {},
): Config {
  const path = writeConfigFile({ instances: [testInstance()], ...file })
  return loadConfig({ CONFIG_FILE: path, PORT: '0', LOG_LEVEL: 'silent', ...testEnv, ...env })
}
