// What the servers of tests are known not to support, by the start of a row's name. Such a row does not run: its failure would
// show nothing about the library. `--all` runs it, and a test confirms that it fails.

const PATHS = 'keys are file system paths, so empty, . and .. segments are rejected'
const OWN_CODE = 'its own error code for checksums'

const SERVERS: Readonly<Record<string, { readonly name: string; readonly lacks: Readonly<Record<string, string>> }>> = {
  'sigv4-serve': { name: 'serve', lacks: {} },
  MinIO: {
    name: 'MinIO',
    lacks: {
      'key with double slashes': PATHS,
      'key with a . segment': PATHS,
      'key with a .. segment': PATHS,
      'key with a trailing .. segment': PATHS,
      'key with a slash at its start': PATHS,
      'checksum: a wrong CRC': OWN_CODE,
      'checksum: a wrong SHA': OWN_CODE,
      'chunks: unsigned, with one changed byte': OWN_CODE,
      'rejected: metadata that was not signed': 'its own status for headers that were not signed',
      'response: ': 'its responses contain no canonical request',
    },
  },
}

/** The name of a server, by its header `server`. */
export function serverName(header: string | null): string {
  return (header && SERVERS[header]?.name) ?? 'another server'
}

/** Returns why a server does not support what a row sends. */
export function lackOf(header: string | null, row: string): string | undefined {
  const { name, lacks = {} } = (header && SERVERS[header]) || {}
  const [, reason] = Object.entries(lacks).find(([start]) => row.startsWith(start)) ?? []
  return reason && `${name} does not support it: ${reason}`
}
