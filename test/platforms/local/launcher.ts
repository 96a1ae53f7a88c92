// A connector process of its own for tests that kill it: launches jobs with the built-in runner, prints
// `ready` and then the id of every launched job, and stays, or leaves without closing anything.
//   node launcher.ts <dir> stay|leave <job> <timeoutMs> <token>...
import { createLocalDriver } from '../../../connector/platforms/local.ts'
import { launchOf, soon } from '../launch.ts'
import { localSettings } from './platform.ts'

const [dir = '', then = '', job = '', timeoutMs = '', ...tokens] = process.argv.slice(2)
const { options, deps } = localSettings(dir)
const driver = createLocalDriver(options, deps)

process.stdout.write('ready\n')
await Promise.all(
  tokens.map(async (token) => {
    const launched = await driver.launch(
      launchOf(job, { token, timeoutMs: Number(timeoutMs) }),
      soon(),
    )
    process.stdout.write(`${launched.id}\n`)
  }),
)
if (then === 'stay') setInterval(() => {}, 1000)
