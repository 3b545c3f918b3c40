/** A request as bytes: one character each. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** As sent, without the spaces around values. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** Splits the bytes of a request. */
export function splitRequest(http: string): RawRequest {
  const end = http.indexOf('\r\n\r\n')
  const [line = '', ...lines] = http.slice(0, end).split('\r\n')
  const [, method = '', target = '', version = ''] = /^(\S+) (.*) (\S+)$/.exec(line) ?? []
  const headers = lines.map((header) => {
    const colon = header.indexOf(':')
    return [header.slice(0, colon), header.slice(colon + 1).trim()] as const
  })
  return { method, target, version, headers, body: http.slice(end + 4) }
}

export function headerOf({ headers }: RawRequest, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
