export declare const ENTRIES: readonly { readonly entry: string; readonly name: string; readonly isBoth: boolean }[]
export declare const BOTH: readonly string[]
export declare const MODULES: readonly string[]
export declare const TOOLS: readonly string[]
export declare const SOURCES: Readonly<Record<string, string>>
