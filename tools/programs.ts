import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'

// Minimal programs that use one function of a package, as a bundler writes them.

/** A call with everything that a presigned upload needs. */
function put(name: string): string {
  return `${name}('https://examplebucket.s3.eu-west-1.amazonaws.com/uploads/2026/photo%201.jpg', { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }, expires: 900, headers: { 'content-type': 'image/jpeg' }, region: 'eu-west-1', service: 's3' })`
}

const POST = `presignPost({ bucket: 'examplebucket', keyPrefix: 'uploads/', region: 'eu-west-1' }, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }, contentLengthRange: [1, 1e6], contentTypePrefix: 'image/' })`

const PARTS = `presignMultipartParts({ bucket: 'examplebucket', key: 'photo.jpg', region: 'eu-west-1' }, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }, size: 1e9, uploadId: 'a' })`

const SIGN = `sign({ url: 'https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues' }, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } })`

const CHUNKS = `signChunks({ url: 'https://films.s3.eu-west-1.amazonaws.com/holiday.mp4' }, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }, decodedLength: 1e9 })`

const ACCESS_POINT = `presignGet({ bucket: 'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', key: 'photo.jpg' }, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } })`
const RDS = `rdsToken({ host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } })`

const AWS4 = `{ host: 'sqs.eu-west-1.amazonaws.com', path: '/?Action=ListQueues' }, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }`

const SMITHY = `(await new SignatureV4({ credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }, region: 'eu-west-1', service: 'sqs' }).sign({ method: 'GET', protocol: 'https:', hostname: 'sqs.eu-west-1.amazonaws.com', path: '/', headers: { host: 'sqs.eu-west-1.amazonaws.com' } })).headers`

const EVENTS = `signEvents(request, { credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } }).end()`

const FETCH = `createSignedFetch({ credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' } })('https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues')`

/** A program; two have a maximum size in bytes of gzip -9. `npm run size` prints the sizes of all. */
export type Program = [
  what: string,
  specifier: `${'sigv4' | 'sigv4-tools'}${'' | `/${string}`}`,
  text: string,
  maximum?: number,
]

export const PROGRAMS: Program[] = [
  ['presignPut alone, asynchronous', 'sigv4', `console.log((await ${put('presignPut')}).url)`, 9_612],
  ['presignPut alone, synchronous', 'sigv4/sync', `console.log((${put('presignPut')}).url)`, 10_879],
  ['presignPost alone, asynchronous', 'sigv4', `console.log((await ${POST}).url)`],
  ['presignPost alone, synchronous', 'sigv4/sync', `console.log((${POST}).url)`],
  ['presignMultipartParts alone, asynchronous', 'sigv4', `console.log(await ${PARTS})`],
  ['sign alone, asynchronous', 'sigv4', `console.log(await ${SIGN})`],
  ['presignGet alone, Signature Version 4a', 'sigv4/sigv4a', `console.log((await ${ACCESS_POINT}).url)`],
  ['rdsToken alone, asynchronous', 'sigv4/tokens', `console.log((await ${RDS}).token)`],
  ['rdsToken alone, synchronous', 'sigv4/tokens/sync', `console.log((${RDS}).token)`],
  ['verify alone', 'sigv4/verify', `console.log(await verify(request, { credentials: () => 'secret' }))`],
  ['signChunks alone', 'sigv4/streams', `console.log(await ${CHUNKS})`],
  ['signEvents alone', 'sigv4/streams', `console.log(await ${EVENTS})`],
  ['createSignedFetch alone', 'sigv4/fetch', `console.log(await ${FETCH})`],
  ['SignatureV4 alone', 'sigv4/smithy', `console.log(${SMITHY})`],
  ['fromContainer alone', 'sigv4/credentials', `console.log(await fromContainer()())`],
  ['fromWebIdentity alone', 'sigv4/credentials', `console.log(await fromWebIdentity()())`],
  [
    'fromS3Express alone',
    'sigv4/credentials',
    `console.log(await fromS3Express({ bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' }, { credentials })())`,
  ],
  ['trace alone', 'sigv4/trace', `console.log(trace(request, options).signature)`],
  ['explain alone', 'sigv4-tools/explain', `console.log(explain(request).verdict)`],
  ['inspect alone', 'sigv4-tools/explain', `console.log(inspect(request).warnings)`],
  ['sign alone, as aws4', 'sigv4/aws4', `console.log(sign(${AWS4}).headers)`],
  ['AwsClient alone, as aws4fetch', 'sigv4/aws4fetch', 'console.log(await new AwsClient(options).fetch(url))'],
]

/** Returns the bundle of a program; throws if it has warnings or unresolved imports. */
export async function bundle([, specifier, text]: Program, folder: string, options: BuildOptions): Promise<string> {
  const [, name] = /^console\.log\(\(?(?:await )?(?:new )?(\w+)/.exec(text)!
  const { outputFiles, metafile, warnings } = await build({
    bundle: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
    metafile: true,
    stdin: { contents: `import { ${name} } from '${specifier}';\n${text};\n`, resolveDir: folder },
    ...options,
  })
  const { imports } = Object.values(metafile!.outputs)[0]!
  if (warnings.length || imports.length) throw new Error(JSON.stringify({ warnings, imports }))
  return outputFiles![0]!.text
}

/** Returns the size in bytes of gzip -9. */
export function weight(text: string): number {
  return gzipSync(text, { level: 9 }).length
}
