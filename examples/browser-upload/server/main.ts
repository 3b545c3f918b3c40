import type { AddressInfo } from 'node:net'
import { presignPut } from 'sigv4'
import { createApp } from './app.ts'
import { corsDocument, putCors, ruleFor } from './cors.ts'
import { findPlace, type Place } from './place.ts'
import { signingFor } from './signing.ts'
import { ticketsOf } from './ticket.ts'

// npm start, npm run start:localstack, or tsx server/main.ts with S3_ENDPOINT and the rest in the environment.

const { PORT = '8080', HOST = '127.0.0.1', APP_ORIGIN, UPLOAD_EXPIRES = '15m' } = process.env

async function main(kind: string | undefined): Promise<void> {
  const place = await findPlace(kind)
  if (kind === 'cors') return printCors(place)
  const signing = signingFor(place, ticketsOf(place.credentials.secretAccessKey), UPLOAD_EXPIRES)
  const app = await createApp(place, signing)
  const server = app.listen(Number(PORT), HOST)
  await new Promise((resolve, reject) => server.once('listening', () => resolve(undefined)).once('error', reject))
  const { port } = server.address() as AddressInfo
  const origins = APP_ORIGIN ? APP_ORIGIN.split(',') : [`http://localhost:${port}`, `http://127.0.0.1:${port}`]
  await prepareBucket(place, origins)
  console.log(`Files go to ${place.name}${place.endpoint ? ` at ${place.endpoint}` : ''}, bucket ${place.bucket}.`)
  console.log(`The page is at ${origins[0]}`)
  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await place.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit()))
}

async function prepareBucket(place: Place, origins: string[]): Promise<void> {
  const { credentials, bucket, region, endpoint } = place
  if (endpoint) {
    const create = await presignPut({ bucket, key: '', region, endpoint }, { credentials })
    const response = await fetch(create.url, create)
    if (!response.ok && response.status !== 409) throw new Error(`The bucket cannot be made: ${await response.text()}`)
  }
  const isSet = await putCors(place, await ruleFor(place, origins))
  console.log(isSet ? `The bucket lets pages of ${origins.join(' and ')} in.` : `${place.name} lets every page in.`)
}

/** For a bucket that somebody else sets up. */
async function printCors(place: Place): Promise<void> {
  const rule = await ruleFor(place, APP_ORIGIN?.split(',') ?? ['https://www.example.com'])
  console.log(
    `aws s3api put-bucket-cors --bucket ${place.bucket} --cors-configuration file://cors.json, with cors.json:\n`,
  )
  console.log(JSON.stringify({ CORSRules: [rule] }, undefined, 2))
  console.log(`\nThe same as XML, the body of PUT /?cors:\n\n${corsDocument(rule)}`)
  console.log(`\nMinIO has one rule for all buckets: MINIO_API_CORS_ALLOW_ORIGIN=${rule.AllowedOrigins.join(',')}`)
}

main(process.argv[2]).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
