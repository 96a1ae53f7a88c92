// The templates of the folder as the connector would publish them, without publishing: version 0 = not published yet.
import type { Config } from '../config.ts'
import type { Pool } from '../db/pool.ts'
import { selectVersions } from '../db/templates.ts'
import { loadTemplateFolder } from '../templates/load.ts'
import { publishedVersion } from '../templates/registry.ts'
import type { PublishedVersion } from '../templates/registry.ts'

/** The templates and what is wrong with the others. */
export interface FolderTemplates {
  templates: PublishedVersion[]
  /** One line for each file that is not used. */
  notes: string[]
}

/** Reads TEMPLATES_DIR; versions are those of the database, when there is one. Throws `template_invalid`. */
export async function readFolderTemplates(
  config: Config,
  pool: Pool | null,
): Promise<FolderTemplates> {
  const { templates, problems } = await loadTemplateFolder(config.templatesDir)
  const contents = templates.map(({ template, digest }) => ({ name: template.name, digest }))
  const versions = pool === null ? [] : await selectVersions(pool, contents)
  const platforms = new Set(Object.keys(config.platforms))
  return {
    templates: templates.map((loaded) => {
      const { name } = loaded.template
      const own = versions.find((one) => one.name === name && one.digest === loaded.digest)
      return publishedVersion(loaded, { version: own?.version ?? 0, platforms })
    }),
    notes: [...new Set(problems.map(({ file }) => file))].map(
      (file) => `${file} is not used; npm run connector -- rules check says why.`,
    ),
  }
}

/** The templates with this name, or all of them. Throws an Error that lists those there are. */
export function templatesNamed(
  templates: readonly PublishedVersion[],
  name: string | undefined,
): readonly PublishedVersion[] {
  if (name === undefined) return templates
  const found = templates.filter(({ template }) => template.name === name)
  if (found.length > 0) return found
  const names = templates.map(({ template }) => template.name).join(', ')
  throw new Error(`there is no template ${name}; there are: ${names === '' ? 'none' : names}`)
}
