// Where runs may lead tickets, against what the app can do: a wish that no setting of the app turns into a state would
// be refused on every instance.
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { waysOf } from '../../connector/processes/ways.ts'

const settings = ['incident', 'change', 'item'].map((name) =>
  readFileSync(`now-app/src/fluent/properties-${name}.now.ts`, 'utf8'),
)

function hasSetting(table: string, transition: string): boolean {
  return settings.some((text) =>
    text.includes(`name: 'x_snc_ticket_auto.${table}.state.${transition}'`),
  )
}

describe('every state that a run may ask for', () => {
  it.each(['incident', 'change_request', 'sc_req_item'])(
    'of %s is a setting of the app',
    (table) => {
      const asked = [...new Set(Object.values(waysOf(table)).flat())]

      expect(asked.length).toBeGreaterThan(3)
      expect(asked.filter((transition) => !hasSetting(table, transition))).toEqual([])
    },
  )
})
