// Sends a presigned request with axios, which reports progress.
import axios from 'axios'
import type { Send } from './multipart.ts'

export const send: Send = async ({ method, url, headers }, body, { signal, progress }) => {
  const response = await axios({
    ...{ method, url, headers, signal },
    data: body,
    responseType: 'text',
    validateStatus: () => true,
    onUploadProgress: ({ loaded }) => progress?.(loaded),
  }).catch(() => {
    signal.throwIfAborted()
    return { status: 0, data: '', headers: { etag: '' } }
  })
  return { status: response.status, text: String(response.data), etag: response.headers.etag ?? '' }
}
