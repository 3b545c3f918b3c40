// A multipart upload with progress. To pause, abort the signal; to resume, call it again with the same `state`.
import { multipartCompletionBody, parseMultipartResponse, type UploadedPart } from 'sigv4/sync'
import { type Signed, sign } from './sign.ts'

const PART_SIZE = 5 * 1024 ** 2

export interface Hooks {
  signal: AbortSignal
  /** Receives the number of bytes that have been sent. */
  progress?: (sent: number) => void
}

/** Sends a request; xhr.ts and axios.ts each have one. A status of 0 means that there was no response. */
export type Send = (
  request: Signed,
  body: Blob | string,
  hooks: Hooks,
) => Promise<{ status: number; text: string; etag: string }>

/** An upload that has started. Keep it in `localStorage` to resume on a later page. */
export interface State {
  key?: string
  uploadId?: string
}

/** Uploads what is missing, and returns the key of the object. */
export async function upload(file: File, state: State, send: Send, { signal, progress }: Hooks): Promise<string> {
  const { type, size } = file
  /** Signs and sends a request, up to four times. */
  const request = async (details: object, body: Blob | string, sent?: (bytes: number) => void) => {
    for (let attempt = 1; ; attempt++) {
      const signed = await sign({ ...state, ...details })
      const hooks = { signal, ...(sent && { progress: sent }) }
      const { status, text, etag } = await send(signed, body, hooks)
      if (status >= 200 && status < 300) return { key: signed.key, etag, response: parseMultipartResponse(text) }
      if (attempt === 4 || (status >= 400 && status < 500)) throw new Error(`S3 responded with status ${status}.`)
      await new Promise((resolve) => setTimeout(resolve, 300 * 2 ** attempt))
      signal.throwIfAborted()
    }
  }
  if (!state.uploadId) {
    const { key, response } = await request({ method: 'POST', type, size }, '')
    if (response.kind === 'created') Object.assign(state, { key, uploadId: response.uploadId })
  }
  const listed = (await request({ method: 'GET' }, '')).response
  const parts = new Map<number, UploadedPart>()
  for (const part of listed.kind === 'parts' ? listed.parts : []) parts.set(part.partNumber, part)
  for (let partNumber = 1, start = 0; start < size; partNumber++, start += PART_SIZE) {
    const end = Math.min(start + PART_SIZE, size)
    if (!parts.has(partNumber)) {
      const details = { method: 'PUT', partNumber }
      const { etag } = await request(details, file.slice(start, end), (sent) => progress?.(start + sent))
      parts.set(partNumber, { partNumber, etag })
    }
    progress?.(end)
  }
  const { key, response } = await request({ method: 'POST' }, multipartCompletionBody(parts.values()))
  if (response.kind !== 'completed') throw new Error('S3 did not complete the upload.')
  delete state.uploadId
  return key
}

/** Deletes the parts of an upload that will not be resumed. */
export async function cancel(state: State, send: Send): Promise<void> {
  if (state.uploadId)
    await send(await sign({ method: 'DELETE', ...state }), '', { signal: new AbortController().signal })
}
