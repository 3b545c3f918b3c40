import { randomBytes } from 'node:crypto'
import type { SecretCredentials } from '../../../../src/internal/credentials.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Generates an access key in AWS format. */
export function generateCredentials(): SecretCredentials {
  const id = Array.from(randomBytes(16), (byte) => LETTERS[byte % 32]).join('')
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') }
}
