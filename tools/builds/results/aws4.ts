import fc from 'fast-check'
import { environment, credentials as oddCredentials, request, url } from '../../../test/support/aws4/arbitraries.ts'
import { type Build, type Comparison, find, type Module } from './comparison.ts'
import { outcomeOf, shapeOf } from './outcome.ts'
import * as values from './values.ts'

// Calls of `aws4`, and of its fixed mode.

const METHODS = [
  ...['isSingleRegion', 'createHost', 'prepareRequest', 'sign', 'getDateTime', 'getDate', 'authHeader', 'signature'],
  ...['stringToSign', 'canonicalString', 'filterHeaders', 'canonicalHeaders', 'signedHeaders', 'credentialString'],
  ...['defaultCredentials', 'parsePath', 'formatPath', 'matchHost'],
]

const OPTIONS = {
  method: values.method,
  headers: values.headers,
  body: fc.constantFrom<unknown>('{}', 'Action=List', '', 'é', new Uint8Array(3)),
  service: values.service,
  region: values.region,
  signQuery: fc.boolean(),
  doNotModifyHeaders: fc.boolean(),
  doNotEncodePath: fc.boolean(),
  extraHeadersToIgnore: fc.constantFrom({ 'content-type': true }, { a: true }),
  extraHeadersToInclude: fc.constantFrom({ range: true }, { 'user-agent': true }),
  port: fc.constantFrom<unknown>(443, '9000', null),
}

/** Sets the environment of a call, which aws4 reads. */
function setEnvironment(variables: object): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, variables)
}

const valid = fc.tuple(values.url, values.some(OPTIONS)).map(([url, options]) => {
  const [, host, path] = /^\w*:?\/?\/?([^/?#]*)(.*)$/s.exec(url)!
  return { host, path, ...options }
})
const given = fc.oneof(
  { weight: 4, arbitrary: request },
  { weight: 6, arbitrary: valid },
  { weight: 1, arbitrary: url },
  { weight: 1, arbitrary: values.url.map(values.urlObject) },
)
const credentials = fc.oneof(
  { weight: 2, arbitrary: oddCredentials },
  { weight: 3, arbitrary: fc.constantFrom<object>(values.KEYS, values.TEMPORARY) },
)

export function aws4Calls(path: 'aws4' | 'aws4.fixed'): Comparison[] {
  const moduleOf = (build: Build): Module => find(build, path) as Module
  return [
    {
      ...{ name: `${path}.sign`, group: 'sign', share: 8, changesArguments: true },
      arbitrary: fc.tuple(given, credentials, environment),
      call(build, [request, credentials, variables]) {
        setEnvironment(variables as object)
        return moduleOf(build).sign(request, credentials)
      },
    },
    {
      ...{ name: `${path}.RequestSigner`, group: 'sign', share: 5, changesArguments: true },
      arbitrary: fc.tuple(given, credentials, fc.array(fc.constantFrom(...METHODS), { maxLength: 5 })),
      async call(build, [request, credentials, methods]) {
        setEnvironment({})
        const signer = new (moduleOf(build).RequestSigner)(request, credentials)
        const outcomes = []
        for (const method of methods as string[])
          outcomes.push(await outcomeOf(() => signer[method]('photos.s3-eu-west-1.amazonaws.com')))
        return { outcomes, signer: shapeOf(signer) }
      },
    },
  ]
}
