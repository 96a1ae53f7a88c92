// Plays the stories of the demonstration one after the other: an incident, a change, an ordered item.
import { playChange } from './change.ts'
import { playOrder } from './order.ts'
import { playOnce } from './play-once.ts'
import type { ProcessStory } from './process-story.ts'
import type { Demo } from './start-demo.ts'
import type { Story } from './story.ts'

/** All of them; the incident's stands by itself for whoever reads the JSON. */
export interface Stories extends Story {
  change: ProcessStory
  order: ProcessStory
}

/** Plays them. Throws when one ends before there is a story to tell. */
export async function playAll(
  { stack, server }: Demo,
  tell: (text: string) => void,
): Promise<Stories> {
  const { url } = stack.instance
  tell('An agent plays the road of an incident')
  const incident = await playOnce({ instanceUrl: url, server })
  tell('A change is approved, carried out in batches, and rolled back when its check fails')
  const change = await playChange(url, server.farm)
  tell('A requester orders an item, which is fulfilled without anybody')
  const order = await playOrder(url, server.farm)
  return { ...incident, change, order }
}
