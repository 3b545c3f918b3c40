import type { VerifyOptions } from '../../../src/verify.ts'
import { SECRET } from '../credentials.ts'
import { type Location, type Pair, type SuiteCase, suiteCases, type WireRequest } from '../fixtures.ts'

// AWS's signing test suite as received requests.

export interface SuiteVector {
  name: string
  location: Location
  request: WireRequest
  options: VerifyOptions
}

const CONTEXTS: Record<string, { secretAccessKey: string; amzDate: string }> = {
  'double-encode-path': { secretAccessKey: 'notrealrnrELgWzOk3IfjzDKtFBhDby', amzDate: '20150830T123600Z' },
  'double-url-encode': { secretAccessKey: SECRET, amzDate: '20210511T154045Z' },
}

/** Parses an amz date. */
export function dateOf(amzDate: string): Date {
  return new Date(amzDate.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
}

/** Returns the signed requests of the suite, and the options to verify them. */
export function suiteVectors(cases: SuiteCase[] = suiteCases()): SuiteVector[] {
  return cases.flatMap(({ name, context, ...results }) =>
    (['header', 'query'] as const).flatMap((location) => {
      const request = results[location].signedRequest
      if (!request) return []
      const { secretAccessKey, amzDate } = context ?? CONTEXTS[name]!
      const accessKeyId = /Credential=([^/%]+)/.exec(JSON.stringify(request))![1]!
      const sessionToken = context?.sessionToken
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      const options: VerifyOptions = {
        credentials: (id) => (id === accessKeyId ? credentials : undefined),
        now: dateOf(amzDate),
        region: context?.region ?? ['us-east-1', 'us-east-2'],
        service: context?.service ?? ['service', 'lambda'],
        pathNormalization: context?.normalize === false ? 'none' : 'rfc3986',
        sessionTokenPlacement: context?.omitSessionToken ? 'appended' : 'signed',
      }
      // URL parsers read a target that starts with two slashes as a host, unless the host precedes it
      const host = request.headers.find(([header]) => /^host$/i.test(header))?.[1]
      const target = request.target.startsWith('//') ? `http://${host?.trim()}${request.target}` : request.target
      const headers = request.headers.map(([header, value]): Pair => [header, value.trim()]) // as HTTP parsers return them
      return [{ name: `${name} in the ${location}`, location, request: { ...request, target, headers }, options }]
    }),
  )
}
