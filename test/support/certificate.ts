// A certificate for 127.0.0.1 that only the test that made it trusts.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Files and texts of a self-signed certificate. `await using` removes the files. */
export interface TestCertificate extends AsyncDisposable {
  keyFile: string
  certFile: string
  key: string
  cert: string
}

/** Makes a certificate valid for a day. Needs the openssl command; throws without it. */
export async function createCertificate(): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'test-certificate-'))
  const keyFile = join(folder, 'key.pem')
  const certFile = join(folder, 'cert.pem')
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1'
  const name = '-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1'
  await promisify(execFile)('openssl', [
    ...`${kind} ${name}`.split(' '),
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ])
  return {
    keyFile,
    certFile,
    key: await readFile(keyFile, 'utf8'),
    cert: await readFile(certFile, 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
