// `schema`: the JSON Schema of a job template as an admin writes it.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { z } from 'zod'

import { JobTemplate } from '#shared/job-template.ts'

/**
 * The JSON Schema (draft 7, which yaml-language-server understands best) of what a template file may
 * hold: keys with a default are optional.
 */
function templateSchema(): object {
  return {
    title: 'Job template',
    description:
      'What may be run, when it matches, with which parameters and under which conditions.',
    ...z.toJSONSchema(JobTemplate, { io: 'input', target: 'draft-7' }),
  }
}

/** Writes the schema to a file and prints how to use it, or prints the schema itself for `-`. */
export async function writeSchema(out: string): Promise<void> {
  const text = `${JSON.stringify(templateSchema(), null, 2)}\n`
  if (out === '-') {
    process.stdout.write(text)
    return
  }
  const path = resolve(out)
  await writeFile(path, text)
  console.log(`${path}\nFirst line of a job template that uses it:`)
  console.log(`# yaml-language-server: $schema=${path}`)
}
