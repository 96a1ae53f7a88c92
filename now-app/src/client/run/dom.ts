// Builds elements. Data always goes in as text or as an attribute, never as markup.

/** Attributes by name; `true` = present without a value, false and undefined = absent. */
export type Attributes = Record<string, string | number | boolean | undefined>

/** Anything that can be a child. */
export type Child = Node | string | null

/** An element with its attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children.filter((child) => child !== null))
  return made
}

/** A button that says what it does. */
export function button(
  label: string,
  kind: '' | 'primary' | 'danger',
  onClick: () => void,
): HTMLButtonElement {
  const made = element('button', { type: 'button', class: kind || undefined }, label)
  made.addEventListener('click', onClick)
  return made
}

/** Replaces what the page shows and moves the focus to its heading, so that screen readers follow. */
export function show(...children: readonly Child[]): void {
  const page = document.getElementById('page')
  if (!page) return
  page.replaceChildren(...children.filter((child) => child !== null))
  const heading = page.querySelector<HTMLElement>('h1')
  heading?.setAttribute('tabindex', '-1')
  heading?.focus()
}
