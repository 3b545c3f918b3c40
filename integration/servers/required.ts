/** Returns the required servers in ROUNDTRIP_REQUIRE, separated by commas. */
export function requiredServers(): string[] {
  const names = (process.env.ROUNDTRIP_REQUIRE ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => name !== '')
}

export function isRequired(name: string): boolean {
  return requiredServers().includes(name)
}
