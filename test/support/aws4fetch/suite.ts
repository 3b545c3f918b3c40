import { readFileSync } from 'node:fs'
import { type Pair, type SuiteCase, suiteCases } from '../fixtures.ts'

// The suite of aws4fetch. AWS published its vectors, most of which are in fixtures/aws-signing-test-suite.

/** A signed request of the suite. */
export interface Vector {
  test: string
  method: string
  url: string
  headers: Pair[]
  body?: string
  canonicalString: string
  stringToSign: string
  authHeader: string
}

/** A vector, or the name of the folder in fixtures/aws-signing-test-suite/v4 with the same request. */
type Recorded = Vector | { test: string; same: string }

function read(file: string): string {
  return readFileSync(new URL(`../../../fixtures/aws4fetch/${file}`, import.meta.url), 'utf8')
}

/** Returns the 31 vectors. */
export function vectors(): Vector[] {
  const cases = new Map(suiteCases().map((each) => [each.name, each]))
  return (JSON.parse(read('vectors.json')) as Recorded[]).map((each) =>
    'same' in each ? vectorOf(each.test, cases.get(each.same)!) : each,
  )
}

function vectorOf(test: string, { request, context, header }: SuiteCase): Vector {
  const { method, target, headers, body } = request
  const [, host] = headers.find(([name]) => name === 'Host')!
  const others = headers.filter(([name]) => name !== 'Host')
  if (context!.sessionToken && !context!.omitSessionToken) others.push(['X-Amz-Security-Token', context!.sessionToken])
  const { canonicalRequest, stringToSign, signedRequest } = header
  return {
    test,
    method,
    url: `https://${host}${target}`,
    headers: [...others, ['X-Amz-Date', context!.amzDate]],
    ...(body && { body }),
    canonicalString: canonicalRequest!,
    stringToSign: stringToSign!,
    authHeader: signedRequest!.headers.find(([name]) => name === 'Authorization')![1],
  }
}

/** Returns hosts, some with a path, and the scope of each. */
export function hosts(): [host: string, service: string, region: string][] {
  return read('hosts.txt')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string, string])
}
