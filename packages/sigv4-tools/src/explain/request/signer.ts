import type { ParsedRequest } from './facts.ts'

/** The language of a program that signs. */
export type Language =
  | 'csharp'
  | 'go'
  | 'java'
  | 'javascript'
  | 'php'
  | 'powershell'
  | 'python'
  | 'ruby'
  | 'rust'
  | 'shell'

/** Who signed a request. */
export interface Signer {
  /** `official`: an SDK or a widely used tool; `own`: a program that its user wrote. */
  readonly is: 'official' | 'own'
  /** The language of the program. @default unknown */
  readonly language?: Language | undefined
}

/** Official clients and widely used ones, which do not encode paths incorrectly. */
const OFFICIAL = /\b(?:aws-(?:cli|sdk)|boto(?:3|core)|apn\/|terraform|minio \(|rclone|s3cmd|cyberduck)/i
/** General HTTP libraries: a program of its user's own signed their headers. */
const LIBRARY =
  /^(?:python-(?:requests|urllib|httpx)|aiohttp|go-http-client|okhttp|axios|node|undici|guzzlehttp|java|apache-httpclient|ruby|reqwest)\b/i

/** Returns who signed, as the User-Agent header shows it. */
export function signerIn({ headers, location }: ParsedRequest): Signer | undefined {
  const agent = headers['user-agent'] ?? ''
  if (OFFICIAL.test(agent)) return { is: 'official' }
  return location === 'header' && LIBRARY.test(agent) ? { is: 'own' } : undefined
}
