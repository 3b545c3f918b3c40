/** Returns whether an IP address, in brackets or not, is a loopback address, which no other machine can reach. */
export function isLoopbackAddress(address: string): boolean {
  return /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(address)
}

/**
 * Returns whether a host, without its port, is this machine: a loopback address, `localhost`, or a name in that domain, which
 * no public site can have.
 */
export function isLocalHost(host: string): boolean {
  return /^(?:[\w-]+\.)*localhost$/i.test(host) || isLoopbackAddress(host)
}
