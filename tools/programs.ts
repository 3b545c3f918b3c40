import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'

// Minimal programs that use one function of the library, and their size limits.

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

/** A program, and its maximum size in bytes of gzip -9: raise it in the commit that exceeds it, with a reason. */
export type Program = [what: string, specifier: `sigv4${'' | `/${string}`}`, text: string, ceiling: number]

export const PROGRAMS: Program[] = [
  ['presignPut alone, asynchronous', 'sigv4', `console.log((await ${put('presignPut')}).url)`, 9340],
  ['presignPut alone, synchronous', 'sigv4/sync', `console.log((${put('presignPut')}).url)`, 10570],
  ['presignPost alone, asynchronous', 'sigv4', `console.log((await ${POST}).url)`, 9330],
  ['presignPost alone, synchronous', 'sigv4/sync', `console.log((${POST}).url)`, 10550],
  ['presignMultipartParts alone, asynchronous', 'sigv4', `console.log(await ${PARTS})`, 10680],
  ['sign alone, asynchronous', 'sigv4', `console.log(await ${SIGN})`, 9890],
  ['presignGet alone, Signature Version 4a', 'sigv4/sigv4a', `console.log((await ${ACCESS_POINT}).url)`, 10210],
  ['rdsToken alone, asynchronous', 'sigv4/tokens', `console.log((await ${RDS}).token)`, 9040],
  ['rdsToken alone, synchronous', 'sigv4/tokens/sync', `console.log((${RDS}).token)`, 10290],
  ['verify alone', 'sigv4/verify', `console.log(await verify(request, { credentials: () => 'secret' }))`, 18110],
  ['signChunks alone', 'sigv4/streams', `console.log(await ${CHUNKS})`, 10020],
  ['signEvents alone', 'sigv4/streams', `console.log(await ${EVENTS})`, 7720],
  ['createSignedFetch alone', 'sigv4/fetch', `console.log(await ${FETCH})`, 14290],
  ['SignatureV4 alone', 'sigv4/smithy', `console.log(${SMITHY})`, 5850],
  ['fromContainer alone', 'sigv4/credentials', `console.log(await fromContainer()())`, 2560],
  ['fromWebIdentity alone', 'sigv4/credentials', `console.log(await fromWebIdentity()())`, 3590],
  [
    'fromS3Express alone',
    'sigv4/credentials',
    `console.log(await fromS3Express('photos--use1-az4--x-s3', { region: 'us-east-1', credentials })())`,
    9650,
  ],
  ['explain alone', 'sigv4/explain', `console.log(explain(request).verdict)`, 80250],
  ['inspect alone', 'sigv4/explain', `console.log(inspect(request).warnings)`, 22450],
  ['sign alone, as aws4', 'sigv4/aws4', `console.log(sign(${AWS4}).headers)`, 7490],
  ['AwsClient alone, as aws4fetch', 'sigv4/aws4fetch', 'console.log(await new AwsClient(options).fetch(url))', 3560],
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
