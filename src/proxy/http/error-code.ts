import { headerPairs, headerValue } from './headers.ts'

/** Returns the code of an error of a service: that in a header, in XML, or in JSON. */
export function errorCode(rawHeaders: readonly string[], pieces: readonly Uint8Array[]): string | undefined {
  const type = headerValue(headerPairs(rawHeaders), 'x-amzn-errortype') ?? ''
  const body = Buffer.concat(pieces).toString()
  const [, code] =
    /^(\w+)/.exec(type) ??
    /<Code>(\w{1,99})<\/Code>/.exec(body) ??
    /"(?:__type|[cC]ode)"\s{0,9}:\s{0,9}"(?:[\w.]{1,99}#)?(\w{1,99})"/.exec(body) ??
    []
  return code
}
