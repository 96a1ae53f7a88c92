// `platforms check`: whether each platform answers, knows us and lets us work, each with what to do when not.
import { messageOf } from '../errors.ts'
import type { Driver, PlatformFact } from '../platforms/driver.ts'
import { askLimit, withDrivers } from './platform-access.ts'
import { formatTable } from './table.ts'

/** A platform with what was found. */
interface CheckedPlatform {
  name: string
  type: string
  capabilities: Driver['capabilities']
  facts: PlatformFact[]
}

/** Checks the platforms (or the one named) and prints what was found. True when nothing is wrong. Throws config_invalid. */
export async function checkPlatforms(
  options: { name: string | null; json?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  return await withDrivers(options.name, env, async (drivers) => {
    const checked = await Promise.all([...drivers].map(([name, driver]) => check(name, driver)))
    if (options.json === true) console.log(JSON.stringify({ platforms: checked }, null, 2))
    else print(checked)
    return checked.every(({ facts }) => facts.every(({ passed }) => passed))
  })
}

async function check(name: string, driver: Driver): Promise<CheckedPlatform> {
  const { type, capabilities } = driver
  try {
    const facts = (await driver.facts?.(askLimit())) ?? []
    return { name, type, capabilities, facts }
  } catch (error) {
    const fix = 'See the reason; this is not what a driver should do, so please report it.'
    const facts: PlatformFact[] = [
      { what: 'reachable', passed: false, detail: messageOf(error), fix },
    ]
    return { name, type, capabilities, facts }
  }
}

function print(checked: readonly CheckedPlatform[]): void {
  if (checked.length === 0) {
    console.log('There are no platforms in connector.yaml.')
    return
  }
  for (const { name, type, capabilities, facts } of checked) {
    console.log(`${name} (${type}): ${capabilitiesText(capabilities)}`)
    const rows = facts.map(({ what, passed, detail, fix }) => [
      passed ? '✓' : '✗',
      what,
      passed || fix === undefined ? detail : `${detail} → ${fix}`,
    ])
    const none = 'Runs on this host: nothing to reach, nobody to sign in to.'
    console.log(
      rows.length === 0 ? `  ${none}\n` : `${indent(formatTable(['', 'What', ''], rows))}\n`,
    )
  }
}

function capabilitiesText(capabilities: Driver['capabilities']): string {
  const { callback, ...rest } = capabilities
  const can = Object.entries(rest).filter(([, able]) => able)
  const words = [
    ...can.map(([word]) => word),
    ...(callback === 'none' ? [] : [`callback: ${callback}`]),
  ]
  return words.join(', ')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
