import { decodeOctets } from '../../../core/encoding/base64.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import type { PastedHeaders } from '../found.ts'

// Forms of presigned POSTs, from what a paste shows of their fields.

/** A field, in the order of the form; the content of a file is not known. */
export interface FormField {
  readonly name: string
  readonly value: string | undefined
  readonly filename?: string | undefined
  readonly type?: string | undefined
}

const BOUNDARY = '----sigv4-form-boundary'
/** Most bytes that stand for a file. */
const LARGEST = 100_000

/** Whether fields are those of a presigned POST. */
export function isSignedForm(fields: readonly FormField[]): boolean {
  return fields.some(({ name }) => /^(?:policy|x-amz-signature)$/i.test(name))
}

/**
 * The request that sends a form, of which every field is known; its file is as small as the policy allows. `undefined`
 * if a value is missing.
 */
export function formRequest(url: string | undefined, fields: readonly FormField[]): RequestAsSent | undefined {
  const policy = fields.find(({ name }) => /^policy$/i.test(name))?.value ?? ''
  const decoded = decodeOctets(policy.trim()) ?? ''
  const least = Number(/"content-length-range"\s{0,9},\s{0,9}"?(\d{1,15})/i.exec(decoded)?.[1] ?? 0)
  if (least > LARGEST || !isSignedForm(fields)) return undefined
  let body = ''
  for (const { name, value, filename, type } of fields) {
    const isFile = filename !== undefined || /^file$/i.test(name)
    if ((value === undefined && !isFile) || /["\r\n]/.test(name)) return undefined
    const content = isFile && (value?.length ?? 0) < least ? 'x'.repeat(least) : (value ?? '')
    const named = isFile ? `; filename="${(filename ?? 'file').replaceAll('"', '%22')}"` : ''
    const typed = type === undefined ? '' : `\r\nContent-Type: ${type}`
    body += `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${named}${typed}\r\n\r\n${content}\r\n`
  }
  const headers: PastedHeaders = [['Content-Type', `multipart/form-data; boundary=${BOUNDARY}`]]
  const request = { method: 'POST', ...(url !== undefined && { url }), headers, body: `${body}--${BOUNDARY}--\r\n` }
  return request as unknown as RequestAsSent
}
