import { count, mebibytes, milliseconds, text } from '../tables.ts'
import type { Regime } from './regime.ts'

/** For programs that import TypeScript. */
const TSX = [process.execPath, '--import', 'tsx']

export const verify: Regime = {
  name: 'verify',
  title: 'Verifying',
  about:
    'Requests per second of one process. `sigv4/verify` uses the synchronous functions of node:crypto here; it parses and checks the request, and looks up the key in each call. node:crypto computes the same hashes and does nothing else: it neither parses the request nor keeps the signing key. @filen/aws4-express is called without Express, and does not verify presigned URLs. `hideUnknownKeys` does the work for an unknown key in every call.',
  tables: [
    {
      id: 'verify',
      title: 'Requests per second',
      columns: [
        { key: 'name', heading: 'Request', format: text },
        ...['sigv4/verify', 'sigv4/verify, 128 at once', '`hideUnknownKeys`', '`hideUnknownKeys`, 128 at once'].map(
          (key) => ({ key, heading: key, format: count }),
        ),
        { key: '@filen/aws4-express', heading: '@filen/aws4-express', format: count },
        { key: 'node:crypto', heading: 'node:crypto', format: count },
      ],
    },
  ],
  programs: ({ rounds, isGate }) =>
    isGate ? [] : [{ doing: 'verify', tables: ['verify'], file: 'verifying.mjs', options: { rounds } }],
}

export const explain: Regime = {
  name: 'explain',
  title: 'Explaining',
  about:
    'The time of one call, over every second rejected request in `fixtures/recorded`. With credentials, causes are searched and proven, for one second at most.',
  tables: [
    {
      id: 'explain',
      title: 'Recorded requests',
      columns: [
        { key: 'name', heading: 'Known', format: text },
        { key: 'cases', heading: 'Requests', format: count },
        { key: 'median', heading: 'Median', format: milliseconds },
        { key: 'p99', heading: '99%', format: milliseconds },
        { key: 'slowest', heading: 'Slowest', format: milliseconds },
      ],
    },
    {
      id: 'explain-large',
      title: 'Inputs of 1 MB',
      columns: [
        { key: 'name', heading: 'Input', format: text },
        { key: 'ms', heading: 'Time', format: milliseconds },
      ],
    },
  ],
  programs: ({ share, isGate }) =>
    isGate
      ? []
      : [
          {
            doing: 'explain',
            tables: ['explain', 'explain-large'],
            command: TSX,
            file: 'explaining.mjs',
            options: { share },
          },
        ],
}

const SERVERS = ['`sigv4 serve`', '`sigv4 serve --dir`', 'versitygw', 'MinIO']

export const serve: Regime = {
  name: 'serve',
  title: 'Serving',
  about:
    'Presigned requests on the loopback interface, from a client on the same machine. `sigv4 serve` is one process of Node; versitygw and MinIO use all cores, which they share with the client. Every byte of every response is compared. The memory is the resident set.',
  tables: [
    {
      id: 'serve',
      title: 'Objects of 1 KiB',
      columns: [
        { key: 'name', heading: 'Server', format: text },
        { key: 'method', heading: 'Method', format: text },
        { key: 'connections', heading: 'Connections', format: count },
        { key: 'perSecond', heading: 'Requests per second', format: count },
        { key: 'p50', heading: 'Median', format: milliseconds },
        { key: 'p99', heading: '99%', format: milliseconds },
      ],
    },
    {
      id: 'serve-large',
      title: 'Objects of 64 MiB',
      columns: [
        { key: 'name', heading: 'Server', format: text },
        { key: 'PUT', heading: 'PUT, MB/s', format: count },
        { key: 'GET', heading: 'GET, MB/s', format: count },
      ],
    },
    {
      id: 'serve-memory',
      title: 'Memory under load, 64 connections',
      columns: [
        { key: 'name', heading: 'Server', format: text },
        { key: 'seconds', heading: 'Seconds', format: count },
        { key: 'requests', heading: 'Requests', format: count },
        { key: 'before', heading: 'Before', format: mebibytes },
        { key: 'after', heading: 'After', format: mebibytes },
      ],
    },
  ],
  programs: ({ seconds, largeMebibytes, long, isGate }) =>
    isGate
      ? []
      : SERVERS.map((server) => ({
          doing: `load of ${server.replaceAll('`', '')}`,
          tables: ['serve', 'serve-large', 'serve-memory'],
          command: TSX,
          file: 'serving.mjs',
          options: { server, seconds, largeMebibytes, long, connections: [1, 16, 256] },
        })),
}
