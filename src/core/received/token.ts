import { decodeBase64 } from '../encoding/base64.ts'

// Tokens are presigned URLs that are sent in place of a password: without a scheme, or encoded.

/** An encoded token: with the prefix of Amazon EKS or Amazon Bedrock, or of an encoded URL, as for Amazon MSK. */
export const ENCODED_TOKEN = /(?:k8s-aws-v1\.|bedrock-api-key-|\baHR0cHM6Ly9)[\w+/-]{200,}={0,2}/

/** Returns the URL of a token, and any other URL unchanged. */
export function readToken(text: string): string {
  const [, encoded] = /^(?:k8s-aws-v1\.|bedrock-api-key-)?([\w+/-]{200,}={0,2})$/.exec(text) ?? []
  const decoded = encoded && decodeBase64(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const url = decoded && /[?&]X-Amz-/.test(decoded) ? decoded : text
  return /^[a-z\d][\w.-]*(?::\d+)?\/\?Action=/i.test(url) ? `https://${url}` : url
}
