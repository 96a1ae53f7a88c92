// Targets of a launch as AWX's limit. A limit is a pattern language, and Ansible passes over names that match nothing
// without failing: so each target must be one plain host name, which the inventory has.
import { ConnectorError } from '../../errors.ts'
import { getPage } from './client.ts'
import type { AwxClient } from './client.ts'
import { Host } from './wire.ts'
import type { LaunchForm } from './wire.ts'

/** No separator, wildcard, group operator, range, expression or file (Ansible's "Patterns"). */
const hostName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/

/** Names that Ansible keeps for groups. */
const groupNames = new Set(['all', 'ungrouped'])

/** Most names in one look at the inventory: they stand in its address. */
const mostInOneLook = 50

/**
 * The limit that means exactly these targets, in the inventory's own spelling. Throws parameters_invalid when AWX
 * would drop the limit, when a target is no plain name, or when the inventory does not have it.
 */
export async function limitOf(
  client: AwxClient,
  launch: { form: LaunchForm; targets: readonly string[] },
  signal: AbortSignal,
): Promise<string> {
  const { form, targets } = launch
  if (!form.ask_limit_on_launch) {
    refuse('AWX would run on all hosts: tick "Prompt on launch" of Limit (ask_limit_on_launch)')
  }
  const odd = targets.find((target) => !hostName.test(target) || groupNames.has(target))
  if (odd !== undefined) refuse(`the target "${odd}" is not the plain name of a host`)
  const inventory = form.defaults.inventory?.id ?? null
  // Without an inventory of its own the nodes of a workflow have one each.
  const known = inventory === null ? null : await hostsOf(client, { inventory, targets }, signal)
  if (known === null) return targets.join(',')
  return targets.map((target) => spelledIn(known, target)).join(',')
}

function spelledIn(known: ReadonlyMap<string, Host>, target: string): string {
  const host = known.get(target.toLowerCase())
  if (host === undefined) refuse(`the inventory of the template has no host "${target}"`)
  if (!host.enabled) refuse(`the host "${target}" is disabled in the inventory`)
  return host.name
}

/** The inventory's hosts by name in lower case; null when these credentials may not see it. */
async function hostsOf(
  client: AwxClient,
  look: { inventory: number; targets: readonly string[] },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Host> | null> {
  const hosts: Host[] = []
  const path = `/inventories/${look.inventory}/hosts`
  try {
    for (let from = 0; from < look.targets.length; from += mostInOneLook) {
      const names = look.targets.slice(from, from + mostInOneLook)
      hosts.push(...(await namedHosts(client, { path, names }, signal)))
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    // The right to run a template does not include the right to see its inventory.
    if (error.code !== 'platform_forbidden' && error.code !== 'platform_job_not_found') throw error
    return null
  }
  return new Map(hosts.map((host) => [host.name.toLowerCase(), host]))
}

async function namedHosts(
  client: AwxClient,
  look: { path: string; names: readonly string[] },
  signal: AbortSignal,
): Promise<Host[]> {
  const filters = look.names.map((name) => `or__name__iexact=${encodeURIComponent(name)}`).join('&')
  const page = await getPage(
    client,
    { path: look.path, query: `page_size=200&${filters}`, signal },
    Host,
  )
  return page.rows
}

function refuse(reason: string): never {
  throw new ConnectorError('parameters_invalid', reason)
}
