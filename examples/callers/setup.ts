import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

// Shared by all callers: the file, its target and the credentials.

const { FILE = 'setup.ts', S3_BUCKET = 'photos', AWS_REGION = 'us-east-1', S3_ENDPOINT } = process.env

export const file = new Uint8Array(readFileSync(FILE))
export const type = 'text/plain'
export const target = {
  bucket: S3_BUCKET,
  key: `${process.argv[1] ? basename(process.argv[1]) : 'any'}/${basename(FILE)}`,
  region: AWS_REGION,
  ...(S3_ENDPOINT && { endpoint: S3_ENDPOINT }),
}
export const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID!,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY!,
  sessionToken: process.env.AWS_SESSION_TOKEN,
}
