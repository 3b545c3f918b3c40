import { describe, expect, it } from 'vitest'
import { randomBits, SEED } from '../../../../test/support/random.ts'
import { fromFragment, isShortened, LONGEST_SHARED, restore, shareable, toFragment } from '../../src/debugger/share.ts'
import { parseEvidence } from '../../src/explain.ts'

// A link contains no secret, and of signatures and tokens eight characters, however they are written.

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzQQLMKEYa'
const TOKEN = 'FwoGZXIvYXdzEBYaDKq1zDx8rTn5u9vL8yLJASd3Kx7Qm2nPq4Rt6Vw8Xz0Bc2De4Fg6Hi8Jk'
const SIGNATURE = '1a6f0c4f81d2a6958e90cc425505370ddfaf3faf85270870341a5c618ea7992b'
const SIGNATURE_V2 = 'jdB4/rZ2pDqM0aXk1cVtWq8uY5w='
const HASH = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'
const KEY = 'AKIAIOSFODNN7EXAMPLE'
const URL = `https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${KEY}%2F20220705%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20220705T111205Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=${SIGNATURE}`

function shared(text: string): string {
  const found = parseEvidence(text).items.filter(({ kind }) => kind === 'credentials')
  return shareable(
    text,
    found.map(({ lines }) => lines),
  )
}

/** Returns the length of the longest part of a value that a string contains. */
function longestPart(text: string, value: string): number {
  const [inside, whole] = [text.toLowerCase(), value.toLowerCase()]
  for (let length = whole.length; length >= 12; length--)
    for (let at = 0; at + length <= whole.length; at++) if (inside.includes(whole.slice(at, at + length))) return length
  return 0
}

const SECRETS: Record<string, string> = {
  'a variable': `AWS_SECRET_ACCESS_KEY=${SECRET}`,
  'an exported variable': `export AWS_SECRET_ACCESS_KEY="${SECRET}"`,
  PowerShell: `$env:AWS_SECRET_ACCESS_KEY = '${SECRET}'`,
  'a profile': `[default]\naws_secret_access_key = ${SECRET}`,
  YAML: `environment:\n  AWS_SECRET_ACCESS_KEY: ${SECRET}`,
  'YAML with name and value': `- name: AWS_SECRET_ACCESS_KEY\n  value: ${SECRET}`,
  JSON: `{"accessKeyId":"${KEY}","secretAccessKey":"${SECRET}"}`,
  'JSON with the value on the next line': `{\n  "SecretAccessKey":\n   "${SECRET}"\n}`,
  XML: `<SecretAccessKey>${SECRET}</SecretAccessKey>`,
  JavaScript: `new S3Client({ credentials: { accessKeyId: '${KEY}', secretAccessKey: '${SECRET}' } })`,
  Python: `AWS4Auth('${KEY}', '${SECRET}', 'us-east-1', 's3')`,
  Java: `new BasicAWSCredentials("${KEY}", "${SECRET}")`,
  Go: `credentials.NewStaticCredentialsProvider("${KEY}", "${SECRET}", "")`,
  'a user of curl': `curl -u ${KEY}:${SECRET} https://x`,
  'an alias of mc': `mc alias set local http://x:9000 minioadmin ${SECRET}`,
  'a table': `User name,Access key ID,Secret access key\neric,${KEY},${SECRET}`,
  'a URL': `s3://${KEY}:${encodeURIComponent(SECRET)}@b/x`,
  'percent-encoding': `secret=${encodeURIComponent(SECRET)}`,
  'the prefix of the key': `AWS4${SECRET}`,
  'a line that continues': `AWS_SECRET_ACCESS_KEY=\\\n${SECRET}`,
  'a line that was broken': `aws_secret_access_key = ${SECRET.slice(0, 20)}\n${SECRET.slice(20)}`,
  'a line without a name': SECRET,
}
const TOKENS: Record<string, string> = {
  'a variable': `AWS_SESSION_TOKEN=${TOKEN}`,
  'a header': `> X-Amz-Security-Token: ${TOKEN}`,
  'a parameter': `${URL}&X-Amz-Security-Token=${TOKEN}`,
  'a parameter, encoded twice': `${URL}&X-Amz-Security-Token%253D${TOKEN}`,
  JSON: `{"SessionToken": "${TOKEN}"}`,
  'escaped JSON': JSON.stringify(JSON.stringify({ SessionToken: TOKEN })),
  HAR: `{ "name": "X-Amz-Security-Token", "value": "${TOKEN}" }`,
  XML: `<SessionToken>${TOKEN}</SessionToken><Token-0>${TOKEN}</Token-0>`,
  Python: `'x-amz-security-token': b'${TOKEN}'`,
  'a canonical request': `GET\n/\n\nhost:b\nx-amz-security-token:${TOKEN}\n\nhost;x-amz-security-token\n${HASH}`,
}
const SIGNATURES: Record<string, string> = {
  'a URL': URL,
  'a URL, encoded': encodeURIComponent(URL),
  'a URL, encoded twice': encodeURIComponent(encodeURIComponent(URL)),
  'upper case': URL.replace(SIGNATURE, SIGNATURE.toUpperCase()),
  'a header': `Authorization: AWS4-HMAC-SHA256 Credential=${KEY}/20220705/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-security-token, Signature=${SIGNATURE}`,
  XML: `<SignatureProvided>${SIGNATURE}</SignatureProvided>`,
  HAR: `{"name":"X-Amz-Signature","value":"${SIGNATURE}"}`,
  'a form': `Content-Disposition: form-data; name="x-amz-signature"\n\n${SIGNATURE}`,
  'a line without a name': `echo\n${SIGNATURE}`,
  'a line that was broken': `X-Amz-Signature=${SIGNATURE.slice(0, 40)}\n${SIGNATURE.slice(40)}`,
  'a signing key': `kSigning: ${SIGNATURE}`,
  SigV4A: `Signature=${SIGNATURE}${SIGNATURE.slice(0, 76)}`,
}
const OTHERS: Record<string, [text: string, value: string]> = {
  'a bearer token': ['> Authorization: Bearer s3cr3ttokenvalue1234567890', 's3cr3ttokenvalue1234567890'],
  'a JSON web token': ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk', 'eyJzdWIiOiIxMjM0In0.abcdefghijk'],
  'basic credentials': ['> Authorization: Basic dXNlcjpzdXBlcnNlY3JldHBhc3N3b3Jk', 'dXNlcjpzdXBlcnNlY3JldHBhc3N3b3Jk'],
  'a cookie': ['> Cookie: session=s3cr3tcookievalue1234567890', 's3cr3tcookievalue1234567890'],
  'a user of a URL': ['http://eric:supersecretpassword@proxy:3128', 'supersecretpassword'],
  'a password': ['MINIO_ROOT_PASSWORD=minio-secret-1234', 'minio-secret-1234'],
  'an argument': ['NewStaticV4("minioadmin", "minio-secret-1234", "")', 'minio-secret-1234'],
  'a signature of version 2': [`?AWSAccessKeyId=${KEY}&Signature=${encodeURIComponent(SIGNATURE_V2)}`, SIGNATURE_V2],
}

const CASES = [
  ...Object.entries(SECRETS).map(([name, text]) => [`a secret in ${name}`, text, SECRET] as const),
  ...Object.entries(TOKENS).map(([name, text]) => [`a token in ${name}`, text, TOKEN] as const),
  ...Object.entries(SIGNATURES).map(([name, text]) => [`a signature in ${name}`, text, SIGNATURE] as const),
  ...Object.entries(OTHERS).map(([name, [text, value]]) => [name, text, value] as const),
]

describe('shareable', () => {
  it.each(CASES)('hides %s', (_, text, value) => {
    for (const around of [text, `${URL}\n\n${text}\n\n<Error><Code>SignatureDoesNotMatch</Code></Error>`]) {
      const result = shared(around)
      for (const each of [value, encodeURIComponent(value)]) expect(longestPart(result, each), result).toBe(0)
      expect(result.split('\n')).toHaveLength(around.split('\n').length)
    }
  })

  it.each([
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    'The security token included in the request is invalid.',
    `PUT\n/cat.jpg\n\nhost:b\nx-amz-content-sha256:${HASH}\n\nhost;x-amz-content-sha256\n${HASH}`,
    `AWS4-HMAC-SHA256\n20220705T111205Z\n20220705/eu-west-1/s3/aws4_request\n${HASH}`,
    `SignedHeaders=host;x-amz-date;x-amz-security-token, Expires=1`,
    `"x-amz-content-sha256": "${HASH}"`,
    'x-amz-checksum-sha256: n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
    `X-Amz-Credential=${KEY}%2F20220705%2Feu-west-1%2Fs3%2Faws4_request`,
    `Credential=${KEY}/20220705/eu-west-1/s3/aws4_request`,
  ])('keeps what is evidence: %s', (text) => {
    expect(shared(text)).toBe(text)
  })

  it('removes what is in the field of the secret', () => {
    expect(shareable('key: hunter2!', [], 'hunter2!')).toBe('key: [secret]')
  })

  it('shortens what `restore` makes readable again', () => {
    expect(isShortened(shared(URL))).toBe(true)
    expect(isShortened(URL)).toBe(false)
    expect(restore(shared(URL))).toBe(URL.replace(SIGNATURE, `1a6f0c4f${'0'.repeat(56)}`))
  })
})

describe('a fragment', () => {
  it('is not made of too much, and rejected if it is damaged or too large', async () => {
    const bits = randomBits(SEED)
    const random = Array.from({ length: 14_000 }, () => bits().toString(36)).join('')
    expect(await toFragment(random.slice(0, 60_000))).toBeUndefined()
    expect(await toFragment('x'.repeat(LONGEST_SHARED + 1))).toBeUndefined()
    expect(await fromFragment('#example=expired')).toBeUndefined()
    await expect(fromFragment('#e=AAAA')).rejects.toThrow()
    const bomb = new Blob(['x\n'.repeat(1_000_000)]).stream().pipeThrough(new CompressionStream('deflate-raw'))
    const bytes = Buffer.from(await new Response(bomb).arrayBuffer())
    await expect(fromFragment(`#e=${bytes.toString('base64url')}`)).rejects.toThrow(RangeError)
  })
})
