// Job templates for tests, through the contract's own schema so that defaults are the real ones.
import { JobTemplate } from '#shared/job-template.ts'

import type { PublishedVersion } from '../../connector/templates/registry.ts'

/** A valid template; what is given replaces what stands here. */
export function makeTemplate(overrides: Record<string, unknown> = {}): JobTemplate {
  return JobTemplate.parse({
    name: 'free-disk-space',
    title: 'Free disk space',
    description: 'Deletes old files.',
    platform: 'local',
    job: 'free-disk-space.mjs',
    match: [{ table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['manual'] }],
    outcome: { succeeded: { transition: 'resolved' }, failed: { transition: 'in_progress' } },
    ...overrides,
  })
}

/** The template as version 1. */
export function publish(template: JobTemplate, version = 1): PublishedVersion {
  return { template, version, digest: '0'.repeat(64), problem: null }
}
