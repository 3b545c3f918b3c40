import type { Forged } from '../../test/support/attacks/attacker.ts'

// Lambda events for a request, as function URLs and API Gateway create them.

const TEXT = /^(?:text\/|application\/(?:json|javascript|xml)\b)/
const CONTEXT = {
  accountId: '123456789012',
  apiId: 'a1b2c3d4e5',
  domainPrefix: 'a1b2c3d4e5',
  requestId: 'JKJaXmPLvHcESHA=',
}
const SOURCE = { sourceIp: '203.0.113.9', userAgent: 'test' }

/** What a gateway adds. */
const ADDED = {
  'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-port': '443',
  'x-forwarded-proto': 'https',
}

/** The values of each header, in order. */
function valuesOf({ headers }: Forged): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const [name, value] of headers) values.set(name, [...(values.get(name) ?? []), value])
  for (const [name, value] of Object.entries(ADDED)) values.set(name, [value])
  return values
}

function bodyOf({ body, headers }: Forged): { body?: string; isBase64Encoded: boolean } {
  if (!body.length) return { isBase64Encoded: false }
  const isText = headers.some(([name, value]) => name === 'content-type' && TEXT.test(value))
  return { body: Buffer.from(body as string).toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

/** Payload format 2.0: of a function URL. */
export function functionUrlEvent(forged: Forged) {
  const values = valuesOf(forged)
  const cookies = values.get('cookie')?.flatMap((value) => value.split('; '))
  values.delete('cookie')
  const headers = Object.fromEntries([...values].map(([name, list]) => [name, list.join(',')]))
  const { method, path, query } = forged
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query.join('&'),
    ...(cookies && { cookies }),
    headers,
    requestContext: {
      ...CONTEXT,
      domainName: headers.host!,
      http: { method, path, protocol: 'HTTP/1.1', ...SOURCE },
      routeKey: '$default',
      stage: '$default',
      timeEpoch: Date.now(),
    },
    ...bodyOf(forged),
  }
}

/** Payload format 2.0: of an HTTP API, which decodes the path. */
export function httpApiEvent(forged: Forged) {
  const event = functionUrlEvent(forged)
  const rawPath = decodeURIComponent(event.rawPath)
  const http = { ...event.requestContext.http, path: rawPath }
  return { ...event, rawPath, requestContext: { ...event.requestContext, http } }
}

/** Payload format 1.0: of a REST API, which decodes the query and does not change the case of header names. */
export function restApiEvent(forged: Forged) {
  const lists = [...valuesOf(forged)].filter(([name]) => name !== 'content-length')
  const multiValueHeaders = Object.fromEntries(
    lists.map(([name, list]) => [name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase()), list]),
  )
  const query = new Map<string, string[]>()
  for (const pair of forged.query) {
    const [name = '', value = ''] = pair.split('=').map(decodeURIComponent)
    query.set(name, [...(query.get(name) ?? []), value])
  }
  const last = (values: Iterable<readonly [string, string[]]>) =>
    Object.fromEntries([...values].map(([name, list]) => [name, list.at(-1)!]))
  const { method, path } = forged
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: last(Object.entries(multiValueHeaders)),
    multiValueHeaders,
    queryStringParameters: query.size ? last(query) : null,
    multiValueQueryStringParameters: query.size ? Object.fromEntries(query) : null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      ...CONTEXT,
      domainName: multiValueHeaders.Host![0]!,
      httpMethod: method,
      identity: SOURCE,
      path,
      protocol: 'HTTP/1.1',
      resourcePath: '/{proxy+}',
      stage: 'prod',
    },
    body: null,
    ...bodyOf(forged),
  }
}
