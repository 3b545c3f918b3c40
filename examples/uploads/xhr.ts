// Sends a presigned request with XMLHttpRequest, which reports progress.
import type { Send } from './multipart.ts'

export const send: Send = ({ method, url, headers }, body, { signal, progress }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => progress?.(loaded)
    request.onload = () => {
      const { status, responseText: text } = request
      resolve({ status, text, etag: request.getResponseHeader('etag') ?? '' })
    }
    request.onerror = () => resolve({ status: 0, text: '', etag: '' })
    request.onabort = () => reject(signal.reason)
    signal.addEventListener('abort', () => request.abort())
    request.send(body)
  })
