import type { Table, TableDefinition } from '../tables.ts'

/** How long and how large everything is. */
export interface Scale {
  rounds: number
  /** Processes that presign 10,000 URLs, for each contestant. */
  freshRounds: number
  startRounds: number
  /** Bytes of the largest body. */
  largest: number
  /** Size of the upload that is verified. */
  uploadMebibytes: number
  uploadRounds: number
  /** One recording in so many is explained. */
  share: number
  /** Seconds of each load of a server. */
  seconds: number
  largeMebibytes: number
  /** Seconds of the load that shows the server's memory. */
  long: number
  /** Only what the gates need. */
  isGate: boolean
}

/** A process that measures something and prints tables. */
export interface Program {
  /** For the progress: `presign in Bun`. */
  doing: string
  tables: readonly string[]
  file: string
  options: object
  /** The command that runs the file. @default Node */
  command?: readonly string[] | undefined
  /** Why it cannot run here. */
  missing?: string | undefined
}

export interface Regime {
  name: string
  title: string
  /** How to read its tables. */
  about: string
  tables: readonly TableDefinition[]
  programs: (scale: Scale) => Program[]
  /** Adds columns that need several rows. */
  complete?: (tables: Map<string, Table>) => void
}
