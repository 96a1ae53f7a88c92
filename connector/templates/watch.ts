// Notices changes of the template folder. A watch is quick but gets lost (network file systems, a folder
// that is replaced, mounted configuration), so the folder is also looked at from time to time.
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { templateFiles } from './load.ts'

/** How long a folder must be quiet before it counts as saved, in milliseconds: editors write in several steps. */
const quietMs = 150

/** How often the folder is looked at when the watch says nothing, in milliseconds. */
const defaultRescanMs = 30_000

/** A running watch. */
export interface FolderWatch {
  close(): void
}

/** Options of a watch. */
export interface WatchOptions {
  rescanMs?: number
  onChange: () => void
}

/**
 * Calls `onChange` after something in the folder may have changed, and again when a periodic look finds
 * a difference the watch has missed. Keeps no process alive.
 */
export function watchFolder(dir: string, options: WatchOptions): FolderWatch {
  let watcher: FSWatcher | null = null
  let quiet: NodeJS.Timeout | undefined
  let closed = false

  function changed(): void {
    clearTimeout(quiet)
    quiet = setTimeout(options.onChange, quietMs).unref()
  }

  function open(): void {
    try {
      watcher = watch(dir, { persistent: false }, changed)
      watcher.on('error', lose)
    } catch {
      // The folder is not there at the moment; the next look tries again.
      watcher = null
    }
  }

  function lose(): void {
    watcher?.close()
    watcher = null
  }

  async function rescan(): Promise<void> {
    if (watcher === null) open()
    const now = await fingerprint(dir)
    if (closed || now === last) return
    last = now
    // The folder may be another one of the same name by now, and the watch still on the old one.
    lose()
    open()
    changed()
  }

  // Unknown at first, so that a change between loading and watching is found by the first look.
  let last: string | null = null
  open()
  // Loose on purpose: fingerprint() turns every failure into a value.
  const timer = setInterval(() => void rescan(), options.rescanMs ?? defaultRescanMs).unref()
  return {
    close() {
      closed = true
      clearInterval(timer)
      clearTimeout(quiet)
      lose()
    },
  }
}

/** What the folder looks like from outside: it changes when a file is written, replaced, added or removed. */
async function fingerprint(dir: string): Promise<string> {
  try {
    const files = await templateFiles(dir)
    const looks = await Promise.all(
      files.map(async (file) => {
        const { ino, size, ctimeMs } = await stat(join(dir, file))
        return `${file} ${ino} ${size} ${ctimeMs}`
      }),
    )
    return looks.join('\n')
  } catch {
    // No folder, or a file went away between listing and looking: both are a state of their own.
    return 'unreadable'
  }
}
