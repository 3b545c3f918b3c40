import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { presignHead, presignPut } from 'sigv4'
import { createApp } from './app.ts'
import { type CorsRule, corsDocument, putCors, ruleFor } from './cors.ts'
import { signingFor } from './signing.ts'
import { bucketUrl, findStorage, type Storage } from './storage.ts'
import { ticketsOf } from './ticket.ts'

// The commands in package.json, which README.md describes.

const { PORT = '8080', HOST = '127.0.0.1', APP_ORIGIN } = process.env
const { UPLOAD_EXPIRES = '15m', UPLOAD_TICKET_EXPIRES = '1d' } = process.env

async function main(command: string | undefined): Promise<void> {
  if (command === 'cors') return printCors()
  const storage = await findStorage(command, APP_ORIGIN?.split(','))
  if (command === 'bucket') return prepareBucket(storage, originsOf(Number(PORT)))
  try {
    await run(storage)
  } catch (error) {
    await storage.stop()
    throw error
  }
}

async function run(storage: Storage): Promise<void> {
  const signing = signingFor(storage, ticketsOf(storage, UPLOAD_TICKET_EXPIRES), UPLOAD_EXPIRES)
  const server = createServer().listen(Number(PORT), HOST)
  await new Promise((resolve, reject) => server.once('listening', () => resolve(undefined)).once('error', reject))
  const origins = originsOf((server.address() as AddressInfo).port)
  server.on('request', await createApp(storage, signing, origins))
  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await storage.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit()))
  if (storage.isOwned) await prepareBucket(storage, origins)
  else console.log('The bucket requires a CORS rule for the page: npm run cors prints it, npm run bucket sets it.')
  console.log(
    `Uploads are stored in ${storage.name}${storage.endpoint ? ` at ${storage.endpoint}` : ''}, bucket ${storage.bucket}.`,
  )
  console.log(`Open ${origins[0]}`)
}

/** Returns the origins of the page. */
function originsOf(port: number): string[] {
  return APP_ORIGIN?.split(',') ?? [`http://localhost:${port}`, `http://127.0.0.1:${port}`]
}

/** Creates the bucket if it does not exist, and sets its CORS rule. */
async function prepareBucket(storage: Storage, origins: string[]): Promise<void> {
  const { credentials, region } = storage
  const url = bucketUrl(storage)
  const options = { credentials, region, service: 's3' }
  const head = await presignHead(url, options)
  if ((await fetch(head.url, head)).status === 404) {
    const create = await presignPut(url, options)
    const response = await fetch(create.url, create)
    if (!response.ok) throw new Error(`The bucket could not be created: ${await response.text()}`)
  }
  const isSet = await putCors(storage, await ruleFor(origins))
  if (isSet) console.log(`The bucket allows pages of ${origins.join(' and ')}.`)
  else if (storage.isOwned)
    console.log('sigv4-tools serve allows pages of this machine, and of the origins in APP_ORIGIN.')
  else console.log(`${storage.name} does not support CORS rules for buckets. MinIO allows every page.`)
}

/** Prints the CORS rule, for a bucket that is managed elsewhere. */
async function printCors(): Promise<void> {
  const { S3_BUCKET = 'BUCKET' } = process.env
  const rule: CorsRule = await ruleFor(APP_ORIGIN?.split(',') ?? ['https://www.example.com'])
  console.log(`cors.json, for aws s3api put-bucket-cors --bucket ${S3_BUCKET} --cors-configuration file://cors.json:\n`)
  console.log(JSON.stringify({ CORSRules: [rule] }, undefined, 2))
  console.log(`\nThe same rule as XML, the body of PUT /?cors:\n\n${corsDocument(rule)}`)
  console.log(`\nMinIO has one setting for all buckets: MINIO_API_CORS_ALLOW_ORIGIN=${rule.AllowedOrigins.join(',')}`)
}

main(process.argv[2]).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
