export interface CurlRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as a string, or the file that contains it; `-` is standard input. */
  readonly body?: { readonly text: string } | { readonly file: string } | undefined
  /** The file to upload with PUT; `-` is standard input. */
  readonly upload?: string | undefined
  /** The file for the response. */
  readonly output?: string | undefined
}

/** Quotes a string for POSIX shells. Carriage returns, which a terminal would interpret, are added by printf. */
export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''").replaceAll('\r', `'"$(printf '\\r')"'`)}'`
}

/** Formats a curl command for POSIX shells. */
export function curlCommand({ method, url, headers, body, upload: file, output }: CurlRequest): string {
  const parts: string[] = []
  // curl appends the file name to a path that ends with a slash.
  const upload = /\/(?:\?|$)/.test(url) ? undefined : file
  const empty = file === undefined && /^(?:POST|PUT)$/.test(method) ? { text: '' } : undefined
  const data = body ?? (upload === undefined && file !== undefined ? { file } : empty)
  if (method === 'HEAD' && !data) parts.push('--head')
  else if (method !== (upload !== undefined ? 'PUT' : data ? 'POST' : 'GET')) parts.push(`--request ${quote(method)}`)
  for (const [name, value] of Object.entries(headers)) parts.push(headerPart(name, value))
  // Without this, curl sends application/x-www-form-urlencoded.
  if (data && !('content-type' in headers)) parts.push("--header 'content-type:'")
  if (data)
    parts.push('text' in data ? `--data-raw ${quote(data.text)}` : `--data-binary ${quote(`@${safeFile(data.file)}`)}`)
  if (upload !== undefined) parts.push(`--upload-file ${quote(safeFile(upload))}`)
  if (output !== undefined) parts.push(`--output ${quote(safeFile(output))}`)
  return assemble(parts, url, [url, upload ?? ''].some(hasGlob))
}

/** Formats a curl command that sends a form with a file. */
export function curlForm(url: string, fields: Readonly<Record<string, string>>, file: string): string {
  const parts = Object.entries(fields).map(([name, value]) => `--form-string ${quote(`${name}=${value}`)}`)
  parts.push(`--form ${quote(`file=@"${safeFile(file).replace(/["\\]/g, '\\$&')}"`)}`)
  return assemble(parts, url, hasGlob(url))
}

/** Formats a header. curl requires a semicolon after a name without a value. */
function headerPart(name: string, value: string): string {
  return `--header ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`
}

/** Returns whether curl would expand a pattern in a string. */
function hasGlob(text: string): boolean {
  return /[[\]{}]/.test(text)
}

/** Returns a file name that curl does not parse as an option. A single dash remains standard input. */
function safeFile(file: string): string {
  return /^-./.test(file) || file === '.' ? `./${file}` : file
}

function assemble(parts: readonly string[], url: string, glob: boolean): string {
  const [first, ...words] = [...(glob ? ['--globoff'] : []), ...parts, quote(url)]
  return [`curl ${first}`, ...words].join(words.length > 1 ? ' \\\n  ' : ' ')
}
