/** A request to send to S3, and the key that the server chose. */
export interface Signed {
  key: string
  method: string
  url: string
  headers: Record<string, string>
}

/** Sends a request to your server to sign it. The error that it throws has the server's message, which you can show. */
export async function sign(request: object): Promise<Signed> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch('/uploads', { method: 'POST', headers, body: JSON.stringify(request) })
  const result = await response.json().catch(() => ({}))
  if (!result.url)
    throw new Error(result.error ?? `The response of /uploads has no URL, and status ${response.status}.`)
  return result
}
