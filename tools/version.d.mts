export interface Release {
  readonly folder: string
  readonly tag: string
  readonly manifests: readonly string[]
  readonly names: RegExp
  readonly mentions: RegExp
}
export type Released = 'sigv4' | 'sigv4-tools'
export declare const RELEASES: Readonly<Record<Released, Release>>
export declare function tagOf(name: Released, version: string): string
export declare function notesOf(name: Released, version: string, read: (path: string) => string): string
export declare function changesOf(
  name: Released,
  version: string,
  files: { paths: readonly string[]; read: (path: string) => string; date: string },
): Map<string, string>
