// Prints each request, with everything that is sent, as one line.

export const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'AQoDYXdzEJr/+=',
}

export function print(method, url, headers, body = '') {
  const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))
  console.log(JSON.stringify(['request', method, url, sorted, body]))
}

/** A `fetch` that prints what it is called with, and returns the same response to all. */
export function printingFetch(response = {}) {
  return async (input, init) => {
    const request = new Request(input, init?.body ? { ...init, duplex: 'half' } : init)
    print(request.method, request.url, Object.fromEntries(request.headers), await request.text())
    return Response.json(response)
  }
}

/** A handler for clients of the AWS SDK. */
export const printingHandler = {
  metadata: { handlerProtocol: 'http/1.1' },
  async handle({ method, protocol, hostname, port, path, query, headers, body }) {
    const search = Object.entries(query ?? {}).flatMap(([name, values]) => [values].flat().map((each) => [name, each]))
    const text = typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body).toString() : ''
    print(method, `${protocol}//${hostname}${port ? `:${port}` : ''}${path}?${JSON.stringify(search)}`, headers, text)
    throw new Error('not sent')
  },
}

/** Ignores that a response has no content that a client can read. */
export async function attempt(call) {
  try {
    await call()
  } catch {}
}
