// HTML by template literal: everything put in is escaped unless it is HTML made here.

/** Text that is safe to send as HTML. Made by `markup` alone. */
export interface Html {
  readonly html: string
}

/** What a template takes; null, undefined and false vanish. */
export type Part = string | number | Html | readonly Html[] | null | undefined | false

/** Template tag: the literal is HTML, every part is escaped unless it is Html already. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = literals[0] ?? ''
  for (const [index, part] of parts.entries()) {
    text += render(part) + (literals[index + 1] ?? '')
  }
  return { html: text }
}

/** Escapes text for element content and quoted attributes, HTML and XML alike. */
export function escapeText(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
      // Characters that attribute values would lose to whitespace normalisation in XML.
      .replaceAll('\n', '&#10;')
      .replaceAll('\r', '&#13;')
      .replaceAll('\t', '&#9;')
  )
}

/** A value as a JavaScript literal inside a <script> element. */
export function scriptLiteral(value: unknown): Html {
  const text = JSON.stringify(value) ?? 'null'
  return {
    html: text
      .replaceAll('<', '\\u003c')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  }
}

/** Code of the app inside a <script> element; only what would end the element is defused. */
export function scriptCode(code: string): Html {
  return { html: code.replaceAll(/<(?=\/script|!--)/gi, '\\x3c') }
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return ''
  if (typeof part === 'string') return escapeText(part)
  if (typeof part === 'number') return String(part)
  if ('html' in part) return part.html
  return part.map((piece) => piece.html).join('')
}
