// Names that the audit keeps: of runs, of who did something, and of this process for what no person caused.
import { hostname } from 'node:os'

import { startedByPerson } from './checks/check.ts'

/** A run, as the audit names it. */
export function runSubject({ instance, id }: { instance: string; id: string }): string {
  return `run/${instance}/${id}`
}

/** Who is the actor: the person who asked, or `rule` for a rule that fired by itself. */
export function actorOf(trigger: string, person: string): string {
  return startedByPerson(trigger) ? person : 'rule'
}

/** Whose change made a rule fire, as a part of an entry's detail; nothing where the actor is that person. */
export function causeOf(trigger: string, person: string): { caused_by?: string } {
  return startedByPerson(trigger) ? {} : { caused_by: person }
}

/** Host and process id. */
export function connectorOrigin(): string {
  return `${hostname()} ${process.pid}`
}
