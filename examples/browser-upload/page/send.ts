import axios from 'axios'
import { ConnectionLost } from './failures.ts'

/** What was presigned: for both clients the same three things, and the body beside them. */
export interface Sendable {
  method: string
  url: string
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  text: string
  /** Of the part that was sent; only where the CORS rule exposes it. */
  etag: string | undefined
}

export type Send = (
  request: Sendable,
  body: Blob | FormData | string | undefined,
  signal: AbortSignal,
  onProgress?: (sentBytes: number) => void,
) => Promise<Answer>

export const withAxios: Send = async ({ method, url, headers = {} }, body, signal, onProgress) => {
  const response = await axios({
    ...{ method, url, headers, signal },
    data: body ?? (method === 'POST' ? '' : undefined), // without data, axios drops the content type that is signed
    responseType: 'text',
    validateStatus: () => true,
    // with it, browsers ask the server for permission even where a form would need none
    ...(onProgress && { onUploadProgress: ({ loaded }) => onProgress(loaded) }),
  }).catch(() => {
    throw signal.aborted ? signal.reason : new ConnectionLost('the storage')
  })
  return { status: response.status, text: String(response.data ?? ''), etag: response.headers.etag }
}

/** Knows when it is done, and nothing before. */
export const withFetch: Send = async ({ method, url, headers = {} }, body, signal) => {
  try {
    const response = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }) })
    return { status: response.status, text: await response.text(), etag: response.headers.get('etag') ?? undefined }
  } catch {
    throw signal.aborted ? signal.reason : new ConnectionLost('the storage')
  }
}

export function isOk({ status }: Answer): boolean {
  return status >= 200 && status < 300
}
