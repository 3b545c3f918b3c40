import {
  type Column,
  count,
  mebibytes,
  milliseconds,
  percent,
  type TableDefinition,
  text,
  time,
  times,
} from '../tables.ts'
import type { Regime } from './regime.ts'

const INPUTS = [
  ...['bytes, `sigv4`', 'bytes, `sigv4/sync`', '`Blob` in memory', '`Blob` of a file', '`Request` with bytes'],
  ...['`Request` with a stream', '`Request` with a stream, `UNSIGNED-PAYLOAD`'],
]
const UPLOADS = ['one hash', 'signed chunks', 'signed chunks, signed trailer', 'unsigned chunks, trailer']

function bodyTable(id: string, title: string, names: readonly string[], hash: string): TableDefinition {
  const columns: Column[] = names.map((name) => ({ key: name, heading: name, format: time }))
  const relative = names.filter((name) => name !== hash && name !== 'sigv4')
  return {
    id,
    title,
    columns: [
      { key: 'name', heading: 'Body', format: text },
      ...columns,
      ...relative.map((name) => ({ key: `${name} relative`, heading: `${name} ÷ ${hash}`, format: times })),
    ],
  }
}

const NATIVE = ['sigv4/sync', 'sigv4/aws4', 'sigv4', 'aws4', 'node:crypto']
const PURE = ['sigv4/sync', 'sigv4/aws4', '@noble/hashes']

export const bodies: Regime = {
  name: 'bodies',
  title: 'Bodies',
  about:
    "The time to sign a PUT with a body. The columns `node:crypto` and `@noble/hashes` are the time of hashing alone. Node, Bun and Deno have a hash function that `sigv4/sync` and `sigv4/aws4` use; the tables of JavaScript alone show other runtimes. Streams cannot be hashed before they are sent, so they are signed with `UNSIGNED-PAYLOAD`; a `Request` is read into memory. The memory is the process's peak in addition to the body.",
  tables: [
    bodyTable('bodies-bytes', 'Bytes', NATIVE, 'node:crypto'),
    bodyTable('bodies-strings', 'Strings', NATIVE, 'node:crypto'),
    bodyTable('bodies-bytes-javascript', 'Bytes, JavaScript alone', PURE, '@noble/hashes'),
    bodyTable('bodies-strings-javascript', 'Strings, JavaScript alone', PURE, '@noble/hashes'),
    {
      id: 'memory',
      title: 'Memory to sign 256 MiB',
      columns: [
        { key: 'name', heading: 'Body', format: text },
        { key: 'ms', heading: 'Time', format: milliseconds },
        { key: 'added', heading: 'Additional peak memory', format: mebibytes },
      ],
    },
    {
      id: 'uploads',
      title: 'Verify an upload of 1 GiB while it is streamed',
      columns: [
        { key: 'name', heading: 'Upload', format: text },
        { key: 'rate', heading: '`verifyBody`, MB/s', format: count },
        { key: 'peer', heading: 'Hashing with node:crypto, MB/s', format: count },
        { key: 'share', heading: 'Speed ÷ node:crypto', format: percent },
        { key: 'added', heading: 'Additional peak memory', format: mebibytes },
      ],
    },
  ],
  programs: ({ rounds, uploadMebibytes, uploadRounds, largest, isGate }) =>
    isGate
      ? []
      : [
          {
            doing: 'bodies',
            tables: ['bodies-bytes', 'bodies-strings'],
            file: 'bodies.mjs',
            options: { rounds, largest, runtimeHash: true },
          },
          {
            doing: 'bodies, JavaScript alone',
            tables: ['bodies-bytes-javascript', 'bodies-strings-javascript'],
            file: 'bodies.mjs',
            options: { rounds, largest, runtimeHash: false },
          },
          ...INPUTS.map((input) => ({
            doing: `memory, ${input}`,
            tables: ['memory'],
            file: 'memory.mjs',
            options: { input },
          })),
          ...UPLOADS.map((kind) => ({
            doing: `upload, ${kind}`,
            tables: ['uploads'],
            file: 'uploads.mjs',
            options: { kind, mebibytes: uploadMebibytes, rounds: uploadRounds },
          })),
        ],
}
