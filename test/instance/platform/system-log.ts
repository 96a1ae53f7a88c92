// The instance's system log (syslog): what scripts logged and what the platform refused or changed.

/** One line of the system log. */
export interface LogLine {
  level: string
  source: string
  message: string
  at: string
}

/** Appends to the log; the oldest lines are dropped beyond the limit. */
export interface SystemLog {
  add(level: 'debug' | 'info' | 'warn' | 'error', source: string, message: string): void
  lines(): readonly LogLine[]
}

const limit = 20_000 // lines: enough for a soak run, bounded so that a long demonstration cannot leak

/** A log that stamps its lines with the given time source. */
export function createSystemLog(now: () => string): SystemLog {
  const lines: LogLine[] = []
  return {
    add(level, source, message) {
      lines.push({ level, source, message, at: now() })
      if (lines.length > limit) lines.splice(0, lines.length - limit)
    },
    lines: () => lines,
  }
}
