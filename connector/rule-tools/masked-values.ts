// Stored events have masks in place of secret values (mask-body.ts). Judged again, a mask must count as a value that
// fits: the real one did or did not, and nobody can tell any more. Pure.
import type { Parameter } from '#shared/job-template.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { secretMask } from '../templates/parameters.ts'
import type { PublishedVersion } from '../templates/registry.ts'

/** An event and the templates to judge it by. */
export interface Unmasked {
  event: TicketEvent
  published: readonly PublishedVersion[]
  /** What was assumed. */
  notes: string[]
}

/**
 * The event as a request for today's version of its template, and the templates with masked parameters that take
 * the mask. Other events and templates stay as they are.
 */
export function withoutMasks(event: TicketEvent, templates: readonly PublishedVersion[]): Unmasked {
  if (event.type !== 'run.requested') return { event, published: templates, notes: [] }
  const { run } = event.data
  const today = templates.find(({ template }) => template.name === run.template)
  if (today === undefined) return { event, published: templates, notes: [] }
  const masked = new Set(
    Object.keys(run.parameters).filter((name) => run.parameters[name] === secretMask),
  )
  const own = today.template.parameters.filter(({ name }) => masked.has(name))
  const parameters = today.template.parameters.map((parameter) =>
    masked.has(parameter.name) ? takesAnything(parameter) : parameter,
  )
  const relaxed = { ...today, template: { ...today.template, parameters } }
  return {
    event: { ...event, data: { ...event.data, run: { ...run, version: today.version } } },
    published: templates.map((one) => (one === today ? relaxed : one)),
    notes: [
      ...(own.length === 0
        ? []
        : [
            `Secret values are not stored; they are taken as valid: ${own.map(({ label }) => label).join(', ')}.`,
          ]),
      ...(run.version === today.version
        ? []
        : [
            `Version ${run.version} was confirmed then; it is judged as if version ${today.version} had been.`,
          ]),
    ],
  }
}

function takesAnything({ name, label, required, editable }: Parameter): Parameter {
  return { name, label, required, editable, type: 'secret' }
}
