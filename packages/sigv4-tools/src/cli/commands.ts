import type { Command } from './program/command.ts'

// Each command is a file that is loaded when it is needed: `sigv4-tools proxy` runs for days without the code that explains a paste.

const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  presign: async () => (await import('./commands/presign.ts')).presignCommand,
  post: async () => (await import('./commands/post.ts')).postCommand,
  sign: async () => (await import('./commands/sign.ts')).signCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  inspect: async () => (await import('./commands/inspect.ts')).inspectCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  copy: async () => (await import('./commands/copy.ts')).copyCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  proxy: async () => (await import('./commands/proxy.ts')).proxyCommand,
  audit: async () => (await import('./audit/audit.ts')).auditCommand,
  debugger: async () => (await import('./commands/debugger.ts')).debuggerCommand,
}

/** The names of all commands, in the order in which `--help` lists them. */
export const COMMAND_NAMES: readonly string[] = Object.keys(LOADERS)

export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]!() : undefined
}

export function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(LOADERS).map((load) => load()))
}
