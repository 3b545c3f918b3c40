import type * as aws4fetch from '../../../src/aws4fetch.ts'
import { equal } from '../harness.ts'
import type { PlatformCase } from './platform.ts'

// The replacement for aws4fetch: requests whose signatures AWS published.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const aws = { service: 'service', region: 'us-east-1', datetime: '20150830T123600Z' }
const EXAMPLE = 'https://example.amazonaws.com/'
const authorization =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'

export function replacingCases({ AwsClient, AwsV4Signer }: typeof aws4fetch): PlatformCase[] {
  const needs = ['subtle', 'Request', 'URL', 'Blob'] as const
  return [
    [
      'signs with AwsV4Signer',
      needs,
      async () => {
        const signer = new AwsV4Signer({ ...credentials, ...aws, url: EXAMPLE })
        const { url, headers } = await signer.sign()
        equal([String(url), headers.get('authorization')], [EXAMPLE, authorization])
      },
    ],
    [
      'signs with AwsClient',
      needs,
      async (output) => {
        const client = new AwsClient(credentials)
        equal((await client.sign(EXAMPLE, { aws })).headers.get('authorization'), authorization)
        const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a' }
        const request = await client.sign(new Request(EXAMPLE, init), { aws })
        output('signed', [request.method, request.headers.get('authorization')])
        equal(await request.text(), 'a')
        const presigned = await client.sign(EXAMPLE, { aws: { ...aws, signQuery: true } })
        output('presigned', [...new URL(presigned.url).searchParams].sort())
      },
    ],
    [
      'sends and retries with AwsClient',
      needs,
      async () => {
        const sent: string[] = []
        const { fetch } = globalThis
        globalThis.fetch = async (input, init) => {
          const request = new Request(input as Request, init)
          sent.push(request.headers.get('authorization')!, await request.text())
          return new Response('done', { status: sent.length > 2 ? 200 : 500 })
        }
        try {
          const client = new AwsClient({ ...credentials, initRetryMs: 1 })
          const response = await client.fetch(EXAMPLE, { method: 'POST', body: new Uint8Array([97]), aws })
          equal(await response.text(), 'done')
        } finally {
          globalThis.fetch = fetch
        }
        equal(sent, [sent[0], 'a', sent[0], 'a'])
      },
    ],
  ]
}
