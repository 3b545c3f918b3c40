import { read } from './markdown.ts'

/** Sections of docs/options.md, and the types whose members their tables must list. */
export const SECTIONS: readonly (readonly [heading: string, specifier: string, types: readonly string[]])[] = [
  ['Presign and sign', 'sigv4', ['PresignOptions', 'SignOptions']],
  ['deriveSigningKey', 'sigv4', ['KeyScope']],
  ['S3 objects', 'sigv4', ['S3Object']],
  [
    'presignPost',
    'sigv4',
    ["Pick<PostTarget, 'key' | 'keyPrefix'>", 'PresignPostOptions', 'NonNullable<Parameters<typeof checkPost>[2]>'],
  ],
  ['Multipart uploads', 'sigv4', ['PresignMultipartUploadOptions', 'PresignMultipartPartsOptions']],
  [
    'Tokens',
    'sigv4/tokens',
    [
      ...['TokenOptions', 'WebSocketOptions', 'RdsTarget', 'DsqlTarget', 'CacheTarget', 'EksTarget', 'KeyspacesTarget'],
      ...['CallerIdentityTarget', 'S3ExpressTarget'],
    ],
  ],
  ['signChunks', 'sigv4/streams', ['SignChunksOptions']],
  ['resignChunks', 'sigv4/streams', ['ResignChunksOptions']],
  ['createSignedFetch', 'sigv4/fetch', ['SignedFetchOptions']],
  ['fromWebIdentity', 'sigv4/credentials', ['WebIdentityOptions']],
  ['fromS3Express', 'sigv4/credentials', ['S3ExpressOptions']],
  ['verify', 'sigv4/verify', ['VerifyOptions']],
  ['toErrorResponse', 'sigv4/verify', ['ErrorResponseOptions']],
  ['explain', 'sigv4-tools/explain', ['ExplainInput']],
  ['serve', 'sigv4-tools/serve', ['ServeOptions']],
  ['proxy', 'sigv4-tools/proxy', ['ProxyOptions']],
]

/** Returns the names in the first cells of the tables below a heading. */
function listed(heading: string): string[] {
  const sections = read('docs/options.md').split(/^#+ +/m)
  const section = sections.find((each) => each.startsWith(`${heading}\n`)) ?? ''
  const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell!)
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!))
}

/** Returns a program that compiles only if the tables of a section list exactly the members of its types. */
export function programOf([heading, specifier, types]: (typeof SECTIONS)[number]): string {
  const names = new Set(types.flatMap((type) => type.match(/\b(?:[A-Z]\w+(?=$|,)|checkPost)/g) ?? []))
  const union = (parts: readonly string[], write: (part: string) => string): string => parts.map(write).join(' | ')
  return `import type { ${[...names].join(', ')} } from '${specifier}'
type Listed = ${union(listed(heading), (name) => `'${name}'`)}
type Declared = ${union(types, (type) => `keyof ${type}`)}
type IsNever<Type> = [Type] extends [never] ? true : Type
export const missing: IsNever<Exclude<Declared, Listed>> = true
export const unknown: IsNever<Exclude<Listed, Declared>> = true
`
}
