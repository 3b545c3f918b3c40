import type { Base } from './signing.ts'

// Requests with nothing wrong: what the faults are put into, and the valid ones that every server must take.

const TEXT = 'hello, world\n'
const JSON_BODY = '{"name":"Zoë","tags":["a","b"]}'

const list = (...bases: Base[]): Record<string, Base> => Object.fromEntries(bases.map((base) => [base.name, base]))

/** By name. */
export const BASES = list(
  { name: 'get-plain', method: 'GET', key: 'photos/cat.jpg' },
  { name: 'get-space', method: 'GET', key: 'reports/March 2026 (final).pdf' },
  { name: 'get-plus', method: 'GET', key: 'c++/a+b=c.txt' },
  { name: 'get-percent', method: 'GET', key: '100% sure.txt' },
  { name: 'get-utf8', method: 'GET', key: 'résumé/東京 Zoë.txt' },
  { name: 'get-reserved', method: 'GET', key: "it's (a) *star*!.txt" },
  { name: 'get-tilde', method: 'GET', key: '~user/notes~1.txt' },
  { name: 'get-dots', method: 'GET', key: 'a/../b/./c.txt' },
  { name: 'get-slashes', method: 'GET', key: 'logs//2026//x.log' },
  {
    name: 'get-download',
    method: 'GET',
    key: 'photos/cat.jpg',
    query: [
      ['response-content-disposition', 'attachment; filename="my cat.jpg"'],
      ['response-content-type', 'image/jpeg'],
    ],
  },
  { name: 'get-range', method: 'GET', key: 'photos/cat.jpg', headers: [['Range', 'bytes=0-4']] },
  { name: 'get-acl', method: 'GET', query: [['acl', '']] },
  { name: 'get-uploads', method: 'GET', query: [['uploads', '']] },
  { name: 'get-token', method: 'GET', key: 'photos/cat.jpg', token: true },
  { name: 'get-virtual', method: 'GET', key: 'photos/cat.jpg', virtual: true },
  { name: 'list-root', method: 'GET', query: [['list-type', '2']] },
  {
    name: 'list-prefix',
    method: 'GET',
    query: [
      ['prefix', 'reports/March 2026'],
      ['list-type', '2'],
      ['delimiter', '/'],
      ['max-keys', '10'],
    ],
  },
  {
    name: 'list-plus',
    method: 'GET',
    query: [
      ['list-type', '2'],
      ['prefix', 'c++/a+b'],
    ],
  },
  { name: 'head', method: 'HEAD', key: 'photos/cat.jpg' },
  { name: 'delete', method: 'DELETE', key: 'trash/gone.txt' },
  {
    name: 'put-text',
    method: 'PUT',
    key: 'notes/today.txt',
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body: TEXT,
  },
  {
    name: 'put-meta',
    method: 'PUT',
    key: 'notes/my note.json',
    headers: [
      ['Content-Type', 'application/json'],
      ['X-Amz-Meta-Author', 'Jane Doe'],
      ['X-Amz-Meta-Case-Id', '42'],
    ],
    body: JSON_BODY,
  },
  {
    name: 'put-blanks',
    method: 'PUT',
    key: 'notes/blanks.txt',
    headers: [
      ['Content-Type', 'text/plain'],
      ['X-Amz-Meta-Title', 'two  blanks   inside'],
    ],
    body: TEXT,
  },
  { name: 'put-bare', method: 'PUT', key: 'notes/bare.bin', body: Buffer.from([0, 255, 128, 10, 13, 0, 200, 7]) },
  {
    name: 'put-token',
    method: 'PUT',
    key: 'notes/with token.txt',
    headers: [['Content-Type', 'text/plain']],
    body: TEXT,
    token: true,
  },
)

/** Objects that the requests above read, stored before they are sent. */
export const STORED: readonly string[] = [
  ...new Set(Object.values(BASES).flatMap(({ method, key }) => (key !== undefined && method !== 'PUT' ? [key] : []))),
]
