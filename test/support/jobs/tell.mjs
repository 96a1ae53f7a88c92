// Writes down what it was given, byte for byte: standard input, and the text as its environment has it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { PROOF_DIR, TICKET_NUMBER, PARAM_TEXT, PARAM_TEXT_FILE } = process.env
const fromEnvironment = PARAM_TEXT_FILE === undefined ? PARAM_TEXT : readFileSync(PARAM_TEXT_FILE)
writeFileSync(join(PROOF_DIR, `${TICKET_NUMBER}.stdin`), readFileSync(0))
writeFileSync(join(PROOF_DIR, `${TICKET_NUMBER}.text`), fromEnvironment)
