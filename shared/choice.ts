// Turns a choice list of vocabulary.ts into the tuple of its keys that zod's enum wants.

/** The keys of a choice list, in order. */
export function keysOf<T extends object>(choices: T): [keyof T & string, ...(keyof T & string)[]] {
  // Object.keys is typed string[]; the literal's keys are the only keys there are.
  return Object.keys(choices) as [keyof T & string, ...(keyof T & string)[]]
}
