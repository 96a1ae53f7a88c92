// Keeps what it got: standard input and environment, byte for byte.
import { readFileSync, writeFileSync } from 'node:fs'

writeFileSync('stdin.json', readFileSync(0))
writeFileSync('environment.json', JSON.stringify(process.env))
for (const [name, path] of Object.entries(process.env)) {
  if (/^PARAM_.*_FILE$/.test(name)) writeFileSync(`${name}.copy`, readFileSync(path))
}
