import { proxy } from '../../src/proxy.ts'
import { serve } from '../../src/serve.ts'

// Calls that neither compile nor run, as in test/support/misused.ts of the library.

type Calls = Readonly<Record<string, () => unknown>>

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const upstream = 'http://127.0.0.1:9'
const scope = { region: 'eu-west-1', service: 's3' }

export const misused: Calls = {
  // @ts-expect-error seconds or milliseconds
  'idleTimeout: a number': () => serve({ idleTimeout: 5000 }),
  // @ts-expect-error seconds or milliseconds
  'idleTimeout: a number, in proxy': () => proxy({ upstream, ...scope, credentials, idleTimeout: 5000 }),
  // @ts-expect-error seconds or milliseconds
  'skew: a number': () => serve({ skew: 3600 }),
  // @ts-expect-error seconds or milliseconds
  'expireToken: a number': () => serve({ expireToken: 300 }),
  // @ts-expect-error seconds or milliseconds
  'credentialsMaxAge: a number': () => proxy({ upstream, ...scope, credentials, credentialsMaxAge: 300 }),
  // @ts-expect-error a string is not a moment
  'now: a string': () => serve({ now: '2026-01-31T12:00:00Z' }),
  // @ts-expect-error the name of the option is expireToken
  tokenLifetime: () => serve({ tokenLifetime: '5m' }),
}

/** Calls that compile, because the type of a duration is a string, but do not run. */
export const malformed: Calls = Object.fromEntries(
  ['900', '5 minutes', '5min', '1.5h', '5M', 'm', ''].flatMap((duration) => [
    [`idleTimeout: '${duration}'`, () => serve({ idleTimeout: duration })],
    [`skew: '${duration}'`, () => serve({ skew: duration })],
    [`expireToken: '${duration}'`, () => serve({ expireToken: duration })],
    [`credentialsMaxAge: '${duration}'`, () => proxy({ upstream, ...scope, credentials, credentialsMaxAge: duration })],
  ]),
)
