import { isObject } from '../core/kind.ts'
import { element } from './xml.ts'

/** The header of the code, which may be preceded by a namespace and followed by a URL. */
export const ERROR_TYPE = 'x-amzn-errortype'

/** Headers that only AWS adds to a response. */
export const RESPONSE_HEADERS: readonly string[] = ['x-amz-request-id', 'x-amzn-requestid', 'x-amz-id-2', ERROR_TYPE]

/** The error in a service's response. */
export interface ServiceError {
  /** Its code without a namespace, such as `ThrottlingException`. */
  readonly code: string | undefined
  readonly message: string | undefined
}

/**
 * Reads the error in a response, only from the places that services use: a header, which `header` returns by its name, and the
 * body, XML or a JSON object. Its message may quote anything.
 */
export function readServiceError(header: (name: string) => string | null | undefined, body: string): ServiceError {
  const isXml = /^\s*</.test(body)
  const { __type, code, Code, message, Message }: Record<string, unknown> = isXml
    ? { code: element(body, 'Code'), message: element(body, 'Message') }
    : parseObject(body)
  return {
    code: [header(ERROR_TYPE), __type, code, Code].map(nameOf).find(Boolean),
    message: [message, Message].find((value) => typeof value === 'string') as string | undefined,
  }
}

/** Returns whether a service rejected a session token because it has expired. OpenSearch sends no code. */
export function isExpiredToken({ code, message = '' }: Partial<ServiceError>): boolean {
  return code
    ? /^(?:ExpiredToken|TokenRefreshRequired)/.test(code)
    : /^The security token included in the request is expired\.?$/i.test(message)
}

/** Parses a JSON object. Query APIs return the error in a member of it. */
function parseObject(text: string): Record<string, unknown> {
  try {
    const { Error: inner, ...outer } = JSON.parse(text)
    return isObject(inner) ? { ...inner } : outer
  } catch {
    // it is not JSON, or its end is missing
    return {}
  }
}

/** Returns a name without its namespace, and without the URL or the list that may follow it. */
function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' ? /^(?:[^:,]*#)?\s*([\w.]{1,200})\s*(?:[:,]|$)/.exec(value)?.[1] : undefined
}
