import { HQ, paramOf, Q, type Row, setParam } from './row.ts'
import { type Canonical, joinQuery, type Pair, type Wire } from './signing.ts'

// The query: what is in it, in which order, and how it is written.

const added = (...pairs: string[]) => ({ sent: (wire: Wire) => void wire.query.push(...pairs) })
const removed = (name: string) => ({ sent: (wire: Wire) => setParam(wire, name, undefined) })
const changed = (name: string, value: string) => ({ sent: (wire: Wire) => setParam(wire, name, value) })

const signedString = (write: (pairs: Pair[]) => string) => ({
  canonical(canonical: Canonical) {
    canonical.queryString = write(canonical.query)
  },
})

const inOrder = (pairs: Pair[]): string => pairs.map(([name, value]) => `${name}=${value}`).join('&')

const sortedBy = (key: (name: string) => string) => (pairs: Pair[]) =>
  inOrder([...pairs].sort(([a], [b]) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)))

export const QUERY_FAULTS: readonly Row[] = [
  {
    cause: 'query-extra',
    name: 'tracking parameter',
    in: HQ,
    bases: ['get-plain', 'list-prefix'],
    hooks: added('utm_source=newsletter'),
  },
  {
    cause: 'query-extra',
    name: 'against caching',
    in: Q,
    bases: ['get-space', 'put-text'],
    hooks: added('_=1767225600000'),
  },
  {
    cause: 'query-extra',
    name: 'x-id of an SDK',
    in: HQ,
    bases: ['get-utf8', 'put-meta'],
    hooks: added('x-id=GetObject'),
  },
  {
    cause: 'query-extra',
    name: 'download name added later',
    in: Q,
    bases: ['get-plain'],
    alternatives: ['query-duplicate'], // beside a fault of a request that has one
    hooks: added('response-content-disposition=attachment%3B%20filename%3D%22a.jpg%22'),
  },
  { cause: 'query-extra', name: 'two at once', in: Q, bases: ['get-download'], hooks: added('w=200', 'h=100') },
  {
    cause: 'query-extra',
    name: 'image size put in front',
    in: HQ,
    bases: ['get-space'],
    hooks: { sent: (wire) => void wire.query.unshift('width=200') },
  },

  {
    cause: 'query-removed',
    name: 'download name lost',
    lost: true,
    in: HQ,
    bases: ['get-download'],
    hooks: removed('response-content-disposition'),
  },
  { cause: 'query-removed', name: 'delimiter lost', in: HQ, bases: ['list-prefix'], hooks: removed('delimiter') },
  {
    cause: 'query-removed',
    name: 'query lost in a redirect',
    lost: true,
    in: ['header'],
    bases: ['list-plus', 'get-download'],
    hooks: {
      sent(wire) {
        wire.query = []
      },
    },
  },
  { cause: 'query-removed', name: 'sub-resource lost', in: HQ, bases: ['get-uploads'], hooks: removed('uploads') },
  { cause: 'query-changed', name: 'number', in: HQ, bases: ['list-prefix'], hooks: changed('max-keys', '1000') },
  {
    cause: 'query-changed',
    name: 'prefix',
    lost: true,
    in: HQ,
    bases: ['list-plus'],
    hooks: changed('prefix', 'photos%2F'),
  },
  {
    cause: 'query-changed',
    name: 'download name',
    lost: true,
    in: HQ,
    bases: ['get-download'],
    hooks: changed('response-content-disposition', 'inline'),
  },
  {
    cause: 'query-changed',
    name: 'expiry prolonged by hand',
    in: Q,
    bases: ['get-plain', 'put-text'],
    hooks: changed('X-Amz-Expires', '86400'),
  },
  {
    cause: 'query-changed',
    name: 'name misspelled',
    lost: true,
    in: HQ,
    bases: ['list-root'],
    alternatives: ['query-removed', 'query-extra'],
    because: 'one name is missing and another one is there',
    hooks: {
      sent(wire) {
        wire.query = wire.query.map((pair) => pair.replace(/^list-type/, 'list_type'))
      },
    },
  },

  { cause: 'query-order', name: 'as given', in: HQ, bases: ['list-prefix'], hooks: signedString(inOrder) },
  {
    cause: 'query-order',
    name: 'own parameters behind those of the signature',
    in: Q,
    bases: ['get-download', 'list-plus'],
    hooks: signedString((pairs) =>
      sortedBy((name) => (name.startsWith('X-Amz') ? `0${name}` : `1${name}`))(pairs.reverse()),
    ),
  },
  {
    cause: 'query-order',
    name: 'sorted without regard to case',
    in: Q,
    bases: ['get-download', 'list-prefix'],
    hooks: signedString(sortedBy((name) => name.toLowerCase())),
  },
  {
    cause: 'query-order',
    name: 'backwards',
    in: HQ,
    bases: ['get-download', 'list-plus'],
    hooks: signedString((pairs) => joinQuery(pairs).split('&').reverse().join('&')),
  },

  {
    cause: 'query-duplicate',
    name: 'own parameter',
    in: HQ,
    bases: ['list-prefix'],
    alternatives: ['query-extra'],
    because: 'the second one was added',
    hooks: added('max-keys=10'),
  },
  {
    cause: 'query-duplicate',
    name: 'own parameter, other value',
    in: HQ,
    bases: ['list-plus'],
    alternatives: ['query-extra'],
    because: 'the second one was added',
    hooks: added('prefix=photos%2F'),
  },
  {
    cause: 'query-duplicate',
    name: 'X-Amz-Expires',
    in: Q,
    bases: ['get-plain', 'put-text'],
    alternatives: ['query-extra'],
    because: 'the second one was added',
    hooks: added('X-Amz-Expires=900'),
  },
  {
    cause: 'query-duplicate',
    name: 'X-Amz-Date',
    in: Q,
    bases: ['get-space'],
    alternatives: ['query-extra'],
    because: 'the second one was added',
    hooks: { sent: (wire) => void wire.query.push(`X-Amz-Date=${paramOf(wire, 'X-Amz-Date')}`) },
  },
  {
    cause: 'query-duplicate',
    name: 'X-Amz-Signature',
    in: Q,
    bases: ['get-utf8'],
    alternatives: ['query-extra'],
    because: 'the second one was added',
    hooks: { sent: (wire) => void wire.query.push(`X-Amz-Signature=${paramOf(wire, 'X-Amz-Signature')}`) },
  },

  {
    cause: 'query-plus',
    name: 'plus for a blank signed',
    in: HQ,
    bases: ['list-prefix', 'get-download'],
    hooks: signedString((pairs) => joinQuery(pairs).replaceAll('%20', '+')),
  },
  {
    cause: 'query-plus',
    name: 'plus not escaped on the way',
    in: HQ,
    bases: ['list-plus'],
    alternatives: ['query-changed'],
    because: 'the value that arrives has a blank where a plus was',
    hooks: {
      sent(wire) {
        wire.query = wire.query.map((pair) => pair.replaceAll('%2B', '+'))
      },
    },
  },
  {
    cause: 'query-plus',
    name: 'plus sent for a blank',
    in: HQ,
    bases: ['list-prefix', 'get-download'],
    hooks: {
      sent(wire) {
        wire.query = wire.query.map((pair) => pair.replaceAll('%20', '+'))
      },
    },
  },
  {
    cause: 'query-plus',
    name: 'plus sent for a blank and signed as a plus',
    in: HQ,
    bases: ['list-prefix'],
    hooks: {
      ...signedString((pairs) => joinQuery(pairs).replaceAll('%20', '%2B')),
      sent(wire) {
        wire.query = wire.query.map((pair) => pair.replaceAll('%20', '+'))
      },
    },
  },

  {
    cause: 'query-empty-value',
    name: 'signed without equals sign',
    in: HQ,
    bases: ['get-acl', 'get-uploads'],
    hooks: signedString((pairs) => joinQuery(pairs).replace(/(^|&)(acl|uploads)=/, '$1$2')),
  },
  {
    cause: 'query-empty-value',
    name: 'signed without equals sign, sent without',
    in: HQ,
    bases: ['get-acl', 'get-uploads'],
    hooks: {
      ...signedString((pairs) => joinQuery(pairs).replace(/(^|&)(acl|uploads)=/, '$1$2')),
      sent(wire) {
        wire.query = wire.query.map((pair) => pair.replace(/^(acl|uploads)=$/, '$1'))
      },
    },
  },
  {
    cause: 'query-empty-value',
    name: 'not signed at all',
    in: HQ,
    bases: ['get-acl'],
    alternatives: ['query-extra'],
    because: 'a parameter that was not signed is one that was added',
    hooks: signedString((pairs) => joinQuery(pairs.filter(([, value]) => value !== ''))),
  },

  {
    cause: 'url-html-escaped',
    name: 'copied out of a page’s source',
    in: HQ,
    bases: ['get-download', 'list-prefix'],
    hooks: {
      sent(wire) {
        wire.separator = '&amp;'
      },
    },
  },
  {
    cause: 'url-html-escaped',
    name: 'out of an XML document',
    in: Q,
    bases: ['get-plain', 'put-text'],
    hooks: {
      sent(wire) {
        wire.separator = '&amp;'
      },
    },
  },
  {
    cause: 'url-html-escaped',
    name: 'ampersand of a JSON string escaped by number',
    in: Q,
    bases: ['get-space'],
    hooks: {
      sent(wire) {
        wire.separator = '\\u0026'
      },
    },
  },
]
