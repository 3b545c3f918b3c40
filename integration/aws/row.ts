import type { Lab } from './lab.ts'
import type { Options } from './options.ts'

/** One line of the report: a kind of request. */
export interface Row {
  readonly name: string
  /** Returns why it cannot run with these options. */
  readonly missing?: (options: Options) => string | undefined
  /** Throws if anything is not as expected. */
  run(lab: Lab): Promise<void>
}

export function row(name: string, run: (lab: Lab) => Promise<void>, missing?: Row['missing']): Row {
  return { name, run, ...(missing && { missing }) }
}

/** For rows about hosts that only AWS has. */
export function onAws({ endpoint }: Options): string | undefined {
  return endpoint === undefined ? undefined : 'it requires an AWS host, not --endpoint'
}

/** For rows that need an option, and AWS. */
export function withOption(name: keyof Options, flag: string): NonNullable<Row['missing']> {
  return (options) => onAws(options) ?? (options[name] ? undefined : `${flag} was not passed`)
}
