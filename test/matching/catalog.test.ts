// Ordered items and templates: what binds, how strongly, and what only looks alike.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import { bindingOf, likeness, strengthOf } from '../../connector/matching/catalog.ts'
import { defaultPolicy } from '../../connector/policy.ts'
import { makeTicket } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const itemSysId = 'a'.repeat(32)
const categorySysId = 'b'.repeat(32)

function order(name = 'New virtual machine'): Ticket {
  return {
    ...makeTicket(),
    table: 'sc_req_item',
    number: 'RITM0010001',
    fields: {
      cat_item: { type: 'reference', value: itemSysId, display: name },
      'cat_item.name': { type: 'string', value: name },
      'cat_item.category': { type: 'reference', value: categorySysId },
      'cat_item.category.title': { type: 'string', value: 'Hardware' },
    },
  }
}

/** Its category lies in another one, and that in a third. */
function orderBelow(): Ticket {
  const ticket = order()
  const parent = 'cat_item.category.parent'
  ticket.fields[parent] = { type: 'reference', value: 'd'.repeat(32) }
  ticket.fields[`${parent}.title`] = { type: 'string', value: 'IT equipment' }
  // Without its title, as where that may not be read.
  ticket.fields[`${parent}.parent`] = {
    type: 'reference',
    value: 'e'.repeat(32),
    display: 'Everything',
  }
  return ticket
}

function template(
  catalog: object,
  title = 'Something else entirely',
): ReturnType<typeof makeTemplate> {
  return makeTemplate({ title, catalog })
}

describe('bindingOf', () => {
  it('is null for a template that names no catalog items and for other tickets', () => {
    expect(bindingOf(makeTemplate(), order())).toBeNull()
    expect(bindingOf(template({ items: ['New virtual machine'] }), makeTicket())).toBeNull()
  })

  it.each([['new VIRTUAL machine'], [itemSysId]])('binds by the item named as %s', (name) => {
    expect(bindingOf(template({ items: [name] }), order())).toEqual({
      by: 'item',
      score: 1,
      reason: 'the item "New virtual machine" is named by the template',
    })
  })

  it.each([['hardware'], [categorySysId]])('binds by the category named as %s', (name) => {
    expect(bindingOf(template({ categories: [name] }), order())).toEqual({
      by: 'category',
      score: 1,
      reason: 'the category "Hardware" is named by the template',
    })
  })

  it.each([
    ['IT equipment', 'IT equipment', 0.9],
    ['d'.repeat(32), 'IT equipment', 0.9],
    ['Everything', 'Everything', 0.8],
  ])('binds by a category above that of the item, named as %s', (name, title, score) => {
    expect(bindingOf(template({ categories: [name] }), orderBelow())).toEqual({
      by: 'category',
      score,
      reason: `the category "${title}", which holds "Hardware", is named by the template`,
    })
  })

  it('binds weaker the farther above the category is, but before an equal title', () => {
    const strengths = [
      { items: [itemSysId] },
      { categories: ['Everything', 'Hardware'] },
      { categories: ['IT equipment', 'Everything'] },
      { categories: ['Everything'] },
      { titles: ['New virtual machine'] },
    ].map((catalog) => strengthOf(bindingOf(template(catalog), orderBelow())))

    expect(strengths).toEqual(strengths.toSorted((a, b) => b - a))
    expect(new Set(strengths).size).toBe(5)
  })

  it('prefers the item to the category and the category to a title', () => {
    const all = { items: [itemSysId], categories: ['Hardware'], titles: ['New virtual machine'] }

    expect(bindingOf(template(all), order())?.by).toBe('item')
    expect(bindingOf(template({ ...all, items: [] }), order())?.by).toBe('category')
    expect(bindingOf(template({ titles: all.titles }), order())).toMatchObject({
      by: 'title',
      score: 1,
    })
  })

  it('finds a title with a slip of the pen well above the threshold, and says how alike it is', () => {
    const binding = bindingOf(template({ titles: ['New virtaul machine'] }), order())

    expect(binding?.by).toBe('title')
    expect(binding?.score).toBeGreaterThanOrEqual(defaultPolicy.catalog.threshold)
    expect(binding?.reason).toMatch(
      /^the item "New virtual machine" is \d\d % like "New virtaul machine"$/,
    )
  })

  it("compares with the template's own title where it lists no items", () => {
    expect(bindingOf(template({}, 'New virtual machine'), order())).toMatchObject({
      by: 'title',
      score: 1,
    })
    expect(bindingOf(template({ items: ['Other item'] }, 'New virtual machine'), order())?.by).toBe(
      'none',
    )
  })

  it('is none when nothing fits or the order does not say what it is', () => {
    expect(bindingOf(template({ items: ['Toner'] }), order())).toEqual({
      by: 'none',
      score: 0,
      reason: 'nothing in the template is like the item "New virtual machine"',
    })
    const unknown = { ...order(), fields: {} }
    expect(bindingOf(template({ items: ['Toner'] }), unknown)?.by).toBe('none')
  })

  it('reads the name from the display value where the name itself was not sent', () => {
    const ticket = order()
    delete ticket.fields['cat_item.name']

    expect(bindingOf(template({ items: ['New virtual machine'] }), ticket)?.by).toBe('item')
  })

  it('does not take an empty category for a named one', () => {
    const ticket = order()
    ticket.fields['cat_item.category'] = { type: 'reference', value: '' }
    ticket.fields['cat_item.category.title'] = { type: 'string', value: '' }

    expect(bindingOf(template({ categories: [' '] }), ticket)?.by).toBe('none')
  })

  it('grows weaker from item to none, with templates that name no items in between', () => {
    const strengths = [
      { by: 'item', score: 1, reason: '' } as const,
      { by: 'category', score: 1, reason: '' } as const,
      { by: 'title', score: 0.9, reason: '' } as const,
      null,
      { by: 'none', score: 0, reason: '' } as const,
    ].map(strengthOf)

    expect(strengths).toEqual(strengths.toSorted((a, b) => b - a))
    expect(new Set(strengths).size).toBe(5)
  })
})

describe('likeness', () => {
  const { threshold } = defaultPolicy.catalog

  it.each([
    ['New Laptop', 'new laptop'],
    ['Café terminal', 'cafe  terminal'],
    ['新建虚拟机', '新建虚拟机'],
  ])('%s and %s are equal', (one, other) => {
    expect(likeness(one, other)).toBe(1)
  })

  it.each([
    ['New Laptop', 'New Laptops'],
    ['Restart a service', 'Restart a servise'],
    ['Request mailbox quota', 'Reqeust mailbox quota'],
    ['Standard software installation', 'Standard software instalation'],
  ])('%s and %s are alike enough to run', (one, other) => {
    expect(likeness(one, other)).toBeGreaterThanOrEqual(threshold)
    expect(likeness(one, other)).toBeLessThan(1)
  })

  it.each([
    ['Windows Server 2019', 'Windows Server 2022'],
    ['Install software package', 'Uninstall software package'],
    ['Enable the user account', 'Disable the user account'],
    ['VM', 'VM for the project of the year'],
    ['新增防火墙访问规则申请', '删除防火墙访问规则申请'],
    ['安装办公软件许可证', '卸载办公软件许可证'],
    ['Reset password', 'Restart a service'],
    [
      'Grant access to the shared drive of the finance department',
      'Revoke access to the shared drive of the finance department',
    ],
    ['a', 'abcdef'],
  ])('%s and %s are never alike enough to run', (one, other) => {
    expect(likeness(one, other)).toBeLessThan(threshold)
  })

  it.each([
    ['Virtual machine', 'New virtual machine'],
    ['新建虚拟机', '申请虚拟机'],
  ])('%s and %s are alike enough to be suggested', (one, other) => {
    expect(likeness(one, other)).toBeGreaterThan(0.3)
  })

  it('is between 0 and 1, the same both ways round, and 1 for a text and itself', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.lorem(),
    )

    fc.assert(
      fc.property(name, name, (one, other) => {
        const score = likeness(one, other)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
        expect(likeness(other, one)).toBe(score)
        expect([0, 1]).toContain(likeness(one, one))
      }),
      { numRuns: 500 },
    )
  })
})
