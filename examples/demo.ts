/**
 * A file with an awkward name goes up through a presigned URL and comes back through another; a tampered and an
 * expired URL are refused. Run it with `npm run demo`: it starts a server by itself.
 *
 * S3_ENDPOINT, S3_BUCKET, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN point it at any
 * other server, or at AWS (S3_BUCKET without S3_ENDPOINT).
 */
import { createHash, randomBytes } from 'node:crypto'
import { presignDelete, presignGet, presignPut } from 'sigv4'
import { drawPdf } from './pdf.ts'
import { findPlace, type Place } from './place.ts'
import { detail, paint, step } from './terminal.ts'

const file = { name: 'résumé (final) +1 100%.pdf', type: 'application/pdf', bytes: drawPdf() }

async function demo({ endpoint, region, credentials, ...place }: Place): Promise<void> {
  const bucket = place.bucket ?? `sigv4-demo-${randomBytes(4).toString('hex')}`
  const target = { bucket, key: file.name, ...(endpoint && { endpoint }), ...(region && { region }) }

  // A bucket is no object: it is addressed by its URL, whose host does not tell the service.
  const bucketUrl = `${endpoint}/${bucket}`
  const bucketOptions = { credentials, service: 's3', ...(region && { region }) }

  if (!place.bucket) {
    const create = async () => expectOk(await send(await presignPut(bucketUrl, bucketOptions)))
    await step('bucket', create, () => `${bucket} made`)
  }

  try {
    await step(
      'upload',
      async () => {
        const upload = await presignPut(target, { credentials, expires: '5m', contentType: file.type })
        await expectOk(await fetch(upload.url, { ...upload, body: file.bytes }))
        return upload
      },
      () => `${file.name}, ${size(file.bytes)}, ${file.type}`,
    ).then(({ method, url }) => detail(`${method} ${withoutQuery(url)}`))

    await step(
      'download',
      async () => {
        const download = await presignGet(target, { credentials, expires: '5m' })
        const response = await expectOk(await fetch(download.url))
        const bytes = new Uint8Array(await response.arrayBuffer())
        if (sha256(bytes) !== sha256(file.bytes)) throw new Error('what came back is not what went up')
        return bytes
      },
      (bytes) => `${size(bytes)}, bit for bit the same`,
    ).then((bytes) => {
      detail(`SHA-256 sent     ${sha256(file.bytes)}`)
      detail(`SHA-256 received ${sha256(bytes)}`)
    })

    await step(
      'tampered',
      async () => {
        const { url } = await presignGet(target, { credentials, expires: '5m' })
        return expectRefused(await fetch(url.replace('X-Amz-Expires=300', 'X-Amz-Expires=604800')))
      },
      (answer) => `a URL whose five minutes became a week is refused: ${answer}`,
    )

    await step(
      'expired',
      async () => {
        const anHourAgo = Date.now() - 60 * 60 * 1000
        const { url } = await presignGet(target, { credentials, expires: '5m', signingDate: anHourAgo })
        return expectRefused(await fetch(url))
      },
      (answer) => `a URL that was good until 55 minutes ago is refused: ${answer}`,
    )
  } finally {
    await step(
      'clean-up',
      async () => {
        await expectOk(await send(await presignDelete(target, { credentials })))
        if (!place.bucket) await expectOk(await send(await presignDelete(bucketUrl, bucketOptions)))
      },
      () => (place.bucket ? 'the file is removed' : 'the file and the bucket are removed'),
    )
  }
}

/** What a presign function returns is what fetch takes. */
function send(signed: { url: string; method: string; headers: Record<string, string> }): Promise<Response> {
  return fetch(signed.url, signed)
}

async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response
  throw new Error(`the server answers ${await describeError(response)}`)
}

async function expectRefused(response: Response): Promise<string> {
  if (response.ok) throw new Error(`the server answers ${response.status}: it does not check signatures`)
  return describeError(response)
}

async function describeError(response: Response): Promise<string> {
  const document = await response.text()
  const [code, message] = ['Code', 'Message'].map((name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(document)?.[1])
  return `${response.status} ${code ?? response.statusText}${code === 'AccessDenied' ? ` (${message})` : ''}`
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function size(bytes: Uint8Array): string {
  return `${bytes.length.toLocaleString('en')} bytes`
}

function withoutQuery(url: string): string {
  return `${url.split('?')[0]}?…`
}

async function main(): Promise<void> {
  console.log(`\n${paint('bold', 'sigv4: an awkward file name there and back, by presigned URLs')}\n`)
  const place = await step('server', findPlace, ({ name, endpoint }) => [name, endpoint].filter(Boolean).join(' at '))
  try {
    await demo(place)
  } finally {
    await place.stop()
  }
  console.log(`\n${paint('green', 'Everything ended as it should.')}\n`)
}

main().catch(() => {
  // The step that failed has said why.
  console.log(`\n${paint('red', 'Something did not end as it should.')}\n`)
  process.exitCode = 1
})
