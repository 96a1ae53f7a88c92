// What `rules explain` is asked about: a ticket of an instance by its number, or a JSON file with an event, a
// preview request or a ticket.
import { readFile } from 'node:fs/promises'

import { z } from 'zod'

import type { JobTemplate } from '#shared/job-template.ts'
import { People, Person, Ticket, TicketEvent } from '#shared/ticket-event.ts'
import type { Person as PersonType } from '#shared/ticket-event.ts'

import { messageOf } from '../errors.ts'
import { readPerson, systemPerson } from '../itsm/people.ts'
import { readTicket } from '../itsm/read-ticket.ts'
import { peopleOf } from '../itsm/tickets.ts'
import type { Situation } from '../rule-tools/explain.ts'
import type { InstanceAccess } from './instance-access.ts'

/** The ticket, who acts on it, and what could not be found out. */
export interface Subject {
  situation: Situation
  /** Why this person: for the heading. */
  actorIs: string
  notes: string[]
}

/** How a ticket is asked for. */
export interface SubjectOptions {
  /** user_name of the person to judge as. */
  as: string | undefined
  templates: readonly JobTemplate[]
}

/** Reading one ticket with its people takes some ten requests. */
const readLimitMs = 60_000

const ticketNumber = /^[A-Z]{2,10}[0-9]{1,20}$/

/** True when the argument is the number of a ticket; anything else is a file. */
export function isTicketNumber(argument: string): boolean {
  return ticketNumber.test(argument)
}

/** The ticket as the instance has it now. Throws when it or the person is not there. */
export async function subjectOfTicket(
  number: string,
  access: InstanceAccess,
  { as, templates }: SubjectOptions,
): Promise<Subject> {
  const signal = AbortSignal.timeout(readLimitMs)
  const read = await readTicket(number, templates, { ...access, signal })
  if (read === null) {
    throw new Error(
      `${access.instance.name} has no ticket ${number}, or its integration user may not read it`,
    )
  }
  const { ticket, people, notes } = read
  if (as !== undefined) {
    const actor = await personNamed(as, access)
    return { situation: { ticket, people, actor }, actorIs: 'named with --as', notes }
  }
  const { assigned_to: assignee, requested_by: requester } = people
  const actor = assignee ?? requester ?? systemPerson
  const role = assignee === undefined ? 'for whom the ticket is' : 'to whom the ticket is assigned'
  const actorIs = actor === systemPerson ? 'nobody' : role
  return {
    situation: { ticket, people, actor },
    actorIs: `${actorIs}; choose another with --as`,
    notes,
  }
}

/** The person with this user_name. Throws when there is none. */
export async function personNamed(
  userName: string,
  { adapter, instance }: InstanceAccess,
): Promise<PersonType> {
  const signal = AbortSignal.timeout(readLimitMs)
  const person = await readPerson(adapter, { userName }, signal)
  if (person !== null) return person
  throw new Error(`${instance.name} has no user ${userName}`)
}

const Question = z.object({ ticket: Ticket, actor: Person.optional(), people: People.optional() })

/** The ticket of a file. Throws with every place that is wrong. */
export async function subjectOfFile(file: string): Promise<Subject> {
  const json = await readJson(file)
  const event = TicketEvent.safeParse(json)
  if (event.success) {
    const { ticket, actor, people } = event.data.data
    return { situation: { ticket, actor, people }, actorIs: 'who caused the event', notes: [] }
  }
  const isObject = typeof json === 'object' && json !== null
  if (isObject && 'specversion' in json) throw wrongFile(file, 'an event', event.error)
  const question = Question.safeParse(isObject && 'ticket' in json ? json : { ticket: json })
  if (!question.success) {
    throw wrongFile(file, 'a ticket ({table, sys_id, number, fields})', question.error)
  }
  const { ticket, actor = systemPerson, people = peopleOf(ticket) } = question.data
  const actorIs = actor === systemPerson ? 'nobody; choose with --as' : 'who stands in the file'
  return { situation: { ticket, actor, people }, actorIs, notes: [] }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const reason = `${file} is neither the number of a ticket nor a JSON file: ${messageOf(error)}`
    throw new Error(reason, { cause: error })
  }
}

function wrongFile(file: string, what: string, error: z.ZodError): Error {
  return new Error(`${file} does not hold ${what}:\n${z.prettifyError(error)}`, { cause: error })
}
