// Reads the folder of job templates. A broken file is a problem with a place and a next step, and never
// takes the good files down.
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { ConnectorError, messageOf } from '../errors.ts'
import { parseTemplate } from './parse.ts'
import type { LoadedTemplate, ParsedFile, TemplateFileProblem } from './parse.ts'

/** Largest template file in bytes; a template of 100 parameters has about 20 KB. */
export const maxTemplateFileBytes = 256 * 1024

/** What the folder holds. */
export interface LoadedFolder {
  templates: LoadedTemplate[]
  problems: TemplateFileProblem[]
}

/**
 * Reads every *.yaml and *.yml of the folder (not hidden, not below it), in the order of their names.
 * Throws ConnectorError `template_invalid` when the folder itself cannot be read.
 */
export async function loadTemplateFolder(dir: string): Promise<LoadedFolder> {
  const templates: LoadedTemplate[] = []
  const problems: TemplateFileProblem[] = []
  for (const file of await templateFiles(dir)) {
    const parsed = await readTemplateFile(dir, file)
    if (!parsed.ok) {
      problems.push(...parsed.problems)
      continue
    }
    const { name } = parsed.loaded.template
    const earlier = templates.find(({ template }) => template.name === name)
    if (earlier === undefined) templates.push(parsed.loaded)
    else problems.push(duplicate(parsed.loaded, earlier.file))
  }
  return { templates, problems }
}

/** Names of the template files in the folder, sorted. Throws as `loadTemplateFolder` does. */
export async function templateFiles(dir: string): Promise<string[]> {
  try {
    const names = await readdir(dir)
    // Code unit order: the same on every machine, whatever its locale.
    return names.filter((name) => /^[^.].*\.ya?ml$/i.test(name)).toSorted()
  } catch (error) {
    throw new ConnectorError(
      'template_invalid',
      `template folder ${dir} cannot be read: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

async function readTemplateFile(dir: string, file: string): Promise<ParsedFile> {
  const path = join(dir, file)
  try {
    // Before opening: a named pipe would wait for a writer for ever.
    if (!(await stat(path)).isFile()) return wholeFile(file, 'not a file', 'Remove or rename it.')
    const bytes = await readCapped(path)
    if (bytes === null) {
      const hint = 'A template is small: move data into the job.'
      return wholeFile(file, `larger than ${maxTemplateFileBytes / 1024} KB`, hint)
    }
    return parseTemplate(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof TypeError) return wholeFile(file, 'not UTF-8 text', 'Save it as UTF-8.')
    const hint = 'Make it a file the connector may read, or remove it.'
    return wholeFile(file, `cannot be read: ${messageOf(error)}`, hint)
  }
}

/** The bytes of a file, or null when there are too many. The handle is read, so a growing file cannot be larger. */
async function readCapped(path: string): Promise<Uint8Array | null> {
  await using handle = await open(path, 'r')
  const buffer = new Uint8Array(maxTemplateFileBytes + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  return null
}

function wholeFile(file: string, reason: string, hint: string): ParsedFile {
  return { ok: false, problems: [{ file, line: 1, column: 1, path: '', reason, hint }] }
}

function duplicate(loaded: LoadedTemplate, earlier: string): TemplateFileProblem {
  const { file, template } = loaded
  return {
    file,
    ...loaded.locate(['name']),
    path: 'name',
    reason: `the template "${template.name}" is already in ${earlier}, so ${file} is not used`,
    hint: `Give one of the two another name, or remove ${file} or ${earlier}.`,
  }
}
