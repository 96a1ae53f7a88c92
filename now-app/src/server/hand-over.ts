// The parts of a ticket change besides its state: the group that takes over, the approval, a problem record.
import { GlideRecord } from '@servicenow/glide'

import type { TicketChange } from '../../../shared/status-update.ts'
import type { Refused } from './ticket-states.ts'
import { endingOf } from './ticket-states.ts'

/** Fields to set with the first update, fields that are as asked already, and what cannot be done. */
export interface PartPlan {
  fields: Record<string, string>
  reached: string[]
  refused: Refused[]
}

/** Marks records this app has made. */
const madeBy = 'Ticket Automation'

/** The group by its name, the approval by its word. */
export function planParts(ticket: GlideRecord, change: TicketChange): PartPlan {
  const plan: PartPlan = { fields: {}, reached: [], refused: [] }
  const asked = [
    ...(change.assignment_group === undefined ? [] : ['assignment_group']),
    ...(change.approval === undefined ? [] : ['approval']),
  ]
  const ending = endingOf(ticket)
  if (ending !== null) {
    const reason = `The ticket is ${ending.replace('_', ' ')} already; an automation does not change that.`
    return { ...plan, refused: asked.map((field) => ({ field, reason })) }
  }
  if (change.assignment_group !== undefined) planGroup(plan, ticket, change.assignment_group)
  if (change.approval !== undefined) planApproval(plan, ticket)
  return plan
}

function planGroup(plan: PartPlan, ticket: GlideRecord, name: string): void {
  const groups = new GlideRecord('sys_user_group')
  groups.addQuery('name', name)
  groups.addQuery('active', true)
  groups.setLimit(2)
  groups.query()
  if (!groups.next()) {
    const reason = `There is no active group "${name}" on this instance.`
    plan.refused.push({ field: 'assignment_group', reason })
    return
  }
  const group = groups.getUniqueValue()
  if (groups.next()) {
    const reason = `Several groups are called "${name}".`
    plan.refused.push({ field: 'assignment_group', reason })
    return
  }
  if (ticket.getValue('assignment_group') === group) {
    plan.reached.push('assignment_group')
    return
  }
  plan.fields['assignment_group'] = group
  const assignee = ticket.getValue('assigned_to') || ''
  // Handed over means that somebody there takes it, not that it stays with a person outside the group.
  if (assignee !== '' && !isMember(assignee, group)) plan.fields['assigned_to'] = ''
}

function isMember(user: string, group: string): boolean {
  const members = new GlideRecord('sys_user_grmember')
  members.addQuery('user', user)
  members.addQuery('group', group)
  members.setLimit(1)
  members.query()
  return members.hasNext()
}

function planApproval(plan: PartPlan, ticket: GlideRecord): void {
  const approval = ticket.getValue('approval') || 'not requested'
  if (approval === 'not requested') plan.fields['approval'] = 'requested'
  else if (approval === 'requested' || approval === 'approved') plan.reached.push('approval')
  else {
    const shown = ticket.getDisplayValue('approval') || approval
    const reason = `The approval is "${shown}"; a person must ask for it again.`
    plan.refused.push({ field: 'approval', reason })
  }
}

/**
 * The problem record of this key, made now if there is none; an incident without a problem is linked to it.
 * Gives the fields to set on the ticket, or the reason why there is no record.
 */
export function openProblem(
  ticket: GlideRecord,
  asked: NonNullable<TicketChange['problem']>,
): { ok: true; fields: Record<string, string> } | { ok: false; reason: string } {
  const problem = new GlideRecord('problem')
  if (!problem.isValid()) return { ok: false, reason: 'This instance has no problem records.' }
  const known = problem.get('correlation_id', asked.key)
  if (!known && !insertProblem(problem, ticket, asked)) {
    const reason =
      problem.getLastErrorMessage() || 'The instance did not accept the problem record.'
    return { ok: false, reason }
  }
  const linked = ticket.isValidField('problem_id') && !ticket.getValue('problem_id')
  return { ok: true, fields: linked ? { problem_id: problem.getUniqueValue() } : {} }
}

function insertProblem(
  problem: GlideRecord,
  ticket: GlideRecord,
  asked: NonNullable<TicketChange['problem']>,
): boolean {
  problem.initialize()
  problem.setValue('short_description', asked.short_description)
  problem.setValue('description', asked.description)
  problem.setValue('cmdb_ci', ticket.getValue('cmdb_ci') || '')
  problem.setValue('correlation_id', asked.key)
  problem.setValue('correlation_display', madeBy)
  if (problem.isValidField('first_reported_by_task')) {
    problem.setValue('first_reported_by_task', ticket.getUniqueValue())
  }
  return Boolean(problem.insert())
}
