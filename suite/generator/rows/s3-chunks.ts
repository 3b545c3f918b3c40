import type { Step } from '../../format/format.ts'
import { both, type Edit, REQUESTS, Rows } from '../model/builder.ts'
import { addHeader, type Draft, headerDraft, queryDraft, removePair, setPair } from '../model/draft.ts'
import { CRC32, OBJECTS, PATH_STYLE } from '../model/setting.ts'
import {
  BAD_DIGEST,
  by,
  CHECKSUM_TRAILER,
  CHUNK_FORMAT,
  CHUNKS_PAGE,
  DENIED,
  DNM,
  INCOMPLETE,
  LENGTH,
  SMALL_CHUNK,
  TRAILER_FORMAT,
  TRAILERS_PAGE,
} from '../model/sources.ts'
import { keyWith } from './common.ts'

const WRITE = '{{path}}/{{prefix}}up.txt'
const SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
const TRAILER = `${SIGNED}-TRAILER`
const UNSIGNED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
const CHUNK = by(CHUNKS_PAGE, DNM)
const SUM = 'x-amz-checksum-crc32'

/** Describes a body in chunks. */
interface Chunked {
  readonly data: readonly string[]
  readonly trailer?: string
  readonly isUnsigned?: boolean
}

function chunkSteps({ data, trailer, isUnsigned }: Chunked): Step[] {
  const head = '{{time}}\n{{day}}/{{region}}/{{service}}/aws4_request'
  const result: Step[] = [{ name: 'empty', text: '' }]
  const body: string[] = []
  let previous = 'signature'
  for (const [i, content] of [...data, ''].entries()) {
    const size = content.length.toString(16)
    if (content) result.push({ name: `data${i + 1}`, text: content })
    const name = content ? `data${i + 1}` : 'empty'
    const bytes = content ? `{{${name}}}\r\n` : ''
    if (isUnsigned) {
      body.push(`${size}\r\n${bytes}`)
      continue
    }
    const chunk = `chunk${i + 1}`
    result.push({
      name: chunk,
      hmac: `AWS4-HMAC-SHA256-PAYLOAD\n${head}\n{{${previous}}}\n{{sha256 empty}}\n{{sha256 ${name}}}`,
    })
    body.push(`${size};chunk-signature={{${chunk}}}\r\n${bytes}`)
    previous = chunk
  }
  if (trailer !== undefined) {
    result.push({ name: 'trailer', text: `${trailer}\n` })
    body.push(`${trailer}\r\n`)
    if (!isUnsigned) {
      result.push({
        name: 'trailerSignature',
        hmac: `AWS4-HMAC-SHA256-TRAILER\n${head}\n{{${previous}}}\n{{sha256 trailer}}`,
      })
      body.push('x-amz-trailer-signature:{{trailerSignature}}\r\n')
    }
  }
  result.push({ name: 'body', text: `${body.join('')}\r\n` })
  return result
}

function chunked(start: Draft, payload: string, body: Chunked, path = WRITE): Draft {
  start.path = path
  start.before = []
  start.payload = payload
  if (start.place === 'header') setPair(start.headers, 'X-Amz-Content-Sha256', payload)
  else addHeader(start, 'X-Amz-Content-Sha256', payload)
  addHeader(start, 'Content-Encoding', 'aws-chunked')
  addHeader(start, 'X-Amz-Decoded-Content-Length', String(body.data.join('').length))
  if (body.trailer !== undefined) addHeader(start, 'X-Amz-Trailer', SUM)
  start.headers.push(['Content-Length', '{{length body}}'])
  start.after = chunkSteps(body)
  start.body = '{{body}}'
  return start
}

/** Changes a step that is sent. */
function step(name: string, change: (text: string) => string): Edit<Draft> {
  return (sent) => {
    const index = sent.after.findIndex((step) => step.name === name)
    const found = sent.after[index]!
    if ('text' in found) sent.after[index] = { ...found, text: change(found.text) }
    else if ('hmac' in found) sent.after[index] = { ...found, hmac: change(found.hmac) }
  }
}

const replace =
  (from: string | RegExp, to: string) =>
  (text: string): string => {
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`${from} is missing`)
    return changed
  }

export function s3Chunks(): Rows {
  const rows = new Rows('s3-chunks', 's3', PATH_STYLE, OBJECTS, REQUESTS)
  const put = (): Draft => headerDraft('PUT', WRITE)
  const url = (): Draft => queryDraft('PUT', WRITE)
  const one = { data: ['written'] }
  const withTrailer = { ...one, trailer: `${SUM}:${CRC32}` }
  rows.base('ChunkSignature', 'chunks/one', 'One chunk and the last one', chunked(put(), SIGNED, one))
  rows.base(
    'ChunkSignature',
    'chunks/two',
    'Two chunks and the last one',
    chunked(put(), SIGNED, { data: ['a'.repeat(8192), 'b'.repeat(8192)] }),
  )
  rows.base('ChunkSignature', 'chunks/none', 'Only the last chunk', chunked(put(), SIGNED, { data: [] }))
  rows.base(
    'ChunkSignature',
    'chunks/presigned',
    'Chunks of an upload whose URL signs the payload',
    chunked(url(), SIGNED, one),
    { live: false },
  )
  rows.base(
    'TrailerSignature',
    'chunks/trailer',
    'A chunk and a signed trailing header',
    chunked(put(), TRAILER, withTrailer),
  )
  rows.base(
    'TrailerSignature',
    'chunks/trailer-empty',
    'No chunk but the last one, and a signed trailing header',
    chunked(put(), TRAILER, { data: [], trailer: `${SUM}:AAAAAA==` }),
  )
  const unsigned = { ...withTrailer, isUnsigned: true }
  rows.base(
    'UnsignedTrailer',
    'chunks/unsigned',
    'An unsigned chunk and a trailing header',
    chunked(put(), UNSIGNED, unsigned),
  )
  const part = put()
  part.query = [
    ['partNumber', '1'],
    ['uploadId', 'example'],
  ]
  rows.base(
    'UnsignedTrailer',
    'chunks/unsigned-part',
    'A part with an unsigned chunk and a trailing header',
    chunked(part, UNSIGNED, unsigned),
    { live: false },
  )
  rows.base(
    'UnsignedTrailer',
    'chunks/unsigned-presigned',
    'An upload with an unsigned chunk and a trailing header',
    chunked(url(), UNSIGNED, unsigned),
    { live: false },
  )
  signatures(rows)
  framing(rows)
  trailers(rows)
  unsignedTrailers(rows)
  return rows
}

function signatures(rows: Rows): void {
  const no = (id: string, of: string, comment: string, edit: Edit<Draft>, what = 'chunk') =>
    rows.no('ChunkSignature', `chunks/${id}`, of, what, comment, CHUNK, edit, { signature: 'match' })
  no('changed-data', 'chunks/one', 'The data of a chunk is changed', step('body', replace('{{data1}}', 'changed')))
  no(
    'wrong-digit',
    'chunks/one',
    'The last digit of the signature of a chunk is a different one',
    step('body', replace('{{chunk1}}', '{{flip chunk1}}')),
  )
  no(
    'wrong-last',
    'chunks/one',
    'The last digit of the signature of the last chunk is a different one',
    step('body', replace('{{chunk2}}', '{{flip chunk2}}')),
  )
  no(
    'first-repeated',
    'chunks/one',
    'The last chunk has the signature of the first one',
    step('body', replace('{{chunk2}}', '{{chunk1}}')),
  )
  no(
    'seed-repeated',
    'chunks/one',
    'A chunk has the signature of the request',
    step('body', replace('{{chunk1}}', '{{signature}}')),
  )
  no(
    'zeros',
    'chunks/one',
    'The signature of a chunk consists of zeros',
    step('body', replace('{{chunk1}}', '0'.repeat(64))),
  )
  no(
    'zeros-last',
    'chunks/none',
    'The signature of the only chunk consists of zeros',
    step('body', replace('{{chunk1}}', '0'.repeat(64))),
  )
  no(
    'swapped',
    'chunks/two',
    'Two chunks are swapped with their signatures',
    step('body', (text) => {
      const second = text.indexOf('2000;', 5)
      const last = text.indexOf('0;chunk', second + 9)
      return text.slice(second, last) + text.slice(0, second) + text.slice(last)
    }),
  )
  no(
    'swapped-data',
    'chunks/two',
    'The data of two chunks is swapped',
    step('body', (text) =>
      text.replace('{{data1}}', '{{x}}').replace('{{data2}}', '{{data1}}').replace('{{x}}', '{{data2}}'),
    ),
  )
  no('dropped', 'chunks/two', 'The first of two chunks is dropped', (sent) => {
    step('body', (text) => text.slice(text.indexOf('2000;', 5)))(sent, sent)
  })
  no(
    'other-seed',
    'chunks/one',
    'The first chunk follows a different signature',
    step('chunk1', replace('{{signature}}', '{{flip signature}}')),
  )
  no(
    'other-time',
    'chunks/one',
    'A chunk is signed for a different time',
    step('chunk1', replace('{{time}}', '{{time+1}}')),
  )
  no(
    'other-scope',
    'chunks/one',
    'A chunk is signed for a different region',
    step('chunk1', replace('{{region}}', 'other-{{region}}')),
  )
  no(
    'no-empty-hash',
    'chunks/one',
    'A chunk is signed without the hash of the empty string',
    step('chunk1', replace('{{sha256 empty}}\n', '')),
  )
  no('request-prefix', 'chunks/one', 'A chunk is signed as a request', step('chunk1', replace('-PAYLOAD', '')))
  no(
    'presigned-changed-data',
    'chunks/presigned',
    'The data of a chunk of an upload is changed',
    step('body', replace('{{data1}}', 'changed')),
  )
  rows.no(
    'ChunkSignature',
    'chunks/wrong-secret',
    'chunks/one',
    'secret',
    'The request is signed with a different secret access key',
    DNM,
    (_, signed) => {
      signed.key = keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
    },
  )
}

function framing(rows: Rows): void {
  const no = (id: string, of: string, comment: string, aws: typeof DNM, edit: Edit<Draft>, what = 'chunk', more = {}) =>
    rows.no('ChunkFraming', `chunks/${id}`, of, what, comment, aws, edit, { signature: 'match', ...more })
  no(
    'no-signature',
    'chunks/one',
    'A chunk has no signature',
    CHUNK_FORMAT,
    step('body', replace(';chunk-signature={{chunk1}}', '')),
  )
  no('size-missing', 'chunks/one', 'A chunk has no size', CHUNK_FORMAT, step('body', replace(/^7/, '')))
  no(
    'size-letters',
    'chunks/one',
    'The size of a chunk is not a number',
    CHUNK_FORMAT,
    step('body', replace(/^7/, 'seven')),
  )
  no('size-negative', 'chunks/one', 'The size of a chunk is negative', CHUNK_FORMAT, step('body', replace(/^7/, '-7')))
  no(
    'size-less',
    'chunks/one',
    'The size of a chunk is less than its data',
    CHUNK_FORMAT,
    step('body', replace(/^7/, '6')),
  )
  for (const [id, comment, size] of [
    ['more', 'The size of a chunk is more than its data', '8'],
    ['prefix', 'The size of a chunk starts with 0x', '0x7'],
    ['sign', 'The size of a chunk starts with a plus sign', '+7'],
    ['space', 'A space follows the size of a chunk', '7 '],
  ] as const)
    no(`size-${id}`, 'chunks/one', comment, CHUNK_FORMAT, step('body', replace(/^7/, size)))
  no(
    'no-last',
    'chunks/one',
    'The last chunk is missing',
    INCOMPLETE,
    step('body', replace(/0;chunk-signature=\{\{chunk2\}\}\r\n\r\n/, '')),
  )
  no(
    'cut',
    'chunks/one',
    'The body ends within a chunk',
    INCOMPLETE,
    step('body', (text) => text.slice(0, text.indexOf('{{data1}}'))),
  )
  no(
    'plain',
    'chunks/one',
    'The body is not in chunks',
    INCOMPLETE,
    step('body', () => '{{data1}}'),
  )
  no(
    'after-last',
    'chunks/one',
    'Data follows the last chunk',
    CHUNK_FORMAT,
    step('body', (text) => `${text}7\r\nwritten\r\n`),
  )
  const length = (value: string) =>
    both<Draft>((draft) => setPair(draft.headers, 'X-Amz-Decoded-Content-Length', value))
  no(
    'decoded-more',
    'chunks/one',
    'X-Amz-Decoded-Content-Length is more than the length of the data',
    INCOMPLETE,
    length('8'),
    'header',
  )
  no(
    'decoded-less',
    'chunks/one',
    'X-Amz-Decoded-Content-Length is less than the length of the data',
    { status: 400, source: CHUNKS_PAGE },
    length('6'),
    'header',
  )
  no(
    'decoded-word',
    'chunks/one',
    'X-Amz-Decoded-Content-Length is not a number',
    { source: CHUNKS_PAGE },
    length('seven'),
    'header',
  )
  no(
    'decoded-missing',
    'chunks/one',
    'X-Amz-Decoded-Content-Length is missing',
    LENGTH,
    both((draft) => {
      removePair(draft.headers, 'X-Amz-Decoded-Content-Length')
      draft.names = draft.names.filter((name) => name !== 'x-amz-decoded-content-length')
    }),
    'header',
  )
  rows.ok(
    'ChunkFraming',
    'chunks/size-uppercase',
    'chunks/none',
    'chunk',
    'The size of a chunk has a letter in uppercase',
    both((draft) => {
      draft.after = chunkSteps({ data: ['written here'] }).map((step) =>
        step.name === 'body' && 'text' in step ? { ...step, text: step.text.replace(/^c/, 'C') } : step,
      )
      setPair(draft.headers, 'X-Amz-Decoded-Content-Length', '12')
    }),
  )
  rows.ok(
    'ChunkFraming',
    'chunks/two-unequal',
    'chunks/two',
    'chunk',
    'The last of two chunks is small',
    both((draft) => {
      draft.after = chunkSteps({ data: ['a'.repeat(8192), 'b'] })
      setPair(draft.headers, 'X-Amz-Decoded-Content-Length', '8193')
    }),
  )
  no(
    'small',
    'chunks/two-unequal',
    'A chunk other than the last one has fewer than 8192 bytes',
    SMALL_CHUNK,
    both((draft) => {
      draft.after = chunkSteps({ data: ['b', 'a'.repeat(8192)] })
    }),
  )
  rows.ok(
    'ChunkFraming',
    'chunks/no-encoding',
    'chunks/one',
    'header',
    'Content-Encoding is not sent',
    both((draft) => {
      removePair(draft.headers, 'Content-Encoding')
      draft.names = draft.names.filter((name) => name !== 'content-encoding')
    }),
  )
  rows.maybe(
    'ChunkFraming',
    'chunks/size-zeros',
    'chunks/one',
    'chunk',
    'The size of a chunk has leading zeros',
    step('body', replace(/^7/, '0007')),
    { signature: 'match' },
  )
  rows.maybe(
    'ChunkFraming',
    'chunks/line-feeds',
    'chunks/one',
    'chunk',
    'A line ends without a carriage return',
    step('body', replace('\r\n', '\n')),
    { signature: 'match' },
  )
}

function trailers(rows: Rows): void {
  const no = (id: string, of: string, comment: string, aws: typeof DNM, edit: Edit<Draft>, what = 'trailer') =>
    rows.no('TrailerSignature', `chunks/${id}`, of, what, comment, aws, edit, { signature: 'match' })
  const wrong = by(TRAILERS_PAGE, DNM)
  const base = 'chunks/trailer'
  no(
    'trailer-digit',
    base,
    'The last digit of the signature of the trailing header is a different one',
    wrong,
    step('body', replace('{{trailerSignature}}', '{{flip trailerSignature}}')),
  )
  no(
    'trailer-zeros',
    base,
    'The signature of the trailing header consists of zeros',
    wrong,
    step('body', replace('{{trailerSignature}}', '0'.repeat(64))),
  )
  no(
    'trailer-missing-signature',
    base,
    'The signature of the trailing header is missing',
    TRAILER_FORMAT,
    step('body', replace('x-amz-trailer-signature:{{trailerSignature}}\r\n', '')),
  )
  no('trailer-changed', base, 'The trailing header is changed', wrong, step('body', replace(CRC32, 'AAAAAA==')))
  no(
    'trailer-missing',
    base,
    'The trailing header is missing',
    TRAILER_FORMAT,
    step('body', replace(`${SUM}:${CRC32}\r\n`, '')),
  )
  no(
    'trailer-added',
    base,
    'A trailing header is added that x-amz-trailer does not list',
    TRAILER_FORMAT,
    step('body', replace('x-amz-trailer-signature', 'x-amz-meta-owner:someone\r\nx-amz-trailer-signature')),
  )
  no(
    'trailer-repeated',
    base,
    'The trailing header is sent twice',
    TRAILER_FORMAT,
    step('body', replace(`${SUM}:${CRC32}\r\n`, `${SUM}:${CRC32}\r\n`.repeat(2))),
  )
  no(
    'trailer-after-signature',
    base,
    'A header follows the signature of the trailing header',
    TRAILER_FORMAT,
    step('body', replace(/(\r\n)\r\n$/, '$1x-amz-meta-owner:someone$1$1')),
  )
  no(
    'trailer-chunk',
    base,
    'The data of a chunk is changed',
    wrong,
    step('body', replace('{{data1}}', 'changed')),
    'chunk',
  )
  no(
    'trailer-seed',
    base,
    'The trailing header follows the signature of a different chunk',
    wrong,
    step('trailerSignature', replace('{{chunk2}}', '{{chunk1}}')),
  )
  no(
    'trailer-prefix',
    base,
    'The trailing header is signed as a chunk',
    wrong,
    step('trailerSignature', replace('-TRAILER', '-PAYLOAD')),
  )
}

function unsignedTrailers(rows: Rows): void {
  for (const [at, of] of [
    ['', 'chunks/unsigned'],
    ['part-', 'chunks/unsigned-part'],
    ['presigned-', 'chunks/unsigned-presigned'],
  ] as const) {
    const more = at ? ({ live: false } as const) : {}
    rows.no(
      'UnsignedTrailer',
      `chunks/unsigned-${at}secret`,
      of,
      'secret',
      'The request is signed with a different secret access key',
      DNM,
      (_, signed) => {
        signed.key = keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
      },
      more,
    )
    rows.no(
      'UnsignedTrailer',
      `chunks/unsigned-${at}digit`,
      of,
      'signature',
      'The last digit of the signature is a different one',
      DNM,
      (sent) => {
        sent.signature = '{{flip signature}}'
      },
      more,
    )
    rows.no(
      'UnsignedTrailer',
      `chunks/unsigned-${at}no-claim`,
      of,
      'claim',
      'The request has no claim',
      DENIED,
      (sent) => {
        sent.place = 'none'
        sent.query = sent.query.filter(([name]) => !name.startsWith('X-Amz-'))
      },
      { ...more, signature: 'none' },
    )
  }
  rows.no(
    'BodyChecksum',
    'chunks/unsigned-checksum',
    'chunks/unsigned',
    'trailer',
    'The checksum in the trailing header is that of a different body',
    by(TRAILERS_PAGE, BAD_DIGEST),
    step('body', replace(CRC32, 'AAAAAA==')),
    { signature: 'match' },
  )
  rows.no(
    'BodyChecksum',
    'chunks/unsigned-checksum-short',
    'chunks/unsigned',
    'trailer',
    'The checksum in the trailing header is too short',
    CHECKSUM_TRAILER,
    step('body', replace(CRC32, 'AAA=')),
    { signature: 'match' },
  )
  rows.no(
    'BodyChecksum',
    'chunks/unsigned-data',
    'chunks/unsigned',
    'chunk',
    'The data is that of a different body',
    by(TRAILERS_PAGE, BAD_DIGEST),
    step('body', replace('{{data1}}', 'changed')),
    { signature: 'match' },
  )
  rows.no(
    'BodyChecksum',
    'chunks/unsigned-no-checksum',
    'chunks/unsigned',
    'trailer',
    'The trailing header is missing',
    TRAILER_FORMAT,
    step('body', replace(`${SUM}:${CRC32}\r\n`, '')),
    { signature: 'match' },
  )
}
