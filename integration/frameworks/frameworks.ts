import type { RequestListener } from 'node:http'
import type { Forged, Forging } from '../../test/support/attacks/attacker.ts'
import { type App, type Handler, lambda, listen, type Setting } from './app.ts'
import { type Change, expressApp, fastifyApp, handlerApp, honoApp, koaApp } from './apps.ts'
import { example, replaced } from './documented.ts'
import { functionUrlEvent, httpApiEvent, restApiEvent } from './events.ts'
import { tool } from './packages.ts'

// Every framework and adapter, and what it does to a request.

/** What a framework passes on of a header that was sent twice. */
export type Repeated = 'both' | 'list' | 'joined' | 'first' | 'last'

/** What `verify` does: the `payload` of its result, or the code of its error; or the status of the framework before it. */
export type Expected = 'verified' | 'unsigned' | `ERR_${string}` | `status ${number}`

export interface Case {
  name: string
  request: Forging
  /** Changes the request after signing. */
  change?: ((forged: Forged) => void) | undefined
  /** A header that middleware sets. */
  middleware?: Setting['middleware']
  expected: Expected | ((framework: Framework) => Expected)
}

export interface Framework {
  name: string
  repeated: Repeated
  start: () => Promise<App>
  /** It passes on the headers as sent, in addition to those that middleware can change. */
  raw?: boolean
  /** Returns a different outcome if it changes the request, or rejects it. */
  except?: (each: Case) => Expected | undefined
}

// --- frameworks

const server = (name: string, app: () => Promise<RequestListener>, more: Partial<Framework> = {}): Framework => ({
  name,
  repeated: 'both',
  raw: true,
  start: async () => listen(await app()),
  ...more,
})

const honoListener = async (): Promise<RequestListener> =>
  tool('@hono/node-server').getRequestListener((await honoApp()).fetch)

const servers = (): Framework[] => [
  server('Express 4', () => expressApp('express-4')),
  server('Express 5', () => expressApp('express-5')),
  server('Fastify', async () => (await fastifyApp()).routing),
  server('Koa', () => koaApp()),
  server('Hono', honoListener, { repeated: 'joined', raw: false }),
]

// --- Lambda

const functionUrl = (name: string, app: () => Promise<Handler>, more: Partial<Framework> = {}): Framework => ({
  name: `${name}, function URL`,
  repeated: 'joined',
  start: async () => lambda(await app(), functionUrlEvent),
  ...more,
})

const httpApi = (name: string, app: () => Promise<Handler>): Framework => ({
  name: `${name}, HTTP API`,
  repeated: 'joined',
  start: async () => lambda(await app(), httpApiEvent),
})

const restApi = (name: string, app: () => Promise<Handler>, more: Partial<Framework> = {}): Framework => ({
  name: `${name}, REST API`,
  repeated: 'joined',
  start: async () => lambda(await app(), restApiEvent),
  ...more,
})

/** Replaces the conversion of an event by that of REST APIs. */
const forRestApi: Change = (code) =>
  replaced(code, /^function requestOf\(\{.*?^}\n/ms, example('function requestOf(event)'))

/** Replaces the target by that of HTTP APIs. */
const forHttpApi: Change = (code) =>
  replaced(code, /url: .*,\n/, `${replaced(example('encodeURIComponent).join'), 'const url =', 'url:').trimEnd()},\n`)

const functions = (): Framework[] => [
  functionUrl('Lambda', () => handlerApp()),
  httpApi('Lambda', () => handlerApp(forHttpApi)),
  restApi('Lambda', () => handlerApp(forRestApi), { repeated: 'list' }),
]

// --- adapters for Lambda

const outcomes =
  (expected: Readonly<Record<string, Expected>>) =>
  ({ name }: Case): Expected | undefined =>
    expected[name]

/** Fastify rejects a content type that is a list. */
const UNSUPPORTED = {
  'PUT: content type, repeated': 'status 415',
  'presigned PUT: content type, repeated': 'status 415',
} as const

/** The values in `rawHeaders` are not the octets that were sent, so `verify` decodes them again. */
const DECODED_TWICE = {
  'metadata in UTF-8': 'ERR_SIGV4_SIGNATURE_MISMATCH',
  'metadata in UTF-8, encoded again': 'verified',
} as const

/** `hono/aws-lambda` encodes values that are not ASCII. */
const ENCODED = outcomes({ 'metadata in UTF-8': 'ERR_SIGV4_SIGNATURE_MISMATCH' })

const wrap = (adapter: string, app: unknown): Handler =>
  tool(adapter)(adapter.startsWith('serverless-http') ? app : { app })

/** Adapters with the code for servers: most create an `IncomingMessage` without `rawHeaders`. */
const adaptersAsServers = (): Framework[] => [
  ...(['3', '4'] as const).flatMap((version) => {
    const name = `serverless-http ${version}`
    const adapter = `serverless-http-${version}`
    const express = async () => wrap(adapter, await expressApp(version === '3' ? 'express-4' : 'express-5'))
    return [
      functionUrl(`${name}, Express`, express),
      restApi(`${name}, Express`, express, { repeated: 'last' }),
      functionUrl(`${name}, Koa`, async () => wrap(adapter, await koaApp())),
      functionUrl(`${name}, Fastify`, async () => wrap(adapter, await fastifyApp()), {
        raw: true,
        except: outcomes({ ...UNSUPPORTED, ...DECODED_TWICE }),
      }),
    ]
  }),
  ...(['4.10', '4.12'] as const).flatMap((version) => {
    const express = async () =>
      wrap(`serverless-express-${version}`, await expressApp(version === '4.10' ? 'express-4' : 'express-5'))
    const more = version === '4.12' ? { raw: true, except: outcomes(DECODED_TWICE) } : {}
    const name = `@vendia/serverless-express ${version}`
    return [functionUrl(name, express, more), restApi(name, express, more)]
  }),
]

const withoutRawHeaders: Change = (code) => replaced(code, /, rawHeaders\b/g, '')

const honoOnLambda = async (): Promise<Handler> => tool('hono/aws-lambda').handle(await honoApp())

/** Adapters with the code for adapters. */
const adapters = (): Framework[] => [
  ...['serverless-http-4', 'serverless-express-4.12'].flatMap((adapter) => {
    const express = async () => wrap(adapter, await expressApp('express-5', withoutRawHeaders))
    const name = `${adapter} without rawHeaders`
    return [
      functionUrl(name, express),
      restApi(name, express, { repeated: adapter.startsWith('serverless-http') ? 'last' : 'joined' }),
    ]
  }),
  functionUrl(
    'serverless-http-4 without rawHeaders, Fastify',
    async () => wrap('serverless-http-4', await fastifyApp(withoutRawHeaders)),
    { except: outcomes(UNSUPPORTED) },
  ),
  functionUrl('hono/aws-lambda', honoOnLambda, { except: ENCODED }),
  restApi('hono/aws-lambda', honoOnLambda, { except: ENCODED }),
]

/** Applications that verify before they parse. */
export const frameworks = (): Framework[] => [...servers(), ...functions(), ...adapters(), ...adaptersAsServers()]

// --- applications that parse bodies before they verify

const parsedByFastify: Change = (code) => replaced(code, /^app\.(?:remove|add)\w+Parsers?\(.*\n/gm, '')
const parsedByKoa: Change = (code) => replaced(code, 'await buffer(context.req)', 'context.request.body')
const parsedByHandler: Change = (code) => replaced(code, /Buffer\.from\(body.*\),\n/, "JSON.parse(body ?? 'null'),\n")

export const parsing = (): Framework[] => [
  server('Express 4, express.json', () => expressApp('express-4', undefined, ['json'])),
  server('Express 5, express.json', () => expressApp('express-5', undefined, ['json'])),
  server('Fastify, its own parser', async () => (await fastifyApp(parsedByFastify)).routing),
  server('Koa, @koa/bodyparser', () => koaApp(parsedByKoa, [tool('@koa/bodyparser').bodyParser()])),
  // not Express 5, whose parsers skip requests that these adapters mark as complete
  ...['serverless-http-3', 'serverless-http-4', 'serverless-express-4.10'].map((adapter) =>
    functionUrl(`${adapter}, express.json`, async () =>
      wrap(adapter, await expressApp('express-4', undefined, ['json'])),
    ),
  ),
  functionUrl('serverless-express-4.12 without rawHeaders, express.json', async () =>
    wrap('serverless-express-4.12', await expressApp('express-4', withoutRawHeaders, ['json'])),
  ),
  functionUrl('Lambda, JSON.parse', () => handlerApp(parsedByHandler)),
]
