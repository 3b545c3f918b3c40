import { DOC_CREDENTIALS } from '../../../../../../test/support/credentials.ts'
import { chain, hmac, signingKey } from '../../../../../../test/support/oracle.ts'
import { H, HQ, Q, type Row, setParam } from './row.ts'
import { type Client, setHeader } from './signing.ts'

// Who signs: the secret, the key id, the key made of them, the session token.

const secret = (change: (secret: string) => string) => ({
  client(client: Client) {
    const { secretAccessKey } = client.credentials
    client.credentials = { ...client.credentials, secretAccessKey: change(secretAccessKey) }
  },
})

const scopeOf = ({ scopeDate, region, service, terminator }: Client): string[] => [
  scopeDate,
  region,
  service,
  terminator,
]

const key = (derive: (secret: string, scope: string[]) => Buffer) => ({
  key: (client: Client) => derive(client.credentials.secretAccessKey, scopeOf(client)),
})

const dayBefore = (day: string): string => {
  const [, year, month, date] = /(....)(..)(..)/.exec(day)!
  return new Date(Date.UTC(+year!, +month! - 1, +date! - 1)).toISOString().slice(0, 10).replaceAll('-', '')
}

export const CREDENTIAL_FAULTS: readonly Row[] = [
  {
    cause: 'wrong-secret',
    name: 'that of another environment',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: secret(() => DOC_CREDENTIALS.secretAccessKey),
  },
  {
    cause: 'wrong-secret',
    name: 'one character lost',
    in: HQ,
    bases: ['get-space'],
    hooks: secret((s) => s.slice(0, -1)),
  },
  {
    cause: 'wrong-secret',
    name: 'read from a variable that is not set',
    in: Q,
    bases: ['get-download'],
    hooks: secret(() => 'undefined'),
  },
  {
    cause: 'wrong-secret',
    name: 'placeholder left in',
    in: H,
    bases: ['list-prefix'],
    hooks: secret(() => 'YOUR_SECRET_KEY'),
  },
  {
    cause: 'unknown-access-key',
    name: 'key of another account',
    in: HQ,
    bases: ['get-plain', 'put-text'],
    alternatives: ['wrong-secret'],
    because: 'a server that takes any key id has one secret for all of them',
    hooks: {
      client(client) {
        client.credentials = {
          accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
          secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
        }
      },
    },
  },
  {
    cause: 'unknown-access-key',
    name: 'last character of the id lost',
    in: HQ,
    bases: ['get-utf8', 'list-prefix'],
    hooks: {
      client(client) {
        const { accessKeyId } = client.credentials
        client.credentials = { ...client.credentials, accessKeyId: accessKeyId.slice(0, -1) }
      },
    },
  },
  {
    cause: 'keys-swapped',
    name: 'arguments in the wrong order',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: {
      client(client) {
        const { accessKeyId, secretAccessKey } = client.credentials
        client.credentials = { accessKeyId: secretAccessKey, secretAccessKey: accessKeyId }
      },
    },
  },
  {
    cause: 'secret-whitespace',
    name: 'line end',
    in: HQ,
    bases: ['get-plain', 'put-text'],
    hooks: secret((s) => `${s}\n`),
  },
  { cause: 'secret-whitespace', name: 'blank at the end', in: Q, bases: ['get-space'], hooks: secret((s) => `${s} `) },
  { cause: 'secret-whitespace', name: 'blank in front', in: H, bases: ['list-root'], hooks: secret((s) => ` ${s}`) },
  { cause: 'secret-whitespace', name: 'CR LF', in: HQ, bases: ['get-utf8'], hooks: secret((s) => `${s}\r\n`) },
  { cause: 'secret-whitespace', name: 'tab', in: Q, bases: ['put-bare'], hooks: secret((s) => `${s}\t`) },
  {
    cause: 'secret-encoding',
    name: 'base64, as from a Kubernetes secret',
    in: HQ,
    bases: ['get-plain', 'put-text'],
    hooks: secret((s) => Buffer.from(s).toString('base64')),
  },
  {
    cause: 'secret-encoding',
    name: 'escaped for a URL',
    in: HQ,
    bases: ['get-space'],
    hooks: secret(encodeURIComponent),
  },
  { cause: 'secret-encoding', name: 'quotes left on', in: HQ, bases: ['list-prefix'], hooks: secret((s) => `"${s}"`) },
  {
    cause: 'secret-encoding',
    name: 'single quotes left on',
    in: Q,
    bases: ['get-utf8'],
    hooks: secret((s) => `'${s}'`),
  },
  {
    cause: 'secret-encoding',
    name: 'unescaped, a plus became a blank',
    in: HQ,
    bases: ['get-plain'],
    hooks: secret((s) => s.replaceAll('+', ' ')),
  },
  {
    cause: 'secret-encoding',
    name: 'slash escaped, as in JSON of PHP',
    in: H,
    bases: ['get-plain'],
    hooks: secret((s) => s.replaceAll('/', '\\/')),
  },
  {
    cause: 'key-derivation',
    name: 'AWS4 in front of the secret forgotten',
    in: HQ,
    bases: ['get-plain', 'put-meta'],
    hooks: key((secret, scope) => chain(secret, scope)),
  },
  {
    cause: 'key-derivation',
    name: 'intermediate keys as hexadecimal text',
    in: HQ,
    bases: ['get-space'],
    hooks: key((secret, scope) =>
      Buffer.from(scope.reduce((key, step) => hmac(key, step).toString('hex'), `AWS4${secret}`)),
    ),
  },
  {
    cause: 'key-derivation',
    name: 'the secret itself is the key',
    in: H,
    bases: ['get-plain'],
    hooks: key((secret) => Buffer.from(`AWS4${secret}`)),
  },
  {
    cause: 'key-derivation',
    name: 'region before date',
    in: Q,
    bases: ['get-utf8'],
    hooks: key((secret, [date, region, service, end]) => signingKey(secret, [region!, date!, service!, end!])),
  },
  {
    cause: 'key-derivation',
    name: 'last step left out',
    in: HQ,
    bases: ['list-prefix'],
    hooks: key((secret, scope) => signingKey(secret, scope.slice(0, 3))),
  },
  {
    cause: 'key-derivation',
    name: 'key of yesterday kept',
    in: HQ,
    bases: ['get-download', 'put-text'],
    hooks: key((secret, [date, ...rest]) => signingKey(secret, [dayBefore(date!), ...rest])),
  },
  {
    cause: 'key-derivation',
    name: 'key of another region kept',
    in: Q,
    bases: ['get-plain'],
    hooks: key((secret, [date, , ...rest]) => signingKey(secret, [date!, 'eu-west-1', ...rest])),
  },
  {
    cause: 'key-derivation',
    name: 'key and message in each other’s place',
    in: H,
    bases: ['get-plain'],
    hooks: key((secret, scope) =>
      scope.reduce<Buffer>((key, step) => hmac(step, key.toString('latin1')), Buffer.from(`AWS4${secret}`)),
    ),
  },
  {
    cause: 'session-token',
    name: 'appended to the URL and not signed',
    in: Q,
    bases: ['get-plain', 'put-text'],
    alternatives: ['query-extra'],
    because: 'a parameter that was not signed is one that was added',
    hooks: { sent: (wire) => setParam(wire, 'X-Amz-Security-Token', 'IQoJb3JpZ2luX2VjEXAMPLETOKEN') },
  },
  {
    cause: 'session-token',
    name: 'sent and not signed',
    in: H,
    bases: ['get-plain', 'put-text'],
    alternatives: ['unsigned-header'],
    because: 'the token is an x-amz-* header',
    hooks: { sent: (wire) => setHeader(wire.headers, 'X-Amz-Security-Token', 'IQoJb3JpZ2luX2VjEXAMPLETOKEN') },
  },
  {
    cause: 'session-token',
    name: 'signed and not sent',
    in: HQ,
    bases: ['get-token', 'put-token'],
    alternatives: ['header-missing', 'query-removed'],
    because: 'the header or parameter that is missing is the token',
    hooks: {
      sent(wire) {
        setParam(wire, 'X-Amz-Security-Token', undefined)
        setHeader(wire.headers, 'X-Amz-Security-Token', undefined)
      },
    },
  },
  {
    cause: 'session-token',
    name: 'cut off on the way',
    in: HQ,
    bases: ['get-token', 'put-token'],
    alternatives: ['header-changed', 'query-changed'],
    because: 'the header or parameter that was changed is the token',
    hooks: {
      sent(wire, _scene, client) {
        const token = client.credentials.sessionToken!
        if (client.location === 'query') setParam(wire, 'X-Amz-Security-Token', encodeURIComponent(token.slice(0, -8)))
        else setHeader(wire.headers, 'X-Amz-Security-Token', token.slice(0, -8))
      },
    },
  },
  {
    cause: 'session-token',
    name: 'a plus and slashes of it not escaped',
    in: Q,
    bases: ['get-token'],
    alternatives: ['query-plus', 'query-changed'],
    because: 'the plus stands in the token',
    hooks: { sent: (wire, _scene, client) => setParam(wire, 'X-Amz-Security-Token', client.credentials.sessionToken!) },
  },
  {
    cause: 'session-token',
    name: 'nobody issued it',
    in: HQ,
    bases: ['get-plain'],
    hooks: {
      client(client) {
        client.credentials = { ...client.credentials, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLETOKEN' }
      },
    },
  },
]
