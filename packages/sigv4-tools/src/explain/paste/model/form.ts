import type { RequestAsSent } from '../../request/facts.ts'
import { type PastedHeaders, pastedRequest } from './found.ts'

// A form with a policy, as the names and values that a program printed: the request that sends it.

const BOUNDARY = 'form-of-a-program'

/** Returns whether names and values are the fields of a signed form. */
export function isForm(fields: PastedHeaders): boolean {
  const names = new Set(fields.map(([name]) => name.toLowerCase()))
  return names.has('policy') && (names.has('x-amz-signature') || names.has('x-amz-credential'))
}

/** The request that sends fields to a URL. The file is not shown, and is not signed. */
export function formOf(fields: PastedHeaders, url: string): RequestAsSent {
  const parts = fields.map(
    ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const hasFile = fields.some(([name]) => name.toLowerCase() === 'file')
  const file = hasFile ? '' : `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n`
  const headers = [['content-type', `multipart/form-data; boundary=${BOUNDARY}`]] as const
  return pastedRequest(
    'POST',
    url,
    headers,
    hasFile ? `${parts.join('')}--${BOUNDARY}--\r\n` : `${parts.join('')}${file}`,
  )
}
