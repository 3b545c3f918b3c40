/** A fetch-style server, as in Workers, Deno, Bun and Hono. */
import { toErrorResponse, type VerifyOptions, verify } from 'sigv4/verify'

const files = new Map<string, Uint8Array<ArrayBuffer>>()
const MAX_SIZE = 10_000_000

export async function handle(request: Request, options: VerifyOptions): Promise<Response> {
  const { pathname } = new URL(request.url)
  try {
    const signed = await verify(request, { ...options, payload: 'deferred' })
    if (request.method === 'PUT') {
      files.set(pathname, await readAll(signed.verifyBody(request.body ?? [])))
      return new Response(null, { status: 204 })
    }
    const file = files.get(pathname)
    return file ? new Response(file) : new Response(null, { status: 404 })
  } catch (error) {
    const { status, headers, body } = toErrorResponse(error, { resource: pathname })
    if (status === 500) console.error(error)
    return new Response(request.method === 'HEAD' ? null : body, { status, headers })
  }
}

/** Reads a complete body: its bytes are not verified before the end. */
async function readAll(verified: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for await (const part of verified) {
    length += part.length
    if (length > MAX_SIZE) throw new RangeError('The file is too large')
    parts.push(part)
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}
