import type { Command } from './command.ts'
import { explainCommand } from './explain.ts'
import { inspectCommand } from './inspect.ts'
import { postCommand } from './post.ts'
import { presignCommand } from './presign.ts'
import { serveCommand } from './serve.ts'
import { signCommand } from './sign.ts'
import { verifyCommand } from './verify.ts'

/** All commands, in the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [
  presignCommand,
  postCommand,
  signCommand,
  inspectCommand,
  verifyCommand,
  explainCommand,
  serveCommand,
]
