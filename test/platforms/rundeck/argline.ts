// How Rundeck keeps the options of an execution: as one line, written and read again. A faithful copy of what it does to
// values, odd as it is: core/utils/OptsUtil and QuotedStringTokenizer, ExecutionService.expandDateStrings.

/** The options as they come out of an execution's line. */
export function throughArgline(options: Readonly<Record<string, string>>): {
  argstring: string
  options: Record<string, string>
} {
  const line = Object.entries(options)
    .flatMap(([name, value]) => [escaped(`-${name}`), escaped(value)])
    .join(' ')
  const argstring = line.replaceAll(/\$\{DATE(?:[-+]\d+)?:.*?\}/g, '2026-11-23')
  const parsed: Record<string, string> = {}
  let key: string | null = null
  for (const token of tokensOf(argstring)) {
    if (key !== null) {
      parsed[key] = token
      key = null
    } else if (token.startsWith('-') && token.length > 1) key = token.slice(1)
  }
  return { argstring, options: parsed }
}

function escaped(text: string): string {
  return text !== '' && !/[ "'\r\n]/.test(text) ? text : `"${text.replaceAll('"', '""')}"`
}

/** Tokens end at any character up to U+0020 that is not quoted. */
function tokensOf(line: string): string[] {
  const tokens: string[] = []
  let at = 0
  while (at < line.length) {
    if (line.charCodeAt(at) <= 0x20) {
      at++
    } else {
      const token = tokenAt(line, at)
      tokens.push(token.text)
      at = token.end
    }
  }
  return tokens
}

function tokenAt(line: string, start: number): { text: string; end: number } {
  const quote = /["']/.test(line[start] ?? '') ? (line[start] ?? '') : ''
  let at = start + quote.length
  let text = ''
  for (let quoting = quote !== ''; at < line.length; at++) {
    const char = line[at] ?? ''
    if (!quoting && char.charCodeAt(0) <= 0x20) break
    if (char === quote && quoting && line[at + 1] === quote) {
      text += quote
      at++
    } else if (char === quote) quoting = !quoting
    else text += char
  }
  return { text, end: at }
}
