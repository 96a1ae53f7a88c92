// What is kept of an event's body once it is decided: everything but secret values.
import { asciiJson } from '#shared/text.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { secretMask } from './templates/parameters.ts'
import type { PublishedVersion } from './templates/registry.ts'

/**
 * The body without secrets and without values of names the template does not know (nobody could say whether
 * they are secret); null when there is nothing to hide.
 */
export function maskBody(
  event: Extract<TicketEvent, { type: 'run.requested' }>,
  published: PublishedVersion,
): string | null {
  const { run } = event.data
  const plain = new Set(
    published.template.parameters.filter(({ type }) => type !== 'secret').map(({ name }) => name),
  )
  if (Object.keys(run.parameters).every((name) => plain.has(name))) return null
  const parameters = Object.fromEntries(
    Object.entries(run.parameters).map(([name, value]) => [
      name,
      plain.has(name) ? value : secretMask,
    ]),
  )
  return asciiJson({ ...event, data: { ...event.data, run: { ...run, parameters } } })
}
