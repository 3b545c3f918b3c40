interface Entry {
  readonly entry: string
  readonly name: string
}
export declare const ENTRIES: readonly Entry[]
export declare const TOOLS: readonly Entry[]
export declare const SOURCES: Readonly<Record<string, string>>
export declare const PORTABLE: readonly string[]
