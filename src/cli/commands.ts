import { compareCommand } from './commands/compare.ts'
import { debuggerCommand } from './commands/debugger.ts'
import { explainCommand } from './commands/explain.ts'
import { inspectCommand } from './commands/inspect.ts'
import { postCommand } from './commands/post.ts'
import { presignCommand } from './commands/presign.ts'
import { proxyCommand } from './commands/proxy.ts'
import { serveCommand } from './commands/serve.ts'
import { signCommand } from './commands/sign.ts'
import { tokenCommand } from './commands/token.ts'
import { verifyCommand } from './commands/verify.ts'
import type { Command } from './program/command.ts'

/** All commands, in the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [
  presignCommand,
  postCommand,
  signCommand,
  tokenCommand,
  inspectCommand,
  verifyCommand,
  explainCommand,
  compareCommand,
  serveCommand,
  proxyCommand,
  debuggerCommand,
]
