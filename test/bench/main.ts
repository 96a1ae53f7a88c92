// All benchmarks, one after the other, as one JSON document with the size of the machine (`npm run bench`).
import { availableParallelism, cpus, totalmem } from 'node:os'

import { benchAccept } from './accept.ts'
import { benchBacktest } from './backtest.ts'
import { benchClassifier } from './classifier.ts'
import { benchIdle } from './idle.ts'
import { benchRoad } from './road.ts'
import { benchRules } from './rules.ts'

const machine = {
  cores: availableParallelism(),
  cpu: cpus()[0]?.model,
  memory_gb: Math.round(totalmem() / 1e9),
  node: process.version,
}

console.log(
  JSON.stringify(
    {
      machine,
      accept: await benchAccept(),
      road: await benchRoad(),
      rules: await benchRules(),
      backtest: await benchBacktest(),
      classifier: benchClassifier(),
      idle: await benchIdle(),
    },
    null,
    2,
  ),
)
