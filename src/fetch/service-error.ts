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
  const text = await readStart(response)
  const name =
    response.headers.get('x-amzn-errortype') ??
    element(text, 'Code') ??
    /"(?:__type|code)"\s*:\s*"([^"]{1,200})"/i.exec(text)?.[1]
  return {
    code: name
      ?.replace(/[:,].*/s, '')
      .replace(/.*#/s, '')
      .trim(),
    text,
  }
}

/** Returns the text of the first element of a name. */
export function element(xml: string, name: string): string | undefined {
  return RegExp(`<${name}>([^<]{1,200})<`).exec(xml)?.[1]
}

/** Reads the start of a body from a clone. The body of a response that breaks off is cut. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    const reader = response.clone().body?.getReader()
    for (let length = 0; length < MAX_BYTES; ) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done) return text
      text += decoder.decode(value.subarray(0, MAX_BYTES - length), { stream: true })
      length += value.length
    }
    reader?.cancel().catch(() => undefined)
  } catch {
    // the caller meets the same error when it reads the response
  }
  return text
}
