// Checks of how far a rule is trusted, how much a run may affect, and which ordered item it fulfils.
import { describe, expect, it } from 'vitest'

import type { Check } from '#shared/decision.ts'
import type { Affected } from '#shared/ticket-event.ts'

import { blastOf } from '../../connector/blast.ts'
import type { Binding, CheckContext } from '../../connector/checks/check.ts'
import { canaryPlace } from '../../connector/checks/rollout.ts'
import { checkOf, incidentWith, policyOf } from '../support/checks.ts'
import { makeTicket, randomHex } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

describe('rollout', () => {
  function rollout(mode: object, overrides: Partial<CheckContext> = {}): Check | null {
    return checkOf('rollout', {
      trigger: 'created',
      template: makeTemplate({ rollout: mode }),
      ...overrides,
    })
  }

  it.each(['manual', 'ordered'] as const)('does not apply when a person asked (%s)', (trigger) => {
    expect(rollout({ mode: 'shadow' }, { trigger })).toBeNull()
  })

  it('live lets every ticket pass', () => {
    expect(rollout({})).toEqual({ check: 'rollout', passed: true, detail: 'The rule is live.' })
  })

  it.each(['created', 'updated'] as const)('shadow only records (%s)', (trigger) => {
    expect(rollout({ mode: 'shadow' }, { trigger })).toEqual({
      check: 'rollout',
      passed: false,
      detail: 'Shadow: it is only recorded that this would have started; rollout.mode is shadow.',
      hint: 'Set rollout.mode to live in the template when its receipts look right.',
    })
  })

  it('canary lets its share of tickets pass: 0 none, 100 all, 25 a quarter, spread evenly', () => {
    const places = Array.from({ length: 20_000 }, () => canaryPlace(randomHex()))
    const quarter = places.filter((place) => place < 25).length / places.length
    const perPlace = Array.from({ length: 100 }, (_, at) => places.filter((p) => p === at).length)

    expect(quarter).toBeGreaterThan(0.23)
    expect(quarter).toBeLessThan(0.27)
    expect(Math.min(...perPlace)).toBeGreaterThan(120)
    expect(Math.max(...perPlace)).toBeLessThan(280)
    expect(rollout({ mode: 'canary', percent: 0 })?.passed).toBe(false)
    expect(rollout({ mode: 'canary', percent: 100 })?.passed).toBe(true)
  })

  it('canary spreads sys_ids that differ in one digit, too', () => {
    const places = Array.from({ length: 2000 }, (_, at) =>
      canaryPlace(`6816f79cc0a8016401c5a33b${at.toString(16).padStart(8, '0')}`),
    )
    const quarter = places.filter((place) => place < 25).length / places.length

    expect(quarter).toBeGreaterThan(0.2)
    expect(quarter).toBeLessThan(0.3)
  })

  it('canary gives a ticket the same answer for ever, and never takes one out when the share grows', () => {
    // Fixed values: another hash would move tickets in and out of a canary at an upgrade.
    expect(canaryPlace('6816f79cc0a8016401c5a33be04be441')).toBe(18)
    expect(canaryPlace('0'.repeat(32))).toBe(48)

    const ticket = makeTicket('6816f79cc0a8016401c5a33be04be441')
    const first = Array.from({ length: 101 }, (_, percent) => percent).filter(
      (percent) => rollout({ mode: 'canary', percent }, { ticket })?.passed,
    )

    expect(first).toEqual(Array.from({ length: 100 - 18 }, (_, at) => 18 + 1 + at))
  })

  it('canary says whether the ticket takes part', () => {
    const ticket = { ...makeTicket('0'.repeat(32)), number: 'INC0000042' }

    expect(rollout({ mode: 'canary', percent: 100 }, { ticket })?.detail).toBe(
      'Canary: INC0000042 is among the 100 % of tickets that take part.',
    )
    expect(rollout({ mode: 'canary', groups: ['Unix', 'Net'] }, { ticket })).toEqual({
      check: 'rollout',
      passed: false,
      detail:
        'Canary: INC0000042 is not among the tickets that take part (0 % of all, and the groups Unix, Net).',
      hint: 'Widen rollout.percent or rollout.groups in the template, or set rollout.mode to live.',
    })
  })

  it.each([
    ['the name beside the reference', { 'assignment_group.name': 'Unix' }, true],
    [
      'the label of the reference',
      { assignment_group: { type: 'reference', value: 'ab', display: 'Unix' } },
      true,
    ],
    ['another group', { 'assignment_group.name': 'Net' }, false],
    ['a group in the text', { description: 'Unix' }, false],
    ['no group', {}, false],
  ])('canary by group: %s', (_name, fields, passed) => {
    const mode = { mode: 'canary', percent: 0, groups: ['Unix'] }

    expect(rollout(mode, { ticket: incidentWith(fields) })?.passed).toBe(passed)
  })
})

describe('blast-radius and blast-approval', () => {
  function affected(cis: number, services: number, complete = true): Affected {
    const names = Array.from({ length: 900 }, (_, at) => `n${at}`)
    return { cis: names.slice(0, cis), services: names.slice(0, services), complete }
  }

  function blast(
    thresholds: object,
    about: { affected?: Affected; approval?: string } = {},
  ): { radius: Check | null; approval: Check | null } {
    const template = makeTemplate({ blast_radius: thresholds })
    const fields = about.approval === undefined ? {} : { approval: about.approval }
    const ticket = {
      ...incidentWith(fields),
      number: 'INC0000042',
      ...(about.affected === undefined ? {} : { affected: about.affected }),
    }
    return {
      radius: checkOf('blast-radius', { template, ticket }),
      approval: checkOf('blast-approval', { template, ticket }),
    }
  }

  it('do not apply without their thresholds, nor before the gate when the CMDB is asked', () => {
    const none = { radius: null, approval: null }

    expect(blast({}, { affected: affected(9, 9) })).toEqual(none)
    expect(blast({ cis: {} })).toEqual(none)
    expect(blast({ source: 'cmdb', cis: { refuse_above: 0, approve_above: 0 } })).toEqual(none)
    expect(checkOf('blast-radius')).toBeNull()
    expect(blast({ cis: { refuse_above: 5 } }, { affected: affected(1, 1) }).approval).toBeNull()
    expect(blast({ cis: { approve_above: 5 } }, { affected: affected(1, 1) }).radius).toBeNull()
  })

  it.each([
    [0, 0, true],
    [3, 1, true],
    [4, 1, false],
    [3, 2, false],
  ])('refuse more than the template allows (%i items, %i services)', (cis, services, passed) => {
    const thresholds = { cis: { refuse_above: 3 }, services: { refuse_above: 1 } }

    expect(blast(thresholds, { affected: affected(cis, services) }).radius?.passed).toBe(passed)
  })

  it('say how much is affected and what to do', () => {
    const thresholds = { cis: { refuse_above: 3 } }

    expect(blast(thresholds, { affected: affected(4, 1) }).radius).toEqual({
      check: 'blast-radius',
      passed: false,
      detail: 'Affects 4 configuration items; the template refuses more than 3.',
      hint: 'Split the work over smaller tickets, or do it by hand.',
    })
    expect(blast(thresholds, { affected: affected(2, 1) }).radius?.detail).toBe(
      'Affects 2 configuration items and 1 services.',
    )
  })

  it('an approval does not help against a refusal', () => {
    const thresholds = { cis: { refuse_above: 3 } }

    expect(
      blast(thresholds, { affected: affected(4, 0), approval: 'approved' }).radius?.passed,
    ).toBe(false)
  })

  it.each([
    ['not requested', false],
    ['requested', false],
    ['rejected', false],
    ['', false],
    [undefined, false],
    ['approved', true],
  ])('above the threshold with approval "%s": %s', (approval, passed) => {
    const about = { affected: affected(4, 0), ...(approval === undefined ? {} : { approval }) }

    expect(blast({ cis: { approve_above: 3 } }, about).approval?.passed).toBe(passed)
  })

  it('ask for approval in words', () => {
    expect(
      blast({ services: { approve_above: 0 } }, { affected: affected(4, 2) }).approval,
    ).toEqual({
      check: 'blast-approval',
      passed: false,
      detail: 'Affects 2 services; more than 0 need an approved ticket, and INC0000042 is not.',
      hint: 'Get INC0000042 approved, then run it again.',
    })
    expect(
      blast({ cis: { approve_above: 9 } }, { affected: affected(4, 2) }).approval?.detail,
    ).toBe('Affects 4 configuration items and 2 services; that needs no approval.')
    expect(
      blast({ cis: { approve_above: 3 } }, { affected: affected(4, 2), approval: 'approved' })
        .approval?.detail,
    ).toBe('Affects 4 configuration items, and INC0000042 is approved.')
  })

  it('refuse when nobody looked what is affected', () => {
    const unknown = {
      passed: false,
      detail:
        'The template limits how much may be affected, but nobody could tell what this ticket affects.',
      hint: 'Ask a platform admin to update the app, so that its events name the affected items.',
    }

    expect(blast({ cis: { refuse_above: 900, approve_above: 900 } })).toMatchObject({
      radius: unknown,
      approval: unknown,
    })
  })

  it('a list that was cut counts as more than any threshold', () => {
    const thresholds = { cis: { refuse_above: 900 }, services: { refuse_above: 900 } }

    expect(blast(thresholds, { affected: affected(500, 2, false) }).radius?.detail).toBe(
      'Affects more than 500 configuration items; the template refuses more than 900.',
    )
    expect(
      blast({ services: { refuse_above: 900 } }, { affected: affected(500, 2, false) }).radius
        ?.passed,
    ).toBe(true)
    expect(
      blast({ services: { refuse_above: 900 } }, { affected: affected(80, 2, false) }).radius
        ?.passed,
    ).toBe(false)
  })

  it('come both at once for counts from the CMDB', () => {
    const thresholds = { cis: { approve_above: 3, refuse_above: 8 } }
    const template = makeTemplate({ blast_radius: { ...thresholds, source: 'cmdb' } })
    const about = { template, ticket: makeTicket() }

    function failed(known: number): string[] {
      const counts = { cis: { known, complete: true }, services: { known: 0, complete: true } }
      return blastOf(counts, about)
        .filter(({ passed }) => !passed)
        .map(({ check }) => check)
    }

    expect(failed(3)).toEqual([])
    expect(failed(4)).toEqual(['blast-approval'])
    expect(failed(9)).toEqual(['blast-radius', 'blast-approval'])
    expect(blastOf(null, about).map(({ passed }) => passed)).toEqual([false, false])
    expect(blastOf(null, { ...about, template: makeTemplate() })).toEqual([])
  })
})

describe('catalog-binding', () => {
  function binding(
    bound: Partial<Binding> | null,
    overrides: Partial<CheckContext> = {},
  ): Check | null {
    return checkOf('catalog-binding', {
      trigger: 'ordered',
      binding:
        bound === null
          ? null
          : { by: 'item', score: 1, reason: 'the item "VM" is named', ...bound },
      ...overrides,
    })
  }

  it('does not apply to a template that names no items', () => {
    expect(binding(null)).toBeNull()
  })

  it.each(['item', 'category'] as const)('passes by %s', (by) => {
    expect(binding({ by })).toEqual({
      check: 'catalog-binding',
      passed: true,
      detail: 'Bound: the item "VM" is named.',
    })
  })

  it.each([
    [1, true],
    [0.8, true],
    [0.7999, false],
    [0, false],
  ])('by title with a likeness of %d', (score, passed) => {
    expect(binding({ by: 'title', score })?.passed).toBe(passed)
  })

  it('never shows a likeness as enough when it was not', () => {
    expect(binding({ by: 'title', score: 0.7999, reason: '"VM" is like "VMs".' })).toEqual({
      check: 'catalog-binding',
      passed: false,
      detail: 'Suggested only (79.9 % alike, 80 % needed): "VM" is like "VMs".',
      hint: 'Run it by hand, or ask a platform admin to name the item under catalog.items of the template.',
    })
    expect(binding({ by: 'title', score: 0.8 })?.detail).toBe(
      'Alike enough (80 % of 80 % needed): the item "VM" is named.',
    )
  })

  it('follows the threshold of the policy', () => {
    const policy = policyOf({ catalog: { threshold: 0.95 } })

    expect(binding({ by: 'title', score: 0.9 }, { policy })?.passed).toBe(false)
  })

  it('refuses an item that the template does not fulfil', () => {
    expect(binding({ by: 'none', score: 0, reason: 'nothing is like "Chair"' })).toEqual({
      check: 'catalog-binding',
      passed: false,
      detail: '"Free disk space" does not fulfil this item: nothing is like "Chair".',
      hint: 'Ask a platform admin to name the item under catalog.items of the template that fulfils it.',
    })
  })

  it.each(['title', 'none'] as const)('leaves the choice to a person (%s)', (by) => {
    expect(binding({ by, score: 0.1 }, { trigger: 'manual' })?.detail).toBe(
      'A person chose it for this item: the item "VM" is named.',
    )
  })
})
