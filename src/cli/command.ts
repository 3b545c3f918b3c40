import type { Arguments } from './arguments.ts'
import type { OptionName } from './options.ts'
import type { Paint, Terminal } from './terminal.ts'

/** One command of the program. To add one: a file with it, and a row in commands.ts. */
export interface Command {
  readonly name: string
  /** What it does, in the list of commands. */
  readonly summary: string
  /** What follows the name of the program. */
  readonly usage: readonly string[]
  /** Paragraphs of `--help`. */
  readonly notes?: readonly string[]
  readonly examples: readonly (readonly [what: string, command: string])[]
  readonly options: readonly OptionName[]
  /** What options are in this command, where it is not what options.ts says. */
  readonly help?: Readonly<Partial<Record<OptionName, string>>>
  /** Does it. The result is the exit code: 0 done, 1 refused. */
  readonly run: (call: Call) => Promise<0 | 1>
}

/** A command as it was called. */
export interface Call extends Arguments {
  /** Name of the command. */
  readonly name: string
  /** Without its outputs: `print` and `note` escape what a terminal would act on. */
  readonly terminal: Omit<Terminal, 'stdout' | 'stderr'>
  /** How many characters go on a line of standard output. */
  readonly width: number
  /** Prints to standard output. */
  readonly print: (text: string) => void
  /** Says something beside the result, on standard error. */
  readonly note: (text: string) => void
  /** The same, if --verbose is given. */
  readonly detail: (text: string) => void
  readonly paint: Paint
  /** Secrets that must be in no message. */
  readonly secrets: (string | undefined)[]
}
