import * as aws4fetch from 'aws4fetch'
import { afterAll, describe, expect, it } from 'vitest'
import * as entry from '../../src/aws4fetch.ts'
import { hostScope } from '../../src/core/signing/hosts.ts'
import { hosts, vectors } from '../support/aws4fetch/suite.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// The suite of aws4fetch, with the package and its replacement.

const KEYS = { ...CREDENTIALS }
const datetime = '20150830T123600Z'
const QUEUE = 'https://queue.amazonaws.com/'
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const ZEROS_HASH = 'af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc'

type Module = Pick<typeof entry, 'AwsClient' | 'AwsV4Signer'>

const MODULES: [name: string, module: Module][] = [
  ['aws4fetch', aws4fetch as Module],
  ['sigv4/aws4fetch', entry],
]

const eightBytes = () => [
  new ArrayBuffer(8),
  ...[Int8Array, Uint8Array, Uint8ClampedArray].map((Type) => new Type(8)),
  ...[Int16Array, Uint16Array].map((Type) => new Type(4)),
  ...[Int32Array, Uint32Array, Float32Array].map((Type) => new Type(2)),
  new Float64Array(1),
  new DataView(new ArrayBuffer(8)),
]

describe.each(MODULES)('%s', (_, { AwsClient, AwsV4Signer }) => {
  let count = 0
  const equal = (actual: unknown, expected: unknown): void => {
    expect(actual).toBe(expected)
    count++
  }
  afterAll(() => {
    expect(count, 'assertions of the suite').toBe(445)
  })

  it.each(vectors())('signs $test', async ({ method, url, headers: pairs, body, ...expected }) => {
    const headers = new Headers()
    for (const [name, value] of pairs)
      for (const line of value.split('\n')) {
        headers.append(name, line)
        headers.set(name, headers.get(name)!.replace(/, /g, ','))
      }
    const sessionToken = headers.get('X-Amz-Security-Token') as string
    const options = { datetime, allHeaders: true, singleEncode: true }
    const identity = { ...KEYS, sessionToken, service: 'service' }
    const content = body === undefined ? {} : { body }
    const signer = new AwsV4Signer({ ...identity, ...options, method, url, headers, ...content })
    equal(await signer.canonicalString(), expected.canonicalString)
    equal(await signer.stringToSign(), expected.stringToSign)
    equal(await signer.authHeader(), expected.authHeader)
    const client = new AwsClient(identity)
    const init = { method, headers, ...content }
    for (const signed of [
      await client.sign(new Request(url, init), { aws: options }),
      await client.sign(url, { ...init, aws: options }),
    ]) {
      equal(signed.headers.get('Authorization'), expected.authHeader)
      equal(signed.method, method)
      equal(await signed.text(), body ?? '')
    }
  })

  it.each(hosts())('reads the host %s as %s, %s', (host, service, region) => {
    const signer = new AwsV4Signer({ ...KEYS, url: `https://${host}` })
    equal(signer.service, service)
    equal(signer.region, region)
  })

  it('hashes strings and bytes, and no other bodies', async () => {
    const hashOf = (body?: BodyInit) => new AwsV4Signer({ ...KEYS, url: QUEUE, ...(body && { body }) }).hexBodyHash()
    equal(await hashOf(), EMPTY_HASH)
    equal(await hashOf('a'), 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb')
    equal(await hashOf(new ArrayBuffer(0)), EMPTY_HASH)
    for (const body of eightBytes()) equal(await hashOf(body), ZEROS_HASH)
  })

  it('sends the signed body', async () => {
    const client = new AwsClient(KEYS)
    equal(await (await client.sign(QUEUE, { body: 'a' })).text(), 'a')
    for (const body of eightBytes()) {
      const { headers } = await client.sign(QUEUE, { body, aws: { datetime } })
      equal(
        headers.get('authorization'),
        authorization('host;x-amz-date', '07135e035abf2ecd131815a03fd5dffc64f7324cc79eaa6400a6d68373a8863d'),
      )
    }
    for (const body of [new Blob(), new FormData(), new URLSearchParams(), new ReadableStream()]) {
      const { headers } = await client.sign(QUEUE, {
        body,
        headers: { 'X-Amz-Content-Sha256': ZEROS_HASH },
        aws: { datetime },
      })
      equal(
        headers.get('authorization'),
        authorization(
          'host;x-amz-content-sha256;x-amz-date',
          '28cde03d679fcd9082587d2705ea318df3d61f4d5d7006668b039b66f06c750c',
        ),
      )
    }
  })
})

/** Hosts of aws4fetch's suite for which `sign` has another scope, and why. */
const OTHERS: Readonly<Record<string, readonly [service: string, region: string | undefined, why: string]>> = {
  'aa-custom-bucket.s3-accelerate.amazonaws.com': ['s3', undefined, 'buckets of every region have such hosts'],
  'aa-custom-bucket.s3-accelerate.dualstack.amazonaws.com': [
    's3',
    undefined,
    'buckets of every region have such hosts',
  ],
  'autoscaling.amazonaws.com': ['autoscaling', undefined, 'no endpoint of botocore'],
  'ec2.amazonaws.com': ['ec2', undefined, 'no endpoint of botocore'],
  'elasticloadbalancing.amazonaws.com': ['elasticloadbalancing', undefined, 'no endpoint of botocore'],
  'elasticmapreduce.amazonaws.com': ['elasticmapreduce', undefined, 'no endpoint of botocore'],
  'ls.amazonaws.com': ['ls', undefined, 'no endpoint of botocore'],
  'importexport.amazonaws.com': ['IngestionService', 'us-east-1', 'botocore signs for IngestionService'],
  'iot.us-west-2.amazonaws.com': ['iot', 'us-west-2', 'botocore signs for iot'],
}

it.each(hosts())('%s has the same scope in sign, or another for a reason', (place, service, region) => {
  const [, host, path] = /^([^/]*)(.*)$/.exec(place)!
  const [own, ownRegion] = OTHERS[place] ?? [service, region]
  expect(hostScope(host!, path || '/')).toEqual({ service: own, region: ownRegion })
})

it('each other scope is of a host of the suite', () => {
  const places = hosts().map(([place]) => place)
  for (const place of Object.keys(OTHERS)) expect(places).toContain(place)
})

function authorization(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sqs/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`
}
