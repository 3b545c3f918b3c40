// Which imports are allowed, checked by `npm run check`. Types count: what one imports for a type, one depends on.

/** The library: an entry or a room may import its own files, and these. A path ends with a slash, or is one file. */
const ROOMS = {
  'core/': [],
  // what is received, and what S3 has besides signatures: rooms beside the algorithm
  'received/': ['core/'],
  's3/': ['core/', 'received/'],
  // each file its own half, see HALVES
  'crypto/': ['core/'],
  'async/': ['s3/', 'core/', 'crypto/algorithm.ts', 'crypto/webcrypto.ts', 'crypto/body.ts'],
  'sync/': ['s3/', 'core/', 'crypto/algorithm.ts', 'crypto/sha256.ts'],
  'checksums/': ['s3/', 'core/', 'crypto/blocks.ts', 'crypto/compress.ts', 'crypto/runtime.ts'],
  'trace/': ['received/', 'core/', 'crypto/sha256.ts'],
  'verify/': [
    ...['received/', 's3/', 'core/', 'checksums/'],
    'async/credentials.ts', // types
    ...['crypto/algorithm.ts', 'crypto/webcrypto.ts', 'crypto/verifying.ts', 'crypto/sha256-stream.ts'],
  ],
  'aws4/': ['core/', 'crypto/sha256.ts'],
  'tokens/': ['s3/create-session.ts', 'core/', 'async/credentials.ts', 'crypto/webcrypto.ts', 'crypto/sha256.ts'],
  'streams/': [
    ...['received/', 's3/', 'core/', 'checksums/'],
    'async/credentials.ts', // types
    ...['crypto/algorithm.ts', 'crypto/webcrypto.ts', 'crypto/verifying.ts'],
  ],
  'fetch/': ['received/', 'core/', 'async/credentials.ts', 'async/hold.ts', 'async/sign.ts', 'crypto/body.ts'],
  'smithy/': ['core/', 'crypto/key-cache.ts', 'crypto/webcrypto.ts'],
  // it signs the request that creates a session
  'credentials/': [
    ...['received/', 's3/create-session.ts', 'core/'],
    ...['async/credentials.ts', 'async/hold.ts', 'crypto/webcrypto.ts'],
  ],
  'aws4fetch/': ['core/', 'crypto/webcrypto.ts'],
  'sigv4a/': [
    ...['received/', 'core/', 'async/complete.ts'],
    ...['crypto/algorithm.ts', 'crypto/key-cache.ts', 'crypto/webcrypto.ts', 'crypto/body.ts'],
  ],
}

/** Types that several entries export. */
const TYPES = ['core/', 'async/credentials.ts', 'crypto/algorithm.ts', 'received/request.ts']

/** What each entry consists of, in addition to the types. No entry imports another. */
const ENTRIES = {
  'index.ts': ['async/', 's3/', 'crypto/key-cache.ts', 'crypto/webcrypto.ts'],
  'sync.ts': ['sync/', 's3/', 'crypto/key-cache.ts', 'crypto/sha256.ts'],
  'verify.ts': ['verify/', 'checksums/', 's3/', 'received/', 'crypto/webcrypto.ts'],
  'trace.ts': ['trace/'],
  'aws4.ts': ['aws4/'],
  'aws4fetch.ts': ['aws4fetch/'],
  'tokens.ts': ['tokens/', 's3/create-session.ts', 'crypto/webcrypto.ts'],
  'tokens-sync.ts': ['tokens/', 's3/create-session.ts', 'crypto/sha256.ts'],
  'streams.ts': ['streams/', 'checksums/', 's3/', 'crypto/webcrypto.ts'],
  'fetch.ts': ['fetch/', 'crypto/webcrypto.ts'],
  'smithy.ts': ['smithy/', 'crypto/webcrypto.ts'],
  'credentials.ts': ['credentials/', 's3/create-session.ts', 'crypto/webcrypto.ts'],
  'sigv4a.ts': ['sigv4a/', 'crypto/webcrypto.ts'],
}

/** Imports between the files of `crypto`. Web Crypto and the JavaScript SHA-256 are never combined. */
const HALVES = {
  'algorithm.ts': [],
  'blocks.ts': [],
  'compress.ts': [],
  'key-cache.ts': [],
  'runtime.ts': [],
  'native-hmac.ts': ['runtime.ts'],
  'webcrypto.ts': ['algorithm.ts', 'key-cache.ts', 'runtime.ts'],
  'body.ts': ['webcrypto.ts', 'runtime.ts'],
  'verifying.ts': ['algorithm.ts', 'key-cache.ts', 'webcrypto.ts', 'runtime.ts'],
  'sha256.ts': ['algorithm.ts', 'compress.ts', 'key-cache.ts', 'native-hmac.ts', 'runtime.ts'],
  'sha256-stream.ts': ['blocks.ts', 'compress.ts', 'runtime.ts'],
}

const escaped = (path) => path.replace(/[.]/g, '\\.')
/** A pattern of the files of the library in a list. */
const library = (paths) =>
  paths.length > 0 ? `^src/(?:${paths.map((path) => escaped(path) + (path.endsWith('/') ? '' : '$')).join('|')})` : '^$'

const room = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const TOOLS = 'packages/sigv4-tools/src/'
const tools = (...rooms) => `^${TOOLS}(?:${rooms.join('|')})(?:/|\\.ts$)`

module.exports = {
  forbidden: [
    {
      name: 'no-circle-of-folders',
      comment: 'Of two folders, one comes first.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(?:src|packages/[^/]+/src|suite)(?:/|$)' },
      to: { circular: true },
    },
    room('no-circle', 'Each of them would have to be read before the other.', {}, { circular: true }),
    room(
      'no-missing-file',
      'An import names a file, with its extension.',
      { path: '^(?:src|packages/[^/]+/src|suite)/' },
      { couldNotResolve: true },
    ),
    room(
      'library-alone',
      'The library imports itself only: no house, no package, no module of Node.',
      { path: '^src/' },
      { pathNot: '^src/' },
    ),
    room(
      'internal-is-for-houses',
      'What the library itself imports has its own room.',
      { path: '^src/', pathNot: '^src/internal/' },
      { path: '^src/internal/' },
    ),
    ...Object.entries(ROOMS).map(([name, allowed]) =>
      room(
        `room-${name.slice(0, -1)}`,
        `It may import ${['its own files', ...allowed].join(', ')}.`,
        { path: library([name]) },
        {
          path: '^src/',
          pathNot: library([name, ...allowed]),
        },
      ),
    ),
    ...Object.entries(ENTRIES).map(([name, allowed]) =>
      room(
        `entry-${name.slice(0, -3)}`,
        `It may import ${[...TYPES, ...allowed].join(', ')}.`,
        { path: library([name]) },
        {
          path: '^src/',
          pathNot: library([...TYPES, ...allowed]),
        },
      ),
    ),
    ...Object.entries(HALVES).map(([name, allowed]) =>
      room(
        `crypto-${name.slice(0, -3)}`,
        `It may import ${allowed.join(', ') || 'no other file of crypto'}.`,
        { path: library([`crypto/${name}`]) },
        {
          path: '^src/crypto/',
          pathNot: library(allowed.map((file) => `crypto/${file}`)),
        },
      ),
    ),
    room(
      'door',
      'Houses import the entries of the library, and what no entry exports from src/internal.',
      { path: '^(?:packages/[^/]+/src|packages/[^/]+/[^/]+\\.ts$|integration|suite)/' },
      { path: '^src/', pathNot: library(['internal/', ...Object.keys(ENTRIES)]) },
    ),
    room(
      'explain-in-pages',
      'It runs in browsers: no module of Node.',
      { path: `^${TOOLS}(?:explain|redaction|formats|debugger)(?:/|\\.ts$)` },
      { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'] },
    ),
    ...[
      ['explain', ['redaction', 'formats']],
      ['redaction', []],
      ['formats', ['redaction']],
      ['debugger', ['explain', 'redaction', 'formats', 'cli']],
      ['audit', []],
      ['server', ['explain', 'redaction', 'formats']],
      ['serve', ['server', 'explain', 'redaction', 'formats']],
      ['proxy', ['server', 'explain', 'redaction', 'formats']],
      ['cli', ['explain', 'redaction', 'formats', 'audit', 'server', 'serve', 'proxy']],
    ].map(([name, allowed]) =>
      room(
        `tools-${name}`,
        `Of the tools, it may import ${['its own files', ...allowed].join(', ')}.`,
        { path: tools(name) },
        {
          path: `^${TOOLS}`,
          pathNot: tools(name, ...allowed),
        },
      ),
    ),
    room(
      'paste-before-explain',
      'What a paste is read into: of explain, its types of requests, their signers, responses and causes.',
      { path: `^${TOOLS}explain/paste/` },
      {
        path: `^${TOOLS}explain/`,
        pathNot: `^${TOOLS}explain/(?:paste/|(?:case/case|model/causes|request/(?:facts|signer)|response/response|wording)\\.ts$)`,
      },
    ),
    room(
      'tools-only-the-format-of-the-suite',
      'The tools read the published files of the suite.',
      { path: '^packages/' },
      { path: '^suite/', pathNot: '^suite/format/|^suite/[^/]+\\.json$|/test/' },
    ),
    room(
      'tools-have-no-dependency',
      'Both packages have none: a module of Node, the library, or the format of the suite.',
      { path: `^${TOOLS}` },
      { pathNot: [`^${TOOLS}`, '^src/', '^suite/format/'], dependencyTypesNot: ['core'] },
    ),
    room(
      'suite-alone',
      'It is what verifiers are tested with, so it imports nothing of ours.',
      { path: '^suite/(?:format|generator)/' },
      { pathNot: '^suite/', dependencyTypesNot: ['core'] },
    ),
    room(
      'tests-beside-their-house',
      'The tests of the library need no other house, except a server to send requests to.',
      { path: '^test/' },
      { path: '^(?:packages/sigv4-tools|integration)/', pathNot: `^${TOOLS}serve\\.ts$` },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '(?:^|/)dist/'] },
    exclude: { path: ['(?:^|/)node_modules/', '(?:^|/)dist/'] },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'] },
  },
}
