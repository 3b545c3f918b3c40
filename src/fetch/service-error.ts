import { readStream } from './body.ts'

/** What a service reports in an error response. */
export interface ServiceError {
  /** Its code without a namespace, such as `ThrottlingException`. */
  readonly code?: string | undefined
  /** The start of the body. */
  readonly text?: string
}

const MAX_BYTES = 65_536

/** Reads the error in a response, whose body stays unread. */
export async function readError(response: Response): Promise<ServiceError> {
  const { body } = response.clone()
  // if the body breaks off, the caller meets the same error when it reads the response
  const start = body && (await readStream(body, MAX_BYTES).catch(() => undefined))
  const text = (await start?.slice(0, MAX_BYTES).text()) ?? ''
  const name =
    response.headers.get('x-amzn-errortype') ??
    element(text, 'Code') ??
    /"(?:__type|code)"\s*:\s*"([^"]{1,200})"/i.exec(text)?.[1]
  return { code: name && /(?:.*#)?([^:,]*)/s.exec(name)![1]!.trim(), text }
}

/** Returns the text of the first element of a name. */
export function element(xml: string, name: string): string | undefined {
  return RegExp(`<${name}>([^<]{1,200})<`).exec(xml)?.[1]
}
