import { join } from 'node:path'
import { Readable } from 'node:stream'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../../packages/sigv4-tools/src/serve.ts'
import { SignatureV4 } from '../../../src/smithy.ts'
import { verifyEvents } from '../../../src/streams.ts'
import { KEY_ID, SECRET } from '../../../test/support/credentials.ts'
import { listen } from '../../../test/support/fetch.ts'
import { ROOT } from '../../../test/support/packed.ts'
import { Original, observe, Sha256 } from '../../../test/support/smithy/compare.ts'
import { installClients, type Loaded, VERSIONS } from '../../support/smithy-clients.ts'

// sigv4/smithy as the signer for AWS SDK clients of five versions, and with requests of all versions of @smithy/protocol-http.

const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const TEMPORARY = { ...CREDENTIALS, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'the-session-token' }
const region = 'eu-west-1'

let folder: string
let load: (name: string) => Loaded

beforeAll(async () => {
  ;({ folder, load } = await installClients())
})

/** Compiles a program beside the installed clients, and returns the messages. */
function compile(text: string): string[] {
  const file = join(folder, 'program.ts')
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: { 'sigv4/smithy': [join(ROOT, 'src/smithy.ts')] },
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, target, ...rest) =>
    name === file ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...rest)
  const program = ts.createProgram([file], options, host)
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

/** The requests that were signed, because a client that ignores its option would sign them itself. */
let signed: string[] = []

class Recording extends SignatureV4 {
  override sign(...args: Loaded[]): Loaded {
    if (typeof args[0] !== 'string') signed.push(`${args[0].method} ${args[0].path}`)
    return super.sign(...(args as Parameters<SignatureV4['sign']>))
  }
}

describe.each(VERSIONS)('S3 client 3.%s', (version) => {
  const Bucket = `photos-${version}`
  const Key = 'a folder/résumé (1)+~.pdf'
  let server: RunningServer
  let s3: Loaded
  const client = (options: object = {}) => {
    const { S3Client } = load(`client-s3-${version}`)
    return new S3Client({
      ...{ region, endpoint: server.url, forcePathStyle: true, maxAttempts: 1, credentials: CREDENTIALS },
      ...{ signerConstructor: Recording, ...options },
    })
  }
  const send = (name: string, input: object, from = s3): Promise<Loaded> =>
    from.send(new (load(`client-s3-${version}`)[`${name}Command`])({ Bucket, ...input }))

  beforeAll(async () => {
    server = await serve({ credentials: CREDENTIALS, region, log: () => {} })
    s3 = client()
    signed = []
    await send('CreateBucket', {})
    expect(signed).toHaveLength(1)
  })
  afterAll(() => server.close())

  it('uploads, downloads, lists, and deletes objects', async () => {
    signed = []
    await send('PutObject', { Key, Body: 'the file', ContentType: 'text/plain', Metadata: { owner: 'eric' } })
    const { Body } = await send('GetObject', { Key, Range: 'bytes=4-7' })
    const pieces: Buffer[] = []
    for await (const piece of Body) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe('file')
    expect(await send('HeadObject', { Key })).toMatchObject({ ContentLength: 8, Metadata: { owner: 'eric' } })
    expect((await send('ListObjectsV2', { Prefix: 'a folder/' })).Contents).toMatchObject([{ Key }])
    await send('DeleteObject', { Key })
    await expect(send('HeadObject', { Key })).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } })
    expect(signed.map((line) => line.split(' ')[0])).toEqual(['PUT', 'GET', 'HEAD', 'GET', 'DELETE', 'HEAD'])
  })

  it('uploads an object in parts', async () => {
    const parts = [Buffer.alloc(5 * 1024 * 1024, 'a'), Buffer.from('the end')]
    const { UploadId } = await send('CreateMultipartUpload', { Key })
    const Parts: object[] = []
    for (const [i, Body] of parts.entries()) {
      const { ETag } = await send('UploadPart', { Key, UploadId, PartNumber: i + 1, Body })
      Parts.push({ ETag, PartNumber: i + 1 })
    }
    const input = { Key, UploadId, MultipartUpload: { Parts } }
    expect((await send('CompleteMultipartUpload', input)).ETag).toMatch(/-2"$/)
    expect((await send('HeadObject', { Key })).ContentLength).toBe(5 * 1024 * 1024 + 7)
  })

  it('is rejected with a wrong secret', async () => {
    const wrong = client({ credentials: { ...CREDENTIALS, secretAccessKey: 'a different one' } })
    await expect(send('PutObject', { Key, Body: 'the file' }, wrong)).rejects.toHaveProperty(
      'name',
      'SignatureDoesNotMatch',
    )
  })

  it('accepts a signer as an object', async () => {
    const signer = new Recording({ credentials: CREDENTIALS, region, service: 's3', uriEscapePath: false })
    signed = []
    await send('PutObject', { Key: 'object', Body: 'the file' }, client({ signer, signerConstructor: undefined }))
    expect(signed).toHaveLength(1)
  })
})

describe.each(VERSIONS)('clients 3.%s of other services', (version) => {
  let service: Awaited<ReturnType<typeof listen>>
  beforeAll(async () => {
    service = await listen(({ headers }) =>
      headers['x-amz-target']
        ? [200, { 'content-type': 'application/x-amz-json-1.0' }, '{"TableNames":["photos"]}']
        : [200, { 'content-type': 'text/xml' }, IDENTITY],
    )
  })
  afterAll(() => service.close())

  const options = () => ({ region, endpoint: service.url, maxAttempts: 1, credentials: async () => TEMPORARY })

  it('DynamoDB', async () => {
    const { DynamoDBClient, ListTablesCommand } = load(`client-dynamodb-${version}`)
    const client = new DynamoDBClient({ ...options(), signerConstructor: Recording })
    signed = []
    expect(await client.send(new ListTablesCommand({}))).toMatchObject({ TableNames: ['photos'] })
    expect(signed).toEqual(['POST /'])
    expect(service.received.at(-1)).toMatchObject({
      verified: true,
      headers: { authorization: expect.stringContaining('/eu-west-1/dynamodb/aws4_request, ') },
    })
  })

  it('STS', async () => {
    const { GetCallerIdentityCommand, STSClient } = load(`client-sts-${version}`)
    const client = new STSClient({ ...options(), signerConstructor: Recording })
    signed = []
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012' })
    expect(signed).toEqual(['POST /'])
    expect(service.received.at(-1)).toMatchObject({
      verified: true,
      headers: {
        authorization: expect.stringContaining('/eu-west-1/sts/aws4_request, '),
        'x-amz-security-token': 'the-session-token',
      },
    })
  })

  it('is rejected with a wrong secret', async () => {
    const { DynamoDBClient, ListTablesCommand } = load(`client-dynamodb-${version}`)
    const credentials = { ...CREDENTIALS, secretAccessKey: 'a different one' }
    const client = new DynamoDBClient({ ...options(), credentials, signerConstructor: Recording })
    await client.send(new ListTablesCommand({}))
    expect(service.received.at(-1)).toHaveProperty('verified', false)
  })
})

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/eric</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>a</RequestId></ResponseMetadata></GetCallerIdentityResponse>`

it.each(VERSIONS)('the types of clients 3.%s accept the class, and a signer', (version) => {
  const given = { s3: 'S3Client', dynamodb: 'DynamoDBClient', sts: 'STSClient' }
  const program = Object.entries(given).map(
    ([name, Client]) => `import { ${Client} } from 'client-${name}-${version}'
export const ${name} = new ${Client}({ region: 'a', signerConstructor: SignatureV4 })
export const ${name}Signer = new ${Client}({ region: 'a', signer: new SignatureV4({ credentials, region: 'a', service: 'b' }) })`,
  )
  const declared = `import { SignatureV4 } from 'sigv4/smithy'
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }`
  expect(compile([declared, ...program].join('\n'))).toEqual([])
  expect(compile([declared, ...program].join('\n').replaceAll('signer: new SignatureV4(', 'signer: ('))).toHaveLength(3)
})

describe('what a client asks of a signer that it cannot sign', () => {
  const session = `<CreateSessionResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey>
<SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>`
  let sent: string[]
  const requestHandler = {
    handle: async ({ method, hostname }: Loaded) => {
      sent.push(`${method} ${hostname}`)
      const { HttpResponse } = load('protocol-http-5')
      return {
        response: new HttpResponse({ statusCode: 200, headers: {}, body: Readable.from([Buffer.from(session)]) }),
      }
    },
  }
  const options = { region, credentials: CREDENTIALS, signerConstructor: SignatureV4, requestHandler, maxAttempts: 1 }
  const bucket = 'photos--euw1-az1--x-s3'

  // 3.200 knows neither kind of bucket
  it.each(VERSIONS.slice(1))(
    'is an error in S3 client 3.%s for S3 Express and for several regions',
    async (version) => {
      const { PutObjectCommand, S3Client } = load(`client-s3-${version}`)
      const put = (Bucket: string) =>
        new S3Client(options).send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'the file' }))
      sent = []
      await expect(put(bucket)).rejects.toMatchObject({
        code: 'ERR_SIGV4_UNSUPPORTED',
        argument: 'signWithCredentials',
      })
      expect(sent).toEqual([`GET ${bucket}.s3express-euw1-az1.eu-west-1.amazonaws.com`])
      const accessPoint = 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap'
      await expect(put(accessPoint)).rejects.toMatchObject({
        code: 'ERR_SIGV4_UNSUPPORTED',
        argument: 'options.signingRegion',
      })
      expect(sent).toHaveLength(1)
    },
  )
})

it('a client that sends events signs each of them', async () => {
  const { StartStreamTranscriptionCommand, TranscribeStreamingClient } = load('@aws-sdk/client-transcribe-streaming')
  const AudioStream = (async function* () {
    for (const AudioChunk of [Buffer.alloc(10), Buffer.alloc(2000, 'a')]) yield { AudioEvent: { AudioChunk } }
  })()
  const input = { LanguageCode: 'en-US', MediaEncoding: 'pcm', MediaSampleRateHertz: 16_000, AudioStream }
  const frames: Uint8Array[] = []
  let sent: Loaded
  const requestHandler = {
    handle: async (request: Loaded) => {
      sent = request
      for await (const piece of request.body) frames.push(piece)
      const { HttpResponse } = load('protocol-http-5')
      return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Readable.from([]) }) }
    },
  }
  const options = { region, credentials: CREDENTIALS, signerConstructor: SignatureV4, requestHandler, maxAttempts: 1 }
  await new TranscribeStreamingClient(options).send(new StartStreamTranscriptionCommand(input))
  const seed = { method: sent.method, url: sent.path, headers: sent.headers }
  const verified: number[] = []
  for await (const { body } of verifyEvents(frames, { seed, credentials: CREDENTIALS })) verified.push(body.length)
  expect(verified).toEqual([10, 2000])
  const wrong = { ...CREDENTIALS, secretAccessKey: 'a different one' }
  await expect(verifyEvents(frames, { seed, credentials: wrong }).next()).rejects.toHaveProperty(
    'code',
    'ERR_SIGV4_SIGNATURE_MISMATCH',
  )
})

describe('requests of @smithy/protocol-http', () => {
  const init = { credentials: TEMPORARY, region, service: 'execute-api' }
  const options = { signingDate: new Date(Date.UTC(2026, 0, 31)) }

  it.each(['2', '3', '4', '5'])('%s are signed as by @smithy/signature-v4', async (version) => {
    const { HttpRequest } = load(`protocol-http-${version}`)
    const request = new HttpRequest({
      method: 'POST',
      protocol: 'https',
      hostname: 'example.com',
      port: 8443,
      path: 'a b/c',
      query: { a: ['2', '1'], b: '' },
      headers: { host: 'example.com:8443', 'X-Amz-Target': 'a', accept: '*/*' },
      body: Buffer.from('the body'),
    })
    for (const method of ['sign', 'presign'] as const) {
      const ours = await observe(SignatureV4, method, { init, request, options })
      expect(ours).toHaveProperty('returned')
      expect(ours).toEqual(await observe(Original, method, { init, request, options }))
    }
  })
})

describe('header values and names that releases of @smithy/signature-v4 sign differently', () => {
  const sign = async (Signer: Loaded, headers: object): Promise<string> => {
    const signer = new Signer({ credentials: CREDENTIALS, region, service: 'sqs', sha256: Sha256 })
    const request = { method: 'GET', protocol: 'https:', hostname: 'a', path: '/', headers: { host: 'a', ...headers } }
    return (await signer.sign(request, { signingDate: new Date(0) })).headers.authorization
  }
  const releases = () => [load('signature-v4-5-7-3').SignatureV4, load('signature-v4-5-7-4').SignatureV4, Original]

  it.each([
    // 5.7.3 folds all whitespace of JavaScript
    ['a no-break space', { a: '1\u00a0 2' }, [false, true, true]],
    ['a vertical tab at the end', { a: '1\v' }, [false, true, true]],
    ['a line break', { a: '1\r\n  2\t' }, [true, true, true]],
    // up to 5.7.4, names that every object has are unsigned
    ['constructor', { constructor: 'a' }, [false, false, true]],
    ['__proto__', { ['__proto__']: 'a' }, [false, false, true]],
  ])('%s: as 5.7.5', async (_, headers, expected) => {
    const ours = await sign(SignatureV4, headers)
    const theirs = await Promise.all(releases().map((Signer) => sign(Signer, headers)))
    expect(theirs.map((authorization) => authorization === ours)).toEqual(expected)
  })
})
