import { expect } from 'vitest'
import { type Bench, bucketUrl, bytes, object, scoped, using } from '../bench.ts'
import { type Case, works } from '../case.ts'
import { OTHER_KEY } from '../differences.ts'
import { PLAIN_KEYS } from '../keys.ts'
import { accepted, RejectedError, send, text } from '../wire.ts'

/** Keys by name. A function receives the prefix of the case, for keys that cannot start with it. */
export const KEYS: Record<string, string | ((own: string) => string)> = {
  ...PLAIN_KEYS,
  'with a leading slash': (own) => `/${own}leading.txt`,
  'with a leading . segment': (own) => `./${own}.txt`,
  'of 1,024 bytes': (own) => `${`${own}${'segment of a key/'.repeat(64)}`.slice(0, 1023)}k`,
}

export const keyCases: Case[] = Object.entries(KEYS).map(([name, key]) =>
  works('query', `key ${name}`, async (bench) => {
    await thereAndBack(bench, typeof key === 'string' ? bench.prefix + key : key(bench.prefix))
  }),
)

async function thereAndBack(bench: Bench, key: string): Promise<void> {
  const target = { ...object(bench, ''), key }
  const content = bytes(`the object called ${key}`)

  const upload = await bench.sigv4.presignPut(target, using(bench))
  accepted(await send(upload, { body: content }))

  const download = await bench.sigv4.presignGet(target, using(bench))
  expect(accepted(await send(download)).body).toEqual(content)

  const look = await bench.sigv4.presignHead(target, using(bench))
  expect(accepted(await send(look)).headers.get('content-length')).toBe(String(content.length))

  // An encoding error in both directions would cancel out, so the server must list the object under its key.
  if (!(await listed(bench, key)).includes(key)) throw new RejectedError({ status: 200, code: OTHER_KEY }, key)

  const removal = await bench.sigv4.presignDelete(target, using(bench))
  expect(accepted(await send(removal)).status).toBe(204)
  expect((await send(download)).status).toBe(404)
}

async function listed(bench: Bench, prefix: string): Promise<string[]> {
  const query = { 'list-type': '2', 'encoding-type': 'url', prefix }
  const list = await bench.sigv4.presignGet(bucketUrl(bench), scoped(bench, { query }))
  const document = text(accepted(await send(list)))
  // Requested so that XML can contain any key, but not supported by every server.
  const decode = document.includes('<EncodingType>url</EncodingType>')
    ? (key: string) => decodeURIComponent(key.replaceAll('+', ' '))
    : unescapeXml
  return [...document.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => decode(key!))
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) => (code ? String.fromCodePoint(code) : named[name]!))
}
