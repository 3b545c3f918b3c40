import type fc from 'fast-check'

// biome-ignore lint/suspicious/noExplicitAny: a build may export anything
export type Module = Record<string, any>
/** The entries by name. */
export type Build = Module

/** Calls of one function, with random arguments. */
export interface Comparison {
  /** Entry and name, `sync.presignPut`. */
  readonly name: string
  /** @default the name */
  readonly title?: string
  /** What is counted together: `--runs` is the number of `sign`. */
  readonly group: 'sign' | 'verify' | 'explain'
  /** Calls relative to the others in the group. */
  readonly share: number
  readonly arbitrary: fc.Arbitrary<unknown[]>
  /** Whether the arguments are a signed request or form that was changed afterwards. */
  readonly isChanged?: boolean
  /** Whether the function may change its arguments, which are then compared too. */
  readonly changesArguments?: boolean
  /** Makes the call, with a copy of the arguments. @default the function, with all of them */
  readonly call?: (build: Build, args: unknown[]) => unknown
}

const ORIGINAL = 'test/smithy/exports.test.ts compares it with @smithy/signature-v4, for random requests'
const REMOVED = 'was removed before the first release'

/** Entries and exported functions that are not compared, and why. */
export const NOT_COMPARED: Readonly<Record<string, string>> = {
  fetch: 'sends requests, which test/fetch observes',
  credentials: 'reads the environment and sends requests, which test/credentials observes',
  serve: 'is a server, which packages/sigv4-tools/test/serve uses',
  proxy: 'is a server, which packages/sigv4-tools/test/proxy uses',
  sigv4a: 'signs with random numbers; test/sigv4a verifies the signatures',
  'index.forgetSigningKeys': 'changes no result, as test/crypto/key-cache.test.ts shows',
  'sync.forgetSigningKeys': 'changes no result, as test/crypto/key-cache.test.ts shows',
  'streams.signChunks': 'encodes streams, which test/streams compares with vectors',
  'streams.resignChunks': 'encodes streams, which test/streams compares with vectors',
  'streams.signEvents': 'signs streams, which test/streams compares with vectors',
  'streams.verifyEvents': 'verifies streams, which test/streams compares with vectors',
  'streams.decodeEvents': 'reads streams, which test/streams compares with vectors',
  'aws4fetch.AwsClient': 'sends requests, which test/aws4fetch observes; AwsV4Signer signs them',
  'smithy.SignatureV4Base': ORIGINAL,
  'smithy.clearCredentialCache': ORIGINAL,
  'smithy.createScope': ORIGINAL,
  'smithy.getCanonicalHeaders': ORIGINAL,
  'smithy.getCanonicalQuery': ORIGINAL,
  'smithy.getPayloadHash': ORIGINAL,
  'smithy.getSigningKey': ORIGINAL,
  'smithy.hasHeader': ORIGINAL,
  'smithy.moveHeadersToQuery': ORIGINAL,
  'smithy.prepareRequest': ORIGINAL,
  'aws4.fixed.sign': REMOVED,
  'aws4.fixed.RequestSigner': REMOVED,
  'aws4fetch.fixed.AwsClient': REMOVED,
  'aws4fetch.fixed.AwsV4Signer': REMOVED,
  'explain.explain': 'describes requests in prose, which packages/sigv4-tools/test/explain scores',
  'explain.parseEvidence': 'parses pasted text, which packages/sigv4-tools/test/explain scores',
  'explain.causes': 'is a list of names',
  'explain.causeText': 'is prose',
  'explain.highlightDiff': 'formats strings',
}

/** Finds a function by entry and name. */
export function find(build: Build, name: string): unknown {
  return name.split('.').reduce<Module | undefined>((within, member) => within?.[member], build)
}

/** Returns the exported functions of a build that no comparison calls. Entries may export the same function. */
export function uncovered(build: Build, names: readonly string[]): string[] {
  const covered = new Set([...names, ...Object.keys(NOT_COMPARED)].map((name) => find(build, name)))
  const functionsIn = (path: string, module: Module): string[] =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === 'function'
        ? covered.has(value)
          ? []
          : [`${path}.${name}`]
        : typeof value === 'object' && value !== null
          ? functionsIn(`${path}.${name}`, value)
          : [],
    )
  return Object.entries(build).flatMap(([entry, module]) => functionsIn(entry, module))
}
