import { checkCount } from '../program/arguments.ts'
import type { Call, Command } from '../program/command.ts'

export const copyCommand: Command = {
  name: 'copy',
  summary: 'Print a file that signs without this package',
  usage: ['copy > sigv4.ts'],
  notes: [
    'The file signs and presigns requests for any service. It requires Web Crypto, and runs unchanged in Node 22.18 or later, Deno, and Bun, and with bundlers.',
    'It has the rules of the signature only: it reads neither hosts nor S3 objects, checks few arguments, and keeps no keys.',
  ],
  examples: [
    ['save the file', 'npx sigv4-tools copy > sigv4.ts'],
    ['read it', 'npx sigv4-tools copy | less'],
    ['compare a copy with the current version', 'npx sigv4-tools copy | diff sigv4.ts -'],
  ],
  options: [],
  run,
}

async function run(call: Call): Promise<0> {
  checkCount(call, 0)
  call.print(call.terminal.readOwn('reference.ts').toString())
  return 0
}
