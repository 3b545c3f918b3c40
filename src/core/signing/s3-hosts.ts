/** The parts of a credential scope that a host identifies. */
export interface HostScope {
  readonly service?: string | undefined
  readonly region?: string | undefined
}

/** Determines service and region of a host. */
export type HostReader = (host: string) => HostScope

/** An AWS region: `us-east-1`, `us-gov-west-1`, `us-isob-east-1`, `eusc-de-east-1`. */
export const REGION = '([a-z]{2,4}(?:-[a-z]+)+-\\d)'

/** The domains of AWS's partitions: commercial, China, European sovereign, isolated. */
export const DOMAIN =
  '(?:(?:api\\.)?amazon(?:aws|webservices)\\.(?:com|com\\.cn|eu)|(?:api|on)\\.aws(?:(?:\\.hci)?\\.ic\\.gov|\\.scloud)?|(?:c2s|csp\\.hci)\\.ic\\.gov|sc2s\\.sgov\\.gov|(?:api\\.cloud-aws|cloud)\\.adc-e\\.uk)'

/** AWS hosts for S3 in all partitions. */
const AWS_HOST = /* @__PURE__ */ awsHost()

function awsHost(): RegExp {
  const name = 's3(express|-outposts|-object-lambda|)(?:-accesspoint|-control|-[a-z\\d]+-az\\d)?'
  return RegExp(`(?:^|\\.)${name}[.-]${REGION}(?:\\.vpce)?\\.${DOMAIN}$`)
}

/**
 * S3 hosts without an AWS region in their name, and S3-compatible clouds: the end of the host (a bucket may precede it;
 * `*` is a label) and the region, if the host determines one; `$1` is that label.
 */
const PLAIN_HOSTS = `s3.amazonaws.com us-east-1
s3-external-1.amazonaws.com us-east-1
s3-accelerate.amazonaws.com
r2.cloudflarestorage.com auto
storage.googleapis.com auto
t3.storage.dev auto
fly.storage.tigris.dev auto
storage.yandexcloud.net ru-central1
s3.wasabisys.com us-east-1
s3.nl-1.wasabisys.com eu-central-1
s3.de-1.wasabisys.com eu-central-2
s3.uk-1.wasabisys.com eu-west-1
s3.fr-1.wasabisys.com eu-west-2
s3.uk-2.wasabisys.com eu-west-3
s3.it-1.wasabisys.com eu-south-1
s3.*.wasabisys.com $1
s3.*.backblazeb2.com $1
s3.*.scw.cloud $1
s3.*.io.cloud.ovh.net $1
s3.*.io.cloud.ovh.us $1
*.digitaloceanspaces.com $1
*.your-objectstorage.com $1`

/** Returns the value of the row that matches the end of a host or of its name; `undefined` if there is none. */
export type HostTable = (name: string) => string | undefined

/**
 * Creates the lookup in a table. A row is a pattern and, after a space, its value, in which `$1` is the group of the pattern.
 * The row that matches the most applies; of several, the first.
 *
 * Rows are compiled when a name needs them for the first time, and only those with its key: a table may have any number of
 * other rows.
 *
 * @param keysOf - Returns the keys of the names that a pattern matches; one that ends with a quantifier matches all.
 * @param start - Where a match may start.
 */
export function createTable(
  rows: string,
  keysOf: (pattern: string) => readonly string[],
  keyOf: (name: string) => string,
  start: string,
): HostTable {
  const tables = new Map<string, HostTable | undefined>()
  const isAny = (key: string): boolean => /[*+]$/.test(key)
  return (name) => {
    if (!tables.size)
      for (const row of rows.split('\n')) for (const key of keysOf(row.split(' ')[0]!)) tables.set(key, undefined)
    let key = keyOf(name)
    if (!tables.has(key)) key = ''
    let table = tables.get(key)
    if (!table) {
      const isPossible = (row: string): boolean =>
        keysOf(row.split(' ')[0]!).some((each) => each === key || isAny(each))
      table = compile(rows.split('\n').filter(isPossible), start)
      tables.set(key, table)
    }
    return table(name)
  }
}

function compile(rows: readonly string[], start: string): HostTable {
  const values: string[] = []
  const patterns = rows.map((row) => {
    const [pattern, value = ''] = row.split(' ') as [string, string?]
    const { length } = pattern.match(/\((?!\?)/g) ?? []
    // an empty group after the pattern, whose number shows which row matched
    values[Math.max(values.length, 1) + length] = value
    return `(?:${pattern})()`
  })
  const all = RegExp(`${start}(?:${patterns.join('|') || '(?!)'})$`)
  return (name) => {
    const found = all.exec(name)
    if (!found) return undefined
    const row = found.indexOf('', 1)
    return values[row]!.replace('$1', found[row - 1]!)
  }
}

const plainRegion = /* @__PURE__ */ plainHosts()

function plainHosts(): HostTable {
  const patterns = PLAIN_HOSTS.replaceAll('.', '\\.').replaceAll('*', '((?!cdn\\.)[^.]+)')
  return createTable(patterns, (pattern) => [domainOf(pattern.replaceAll('\\', ''))], domainOf, '(?:^|\\.)')
}

/** Returns the last two labels of a host. */
function domainOf(host: string): string {
  return host.slice(host.lastIndexOf('.', host.lastIndexOf('.') - 1) + 1)
}

/** Returns a host in lowercase, without its port, final dot, and the labels that change neither service nor region. */
export function normalizeHost(host: string): string {
  if (host.length > 300) return '' // DNS allows 253 characters
  if (/[A-Z:]|\.$/.test(host)) host = host.toLowerCase().replace(/\.?(?::\d+)?$/, '')
  return host.includes('-fips') || host.includes('.dualstack')
    ? host.replace(/-fips(?=[.-])|\.dualstack(?=\.)/g, '')
    : host
}

/** Determines service and region of an S3 host, on AWS or on one of the S3-compatible clouds whose region is public. */
export function s3HostScope(host: string): HostScope {
  host = normalizeHost(host)
  const found = host.includes('s3') ? AWS_HOST.exec(host) : null
  if (found) return { service: `s3${found[1]}`, region: found[2] }
  const region = plainRegion(host)
  return region === undefined ? {} : { service: 's3', region: region || undefined }
}
