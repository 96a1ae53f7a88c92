// Which work_dir this is: a random mark in it, so that connectors can tell whether they share it.
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { ConnectorError, messageOf } from '../../errors.ts'
import type { JobHome } from '../driver.ts'

/** Reads the mark, after making it when there is none. Throws config_invalid when that is not possible. */
export async function readHome(workDir: string): Promise<JobHome> {
  const path = join(workDir, 'runner-id')
  const id = await readMark(workDir, path)
  if (!/^[0-9a-f-]{36}$/.test(id)) {
    const hint = 'restore it, or delete it when no job of that folder is running'
    throw new ConnectorError('config_invalid', `type local: ${path} is damaged; ${hint}`)
  }
  return { id, place: `${workDir} on ${hostname()}` }
}

async function readMark(workDir: string, path: string): Promise<string> {
  try {
    await mkdir(workDir, { recursive: true, mode: 0o700 })
    const mark = await readFile(path, 'utf8').catch(nullWhenMissing)
    if (mark !== null) return mark.trim()
    await makeMark(workDir, path)
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const reason = `type local: work_dir ${workDir} cannot be used: ${messageOf(error)}`
    throw new ConnectorError('config_invalid', reason, { cause: error })
  }
}

/** Made whole under another name and linked: of several starters one wins, and nobody reads half a mark. */
async function makeMark(workDir: string, path: string): Promise<void> {
  const id = randomUUID()
  const draft = join(workDir, `.new-runner-id-${id}`)
  try {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(`${id}\n`)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}

function nullWhenMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
