import fc from 'fast-check'
import { character } from '../unicode.ts'
import type { received } from './helpers.ts'

// Random changes that make a request invalid.

type Request = ReturnType<typeof received>

const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: character, maxLength: 12 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '',
        '\0',
        '\r\n',
        '\ud800',
        '%',
        '%zz',
        '%00',
        '%e2%82',
        '%25',
        '=',
        '&',
        '?',
        '#',
        '/',
        '..',
        '//',
        ';',
        ',',
        ' ',
        '\t',
        '\\',
        '*',
      ],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'prototype',
      '[object Object]',
      '{{x}}',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '9'.repeat(400),
      '-1',
      '1e999',
      'NaN',
      'Infinity',
      '0x10',
      'ffffffffffffffff',
      '00000000T000000Z',
      '99991231T235959Z',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'AWS4-HMAC-SHA256',
      'Credential=',
      'SignedHeaders=host;',
      'Signature=',
      'X-Amz-Signature=',
      'X-Amz-Date',
      'UNSIGNED-PAYLOAD',
      'AWS a:b',
    ),
  },
)
const name = fc.oneof(
  nasty,
  fc.constantFrom(
    'authorization',
    'Authorization',
    'host',
    'x-amz-date',
    'date',
    'x-amz-content-sha256',
    'x-amz-security-token',
    'x-amz-trailer',
    'x-amz-decoded-content-length',
    ':authority',
    'content-length',
    'transfer-encoding',
  ),
)
const odd = fc.oneof(
  nasty,
  fc.array(nasty, { maxLength: 3 }),
  fc.double(),
  fc.constantFrom(null, undefined, true, {}, [[]], Symbol.iterator as unknown as string),
)

/** Applies one random change to a request. */
export const change = fc.oneof(
  fc.record({
    kind: fc.constantFrom('header', 'add header', 'change header', 'remove header'),
    name,
    value: odd,
    text: nasty,
    at: fc.nat(400),
  }),
  fc.record({
    kind: fc.constantFrom('url', 'insert in url', 'change url', 'parameter', 'repeat parameter', 'method', 'raw'),
    name,
    value: odd,
    text: nasty,
    at: fc.nat(600),
  }),
)
export type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never

function insert(text: string, at: number, what: string, over = 0): string {
  const location = at % (text.length + 1)
  return text.slice(0, location) + what + text.slice(location + over)
}

export function apply(
  request: { -readonly [Name in keyof Request]: Request[Name] },
  { kind, name, value, text, at }: Change,
): void {
  const { headers } = request
  const names = Object.keys(headers)
  const one = names[at % names.length] ?? 'host'
  if (kind === 'header') headers[one] = value as string
  if (kind === 'add header')
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true })
  if (kind === 'change header') headers[one] = insert(String(headers[one]), at, text, at % 3)
  if (kind === 'remove header') delete headers[one]
  if (kind === 'url') request.url = text
  if (kind === 'insert in url') request.url = insert(request.url, at, text)
  if (kind === 'change url') request.url = insert(request.url, at, text, at % 5)
  if (kind === 'parameter') request.url += `&${name}=${text}`
  if (kind === 'repeat parameter') request.url += `&${request.url.split(/[?&]/).slice(1)[at % 8] ?? name}`
  if (kind === 'method') request.method = text
  if (kind === 'raw')
    request.rawHeaders = Object.entries(headers)
      .flatMap(([name, value]) => [name, String(value)])
      .concat(text, text)
}
