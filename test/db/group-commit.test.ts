import { describe, expect, it } from 'vitest'

import { createGroupCommit } from '../../connector/db/group-commit.ts'

describe('group commit', () => {
  it('puts what arrives together into one group and answers each with its own result', async () => {
    const groups: number[][] = []
    const commit = createGroupCommit<number, number>(
      async (items) => {
        groups.push([...items])
        return items.map((item) => item * 2)
      },
      { maxItems: 10 },
    )

    const results = await Promise.all([1, 2, 3].map((item) => commit(item)))

    expect(results).toEqual([2, 4, 6])
    expect(groups).toEqual([[1, 2, 3]])
  })

  it('never lets two groups overlap, keeps the order and the size', async () => {
    let running = 0
    const groups: number[][] = []
    const commit = createGroupCommit<number, null>(
      async (items) => {
        running++
        expect(running).toBe(1)
        await new Promise<void>((resolve) => setImmediate(resolve))
        groups.push([...items])
        running--
        return items.map(() => null)
      },
      { maxItems: 4 },
    )

    await Promise.all(Array.from({ length: 11 }, (_value, item) => commit(item)))

    expect(groups.map((group) => group.length)).toEqual([4, 4, 3])
    expect(groups.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('lets one bad item fail alone', async () => {
    const commit = createGroupCommit<number, string>(
      async (items) => {
        if (items.includes(2)) throw new Error('22P05: unsupported Unicode escape sequence')
        return items.map((item) => `stored ${item}`)
      },
      { maxItems: 10 },
    )

    const results = await Promise.allSettled([1, 2, 3].map((item) => commit(item)))

    expect(
      results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    ).toEqual(['stored 1', 'failed', 'stored 3'])
  })

  it('tries a deadlock again', async () => {
    let deadlocks = 2
    const commit = createGroupCommit<number, string>(
      async (items) => {
        if (deadlocks-- > 0) throw Object.assign(new Error('deadlock detected'), { code: '40P01' })
        return items.map(() => 'stored')
      },
      { maxItems: 10 },
    )

    expect(await commit(1)).toBe('stored')
  })

  it('gives an outage to every caller of its group and goes on with the next', async () => {
    let failing = true
    const commit = createGroupCommit<number, string>(
      async (items) => {
        if (failing) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
        return items.map(() => 'stored')
      },
      { maxItems: 10 },
    )

    const failed = await Promise.allSettled([commit(1), commit(2)])
    failing = false

    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await commit(3)).toBe('stored')
  })
})
