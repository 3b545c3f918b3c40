import type { Arguments } from './arguments.ts'
import type { OptionName } from './options.ts'
import type { Paint, Terminal } from './terminal.ts'

/** A command of the program. Each one has its own file and a row in commands.ts. */
export interface Command {
  readonly name: string
  /** Its description in the list of commands. */
  readonly summary: string
  /** Its syntax, without the program name. */
  readonly usage: readonly string[]
  /** Paragraphs of `--help`. */
  readonly notes?: readonly string[]
  readonly examples: readonly (readonly [what: string, command: string])[]
  readonly options: readonly OptionName[]
  /** Descriptions that replace those in options.ts. */
  readonly help?: Readonly<Partial<Record<OptionName, string>>>
  /** Runs the command and returns the exit code: 0 for success, 1 for a rejected request. */
  readonly run: (call: Call) => Promise<0 | 1>
}

/** A call of a command. */
export interface Call extends Arguments {
  readonly name: string
  /** Without its outputs, because `print` and `note` escape characters that a terminal would interpret. */
  readonly terminal: Omit<Terminal, 'stdout' | 'stderr'>
  /** The number of characters per line of standard output. */
  readonly width: number
  /** Prints to standard output. */
  readonly print: (text: string) => void
  /** Prints to standard error. */
  readonly note: (text: string) => void
  /** Prints to standard error if --verbose is set. */
  readonly detail: (text: string) => void
  /** Shows a line on standard error until the next output; empty for none. Missing if it is not a terminal. */
  readonly status: ((text: string) => void) | undefined
  readonly paint: Paint
  /** Secrets to remove from messages. */
  readonly secrets: (string | undefined)[]
}
