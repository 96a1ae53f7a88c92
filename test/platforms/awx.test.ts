// AWX: the suites for all drivers and for those over HTTP. What is particular to it: awx/*.test.ts.
import { createPlatform } from './awx/platform.ts'
import { testHttpDriver } from './conformance-http.ts'
import { testDriver } from './conformance.ts'

const capabilities = {
  find: true,
  cancel: true,
  progress: false,
  output: true,
  describe: true,
  targets: true,
  callback: 'hint',
} as const

testDriver('awx', capabilities, () => createPlatform())
testHttpDriver('awx', { capabilities }, () => createPlatform())
testHttpDriver('awx behind a gateway', { capabilities }, () => createPlatform('/api/controller/v2'))
