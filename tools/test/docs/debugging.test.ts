import { describe, expect, it } from 'vitest'
import { KEY, KEYS, run } from '../../../packages/sigv4-tools/test/support/cli.ts'
import { sign } from '../../../src/sync.ts'
import { SECRET } from '../../../test/support/credentials.ts'
import { fencesOf } from '../../../test/support/docs/markdown.ts'
import { signatureOf, stringToSignOf } from '../../../test/support/oracle.ts'

// What docs/debugging.md shows as the output of the program is what the program prints.

const shown = fencesOf('docs/debugging.md').filter(({ language }) => language === 'text')
const SIGNED_AT = Date.UTC(2026, 0, 31, 12)
const URL = 'http://minio.internal:9000/photos/cat.jpg'
const { headers } = sign(
  { method: 'GET', url: URL },
  {
    credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
    region: 'us-east-1',
    service: 's3',
    now: SIGNED_AT,
  },
)

const logOf = (sent: Record<string, string>): string =>
  `GET /photos/cat.jpg HTTP/1.1\n${Object.entries(sent)
    .map((pair) => pair.join(': '))
    .join(
      '\n',
    )}\n\nHTTP/1.1 403 Forbidden\nDate: Sat, 31 Jan 2026 12:00:05 GMT\n\n<Error><Code>SignatureDoesNotMatch</Code></Error>\n`

/** The request with a signature over a canonical request without the empty line after the headers. */
function incorrectlySigned(): Record<string, string> {
  const sent: Record<string, string> = { host: 'minio.internal:9000', ...headers }
  const names = ['host', 'x-amz-content-sha256', 'x-amz-date'] as const
  const [hash, date] = [headers['x-amz-content-sha256']!, headers['x-amz-date']!]
  const canonical = [
    'GET',
    '/photos/cat.jpg',
    '',
    ...names.map((name) => `${name}:${sent[name]}`),
    names.join(';'),
    hash,
  ]
  const scope = ['20260131', 'us-east-1', 's3', 'aws4_request']
  const signature = signatureOf(SECRET, scope, stringToSignOf(canonical.join('\n'), date, scope.join('/')))
  return { ...sent, authorization: headers.authorization!.replace(/Signature=.*/, `Signature=${signature}`) }
}

const log = logOf({ host: 'minio.internal:9000', ...headers })
const CASES: [start: string, stdin: string, env: Record<string, string>, ...args: string[]][] = [
  ['Possible cause: ', log, {}],
  ['The signature is correct for this request: ', log, KEYS],
  [
    'Proven: The request was signed for the host',
    logOf({ host: '10.0.0.7:9000', ...headers }),
    KEYS,
    ...['--signed', 'host: minio.internal:9000'],
  ],
  ['Proven: The client wrote the canonical request', logOf(incorrectlySigned()), KEYS],
]

describe('the outputs in docs/debugging.md', () => {
  it.each(CASES)('are printed: %s…', async (start, stdin, env, ...args) => {
    const [fence, ...others] = shown.filter(({ code }) => code.startsWith(start))
    expect(others).toEqual([])
    const { stdout } = await run(['explain', ...args], { stdin, env })
    const [, output = ''] = /^Read: .*?\n\n(.*)/s.exec(stdout) ?? []
    expect(output.slice(0, fence!.code.length)).toBe(fence!.code)
  })

  it('are all checked', () => {
    expect(shown.length).toBe(CASES.length)
  })
})
