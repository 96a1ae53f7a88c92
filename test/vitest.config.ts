import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres-server.ts'],
    // Real processes and databases on a small machine; what hangs still ends.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // More than the two cores: many tests wait for a lease, a heartbeat or a page.
    maxWorkers: 3,
    restoreMocks: true,
  },
})
