import axios from 'axios'
import { ConnectionLost } from './failures.ts'

/** A presigned request. */
export interface Sendable {
  method: string
  url: string
  headers?: Record<string, string>
}

export interface StorageResponse {
  status: number
  text: string
  /** The ETag of an uploaded part, if the CORS rule exposes it. */
  etag: string | undefined
}

export type Send = (
  request: Sendable,
  body: Blob | FormData | string | undefined,
  signal: AbortSignal,
  onProgress?: (sentBytes: number) => void,
) => Promise<StorageResponse>

export const withAxios: Send = async ({ method, url, headers = {} }, body, signal, onProgress) => {
  const response = await axios({
    ...{ method, url, headers, signal },
    data: body ?? (method === 'POST' ? '' : undefined), // Without data, axios removes the signed content type.
    responseType: 'text',
    validateStatus: () => true,
    // An upload listener triggers a preflight request, even for a form.
    ...(onProgress && { onUploadProgress: ({ loaded }) => onProgress(loaded) }),
  }).catch(() => {
    throw signal.aborted ? signal.reason : new ConnectionLost('the storage service')
  })
  return { status: response.status, text: String(response.data ?? ''), etag: response.headers.etag }
}

/** Does not report progress. */
export const withFetch: Send = async ({ method, url, headers = {} }, body, signal) => {
  try {
    const response = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }) })
    return { status: response.status, text: await response.text(), etag: response.headers.get('etag') ?? undefined }
  } catch {
    throw signal.aborted ? signal.reason : new ConnectionLost('the storage service')
  }
}

export function isOk({ status }: StorageResponse): boolean {
  return status >= 200 && status < 300
}
