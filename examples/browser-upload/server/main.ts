import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { presignHead, presignPut } from 'sigv4'
import { createApp } from './app.ts'
import { type CorsRule, corsDocument, putCors, ruleFor } from './cors.ts'
import { findPlace, type Place } from './place.ts'
import { signingFor } from './signing.ts'
import { ticketsOf } from './ticket.ts'

// The commands of package.json; README.md says what they do.

const { PORT = '8080', HOST = '127.0.0.1', APP_ORIGIN } = process.env
const { UPLOAD_EXPIRES = '15m', UPLOAD_TICKET_EXPIRES = '1d' } = process.env

async function main(command: string | undefined): Promise<void> {
  if (command === 'cors') return printCors()
  const place = await findPlace(command)
  if (command === 'bucket') return prepareBucket(place, originsOf(Number(PORT)))
  try {
    await run(place)
  } catch (error) {
    await place.stop()
    throw error
  }
}

async function run(place: Place): Promise<void> {
  const signing = signingFor(place, ticketsOf(place, UPLOAD_TICKET_EXPIRES), UPLOAD_EXPIRES)
  const server = createServer().listen(Number(PORT), HOST)
  await new Promise((resolve, reject) => server.once('listening', () => resolve(undefined)).once('error', reject))
  const origins = originsOf((server.address() as AddressInfo).port)
  server.on('request', await createApp(place, signing, origins))
  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await place.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit()))
  if (place.isOurs) await prepareBucket(place, origins)
  else console.log('The bucket must let the page in: npm run cors prints the rule, npm run bucket sets it.')
  console.log(`Files go to ${place.name}${place.endpoint ? ` at ${place.endpoint}` : ''}, bucket ${place.bucket}.`)
  console.log(`The page is at ${origins[0]}`)
}

/** The origins that the page is opened at. */
function originsOf(port: number): string[] {
  return APP_ORIGIN?.split(',') ?? [`http://localhost:${port}`, `http://127.0.0.1:${port}`]
}

/** Makes the bucket unless it is there, and gives it the CORS rule of the page. */
async function prepareBucket(place: Place, origins: string[]): Promise<void> {
  const { credentials, bucket, region, endpoint } = place
  const target = { bucket, key: '', region, endpoint }
  const head = await presignHead(target, { credentials })
  if ((await fetch(head.url, head)).status === 404) {
    const create = await presignPut(target, { credentials })
    const response = await fetch(create.url, create)
    if (!response.ok) throw new Error(`The bucket cannot be made: ${await response.text()}`)
  }
  const isSet = await putCors(place, await ruleFor(origins))
  console.log(
    isSet
      ? `The bucket lets in pages of ${origins.join(' and ')}.`
      : `${place.name} has no CORS rules for buckets: sigv4 serve and MinIO let in every page unless they are told otherwise.`,
  )
}

/** For a bucket that somebody else sets up. */
async function printCors(): Promise<void> {
  const { S3_BUCKET = 'BUCKET' } = process.env
  const rule: CorsRule = await ruleFor(APP_ORIGIN?.split(',') ?? ['https://www.example.com'])
  console.log(`cors.json, for aws s3api put-bucket-cors --bucket ${S3_BUCKET} --cors-configuration file://cors.json:\n`)
  console.log(JSON.stringify({ CORSRules: [rule] }, undefined, 2))
  console.log(`\nThe same as XML, the body of PUT /?cors:\n\n${corsDocument(rule)}`)
  console.log(`\nMinIO has one rule for all buckets: MINIO_API_CORS_ALLOW_ORIGIN=${rule.AllowedOrigins.join(',')}`)
}

main(process.argv[2]).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
