// Where a demonstration can live on this machine: a folder, and ports.
import { chmod, mkdir, mkdtemp, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../connector/db/engine-cluster.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The ports people know from the documentation. */
const usualPorts = { connector: 4310, instance: 4320 } as const

/** The folder that is kept between starts: .data/demo, or what was asked for. */
export async function keptFolder(asked: string | undefined): Promise<string> {
  const usual = join(repository, '.data', 'demo')
  const closed = asked === undefined && (await isClosed(repository))
  const folder = resolve(asked ?? (closed ? join(tmpdir(), 'ticket-automation-demo') : usual))
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o711)
  return folder
}

/** A folder for one start. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ticket-automation-demo-'))
  await chmod(folder, 0o711)
  return folder
}

/** Started by root, PostgreSQL runs as a user of its own, who may not pass through a home such as /root. */
async function isClosed(path: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const { mode } = await stat(path)
  if ((mode & 0o001) === 0) return true
  const parent = dirname(path)
  return parent !== path && (await isClosed(parent))
}

/** The usual ports, or free ones where they are taken; `tell` hears about each that is. */
export async function choosePorts(
  tell: (text: string) => void,
): Promise<{ connector: number; instance: number }> {
  async function choose(name: 'connector' | 'instance'): Promise<number> {
    const usual = usualPorts[name]
    if (await isFree(usual)) return usual
    const port = await freePort()
    tell(`Port ${usual} is taken, so the ${name} uses ${port}`)
    return port
  }
  return { connector: await choose('connector'), instance: await choose('instance') }
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
}
