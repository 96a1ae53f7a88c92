// Identifiers: random sys_ids as the platform makes them, and fixed ones for the base data so that links
// and fixtures stay the same from start to start.
import { createHash, randomBytes } from 'node:crypto'

/** A fresh sys_id: 32 lower-case hexadecimal characters. */
export function newSysId(): string {
  return randomBytes(16).toString('hex')
}

/** The sys_id a base record with this name always has. */
export function fixedSysId(name: string): string {
  return createHash('md5').update(name).digest('hex')
}
