/** The servers that must be there, from ROUNDTRIP_REQUIRE: names with commas between them. */
export function requiredServers(): string[] {
  const names = (process.env.ROUNDTRIP_REQUIRE ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => name !== '')
}

export function isRequired(name: string): boolean {
  return requiredServers().includes(name)
}
