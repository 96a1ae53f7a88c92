// The app's settings (system properties), read in one place with their defaults.
import { gs } from '@servicenow/glide'

import type { ticketTransitions } from '../../../shared/vocabulary.ts'

/** What the connector may ask of a ticket's state. */
export type Transition = (typeof ticketTransitions)[number]

const prefix = 'x_snc_ticket_auto.'

/** A setting as text; '' when it is not set. */
function setting(name: string): string {
  return gs.getProperty(prefix + name, '') || ''
}

function positive(name: string, fallback: number): number {
  const value = Number(setting(name))
  return Number.isInteger(value) && value > 0 ? value : fallback
}

/** False = the app starts nothing; cancelling, closing and watching go on (a switch must not strand runs). */
export function isEnabled(): boolean {
  return setting('enabled') === 'true'
}

/** user_name of the connector on this instance. */
export function integrationUser(): string {
  return setting('integration_user')
}

/** Time limit of one call to the connector in milliseconds. */
export function sendTimeoutMs(): number {
  return positive('send.timeout_ms', 8000)
}

/** Attempts before an outbox row becomes a dead letter; 60 outlast two days (server/retry.ts). */
export function maxAttempts(): number {
  return positive('send.max_attempts', 60)
}

/** Days after which sent outbox rows are deleted. */
export function retentionDays(): number {
  return positive('outbox.retention_days', 30)
}

/** Further fields to send with every ticket. */
export function extraFields(): string[] {
  return setting('event.extra_fields')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^[a-z][a-z0-9_.]{0,159}$/.test(name))
}

/** True when events of this kind are sent for tickets of this table. */
export function sendsEvents(table: string, kind: 'created' | 'updated' | 'closed'): boolean {
  return (kind === 'closed' || isEnabled()) && setting(`${table}.send_${kind}`) === 'true'
}

/** The table's own state value for a transition, or '' when the setting is empty. */
export function stateValue(table: string, transition: Transition): string {
  return setting(stateSetting(table, transition))
}

/** Name of the setting that holds it, for messages. */
export function stateSetting(table: string, transition: Transition): string {
  return `${table}.state.${transition}`
}

/** The states of a table's tickets in the order in which they pass through them; empty = any order. */
export function stateOrder(table: string): string[] {
  return setting(`${table}.state.order`)
    .split(',')
    .map((state) => state.trim())
    .filter((state) => state !== '')
}

/** Reason on a ticket that an automation puts on hold. */
export function holdReason(table: string): string {
  return setting(`${table}.on_hold_reason`)
}

/** Default resolution code of a table. */
export function closeCode(table: string): string {
  return setting(`${table}.close_code`)
}

/** Default resolution notes of a table. */
export function closeNotes(table: string): string {
  return setting(`${table}.close_notes`)
}

/** URL of this instance without a trailing slash; '' when the platform does not know it. */
export function instanceUrl(): string {
  return (gs.getProperty('glide.servlet.uri', '') || '').replace(/\/+$/, '')
}
