// How much a run may affect: configuration items and services against the thresholds of its template. Two
// checks come of it, made from the ticket when deciding or from the CMDB at the gate. Pure.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { Affected, Ticket } from '#shared/ticket-event.ts'

import { fail, pass } from './checks/check.ts'

/** How many are affected. */
export interface Blast {
  cis: AffectedCount
  services: AffectedCount
}

/** So many are known; `complete: false` = there are more, nobody knows how many. */
export interface AffectedCount {
  known: number
  complete: boolean
}

const kinds = ['cis', 'services'] as const
type Kind = (typeof kinds)[number]

const words: Readonly<Record<Kind, string>> = { cis: 'configuration items', services: 'services' }

/** The lists of an event are cut there (shared/ticket-event.ts). */
const listLimit = 500

const unknownCounts = {
  detail:
    'The template limits how much may be affected, but nobody could tell what this ticket affects.',
  hint: 'Ask a platform admin to update the app, so that its events name the affected items.',
}

/** What the ticket affects by its own lists; null = the instance did not look. */
export function blastOfTicket({ affected }: Ticket): Blast | null {
  if (affected === undefined) return null
  return { cis: countOf(affected, 'cis'), services: countOf(affected, 'services') }
}

/**
 * Both checks at once, for counts that were read from the CMDB (gate). `counts: null` = they could not be read.
 * Empty when the template has no thresholds.
 */
export function blastOf(
  counts: Blast | null,
  about: { template: JobTemplate; ticket: Ticket },
): Check[] {
  const checks = [blastRadiusOf(counts, about.template), blastApprovalOf(counts, about)]
  return checks.filter((check) => check !== null)
}

/** `blast-radius`: not more than the template refuses. Null when it refuses nothing. */
export function blastRadiusOf(counts: Blast | null, template: JobTemplate): Check | null {
  const limits = limitsOf(template, 'refuse_above')
  if (limits.length === 0) return null
  if (counts === null) return fail('blast-radius', unknownCounts)
  const over = limits.find(({ kind, limit }) => isOver(counts[kind], limit))
  if (over === undefined) return pass('blast-radius', `Affects ${textOf(counts)}.`)
  return fail('blast-radius', {
    detail: `Affects ${countText(counts, over.kind)}; the template refuses more than ${over.limit}.`,
    hint: 'Split the work over smaller tickets, or do it by hand.',
  })
}

/** `blast-approval`: above the threshold only with an approved ticket. Null when the template has none. */
export function blastApprovalOf(
  counts: Blast | null,
  { template, ticket }: { template: JobTemplate; ticket: Ticket },
): Check | null {
  const limits = limitsOf(template, 'approve_above')
  if (limits.length === 0) return null
  const approved = ticket.fields['approval']?.value === 'approved'
  if (counts === null) {
    if (approved) return pass('blast-approval', `${ticket.number} is approved.`)
    return fail('blast-approval', unknownCounts)
  }
  const over = limits.find(({ kind, limit }) => isOver(counts[kind], limit))
  if (over === undefined) {
    return pass('blast-approval', `Affects ${textOf(counts)}; that needs no approval.`)
  }
  const text = countText(counts, over.kind)
  if (approved) return pass('blast-approval', `Affects ${text}, and ${ticket.number} is approved.`)
  return fail('blast-approval', {
    detail: `Affects ${text}; more than ${over.limit} need an approved ticket, and ${ticket.number} is not.`,
    hint: `Get ${ticket.number} approved, then run it again.`,
  })
}

function limitsOf(
  { blast_radius: blast }: JobTemplate,
  key: 'approve_above' | 'refuse_above',
): { kind: Kind; limit: number }[] {
  return kinds.flatMap((kind) => {
    const limit = blast?.[kind]?.[key]
    return limit === undefined ? [] : [{ kind, limit }]
  })
}

/** A list that was cut may be of any length. */
function isOver({ known, complete }: AffectedCount, limit: number): boolean {
  return !complete || known > limit
}

/** The event says only that some list was cut: the full one, or, when neither is full, possibly both. */
function countOf(affected: Affected, kind: Kind): AffectedCount {
  const known = affected[kind].length
  const oneIsFull = kinds.some((each) => affected[each].length >= listLimit)
  const cut = !affected.complete && (known >= listLimit || !oneIsFull)
  return { known, complete: !cut }
}

function textOf(counts: Blast): string {
  return kinds.map((kind) => countText(counts, kind)).join(' and ')
}

function countText(counts: Blast, kind: Kind): string {
  const { known, complete } = counts[kind]
  return `${complete ? '' : 'more than '}${known} ${words[kind]}`
}
