// Notices the end of jobs quickly: the supervisor tells of its own, and those that an earlier connector
// launched are looked after here (one cheap look per job, none when there is no unfinished job).
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { fileNames, jobDirectory } from './layout.ts'

/** Milliseconds between looks. */
const lookMs = 100

/** Calls back once per job that ended. */
export interface EndWatch {
  /** A job that has not ended, as far as anybody knows. */
  add(token: string): void
  /** The job has ended. */
  end(token: string): void
  /** The job never began. */
  drop(token: string): void
  onEnd(listener: (token: string) => void): void
  close(): void
}

/** A watch over one work directory. */
export function createEndWatch(workDir: string): EndWatch {
  const unfinished = new Set<string>()
  const listeners: ((token: string) => void)[] = []
  let timer: NodeJS.Timeout | null = null

  function add(token: string): void {
    unfinished.add(token)
    timer ??= setInterval(look, lookMs).unref()
  }

  function look(): void {
    for (const token of unfinished) {
      if (existsSync(join(jobDirectory(workDir, token), fileNames.end))) end(token)
    }
  }

  function end(token: string): void {
    if (!unfinished.has(token)) return
    drop(token)
    for (const listener of listeners) listener(token)
  }

  function drop(token: string): void {
    unfinished.delete(token)
    if (unfinished.size === 0) stop()
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer)
    timer = null
  }

  function close(): void {
    unfinished.clear()
    stop()
  }

  function onEnd(listener: (token: string) => void): void {
    listeners.push(listener)
  }
  return { add, end, drop, onEnd, close }
}
