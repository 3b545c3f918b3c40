/** A request as a command of curl sends it. */
export interface CurlRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as text, or the file that has it; `-` is standard input. */
  readonly body?: { readonly text: string } | { readonly file: string } | undefined
  /** The file to upload by PUT; `-` is standard input. */
  readonly upload?: string | undefined
  /** The file to save the answer in. */
  readonly output?: string | undefined
}

/** A word for a POSIX shell that means exactly this text. A terminal would act on a carriage return, so printf adds it. */
export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''").replaceAll('\r', `'"$(printf '\\r')"'`)}'`
}

/** A command that sends the request, for POSIX shells. */
export function curlCommand({ method, url, headers, body, upload: file, output }: CurlRequest): string {
  const parts: string[] = []
  // curl adds the name of the file to a path that ends with a slash
  const upload = /\/(?:\?|$)/.test(url) ? undefined : file
  const empty = file === undefined && /^(?:POST|PUT)$/.test(method) ? { text: '' } : undefined
  const data = body ?? (upload === undefined && file !== undefined ? { file } : empty)
  if (method === 'HEAD' && !data) parts.push('--head')
  else if (method !== (upload !== undefined ? 'PUT' : data ? 'POST' : 'GET')) parts.push(`--request ${quote(method)}`)
  for (const [name, value] of Object.entries(headers)) parts.push(headerPart(name, value))
  // curl would say that it is a form
  if (data && !('content-type' in headers)) parts.push("--header 'content-type:'")
  if (data)
    parts.push('text' in data ? `--data-raw ${quote(data.text)}` : `--data-binary ${quote(`@${safeFile(data.file)}`)}`)
  if (upload !== undefined) parts.push(`--upload-file ${quote(safeFile(upload))}`)
  if (output !== undefined) parts.push(`--output ${quote(safeFile(output))}`)
  return assemble(parts, url, [url, upload ?? ''].some(hasGlob))
}

/** A command that sends a form with a file. */
export function curlForm(url: string, fields: Readonly<Record<string, string>>, file: string): string {
  const parts = Object.entries(fields).map(([name, value]) => `--form-string ${quote(`${name}=${value}`)}`)
  parts.push(`--form ${quote(`file=@"${safeFile(file).replace(/["\\]/g, '\\$&')}"`)}`)
  return assemble(parts, url, hasGlob(url))
}

/** A header; curl writes one without a value with a semicolon. */
function headerPart(name: string, value: string): string {
  return `--header ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`
}

/** What curl would take for a pattern. */
function hasGlob(text: string): boolean {
  return /[[\]{}]/.test(text)
}

/** The name of a file that is no option; a dash alone stays standard input. */
function safeFile(file: string): string {
  return /^-./.test(file) || file === '.' ? `./${file}` : file
}

function assemble(parts: readonly string[], url: string, glob: boolean): string {
  const [first, ...words] = [...(glob ? ['--globoff'] : []), ...parts, quote(url)]
  return [`curl ${first}`, ...words].join(words.length > 1 ? ' \\\n  ' : ' ')
}
