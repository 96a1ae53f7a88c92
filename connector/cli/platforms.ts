// Declares `platforms check`, `platforms jobs`, `platforms release` and `template new`.
import type { Command } from 'commander'

import { checkPlatforms } from './platforms-check.ts'
import { listJobs } from './platforms-jobs.ts'
import { releasePlatform } from './release-platform.ts'
import { newTemplate } from './template-new.ts'

/** Adds the commands. `env` names settings and database as for the connector itself. */
export function declarePlatforms(program: Command, env: NodeJS.ProcessEnv): void {
  const platforms = program.command('platforms').description('job platforms of connector.yaml')
  platforms
    .command('check')
    .description('say whether each platform can be used, and what to do; exit code 1 when not')
    .argument('[name]', 'only this platform')
    .option('--json', 'for programs')
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      const fine = await checkPlatforms({ ...options, name: name ?? null }, env)
      if (!fine) process.exitCode = 1
    })
  platforms
    .command('jobs')
    .description('list what a platform can run, with parameters')
    .argument('<name>', 'name of the platform in connector.yaml')
    .option('--search <text>', 'only jobs with this in their name')
    .option('--json', 'for programs')
    .action(async (name: string, options: { search?: string; json?: boolean }) => {
      await listJobs(name, options, env)
    })
  platforms
    .command('release')
    .description('let another host have the platform: for when its work folder is gone for good')
    .argument('<name>', 'name of the platform in connector.yaml')
    .action(async (name: string) => {
      const known = await releasePlatform(name, env)
      if (!known) process.exitCode = 1
    })
  program
    .command('template')
    .description('job templates')
    .command('new')
    .description("write a job template with the parameters of a platform's job")
    .requiredOption('--from <platform/job>', 'platform of connector.yaml and what it calls the job')
    .option('--table <table>', 'table of the tickets that may start it', 'incident')
    .option('-o, --out <file>', 'file to write; it must not exist yet (default: standard output)')
    .action(async (options: { from: string; table: string; out?: string }) => {
      await newTemplate(options, env)
    })
}
