import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Theme, themes } from '../integration/benchmarks/chart.ts'
import { run } from '../packages/sigv4-tools/test/support/cli.ts'
import { presignPut } from '../src/sync.ts'
import { CREDENTIALS } from '../test/support/credentials.ts'
import { ROOT } from '../test/support/packed.ts'

// `npx tsx tools/pictures.ts` draws what the command line prints, as in a terminal: docs/pictures.

const PROMPT = 'curl -v -T cat.png -H \'Content-Type: image/png\' "$URL" 2>&1 | npx sigv4-tools explain'
const COLORS = {
  light: { back: '#f6f8fa', text: '#1f2328', muted: '#59636e', title: '#0969da', mark: '#cf222e' },
  dark: { back: '#151b23', text: '#f0f6fc', muted: '#9198a1', title: '#4493f8', mark: '#f85149' },
}
const [WIDTH, LINE, PADDING] = [760, 19, 18]

/** Returns what `explain` prints for an upload whose content type changed after signing, without the next step. */
export async function explained(): Promise<string> {
  const now = Date.UTC(2026, 0, 31, 12)
  const target = { bucket: 'photos', key: 'cat.png', region: 'eu-west-1' }
  const { url } = presignPut(target, { credentials: { ...CREDENTIALS }, contentType: 'image/jpeg', now })
  const { host, pathname, search } = new URL(url)
  const log = [
    `> PUT ${pathname}${search} HTTP/1.1`,
    `> Host: ${host}`,
    '> User-Agent: curl/8.5.0',
    '> Accept: */*',
    '> Content-Type: image/png',
    '> Content-Length: 8',
    '>',
    '< HTTP/1.1 403 Forbidden',
    '< Content-Type: application/xml',
    '< Date: Sat, 31 Jan 2026 12:00:01 GMT',
    '<',
    '<Error><Code>SignatureDoesNotMatch</Code></Error>',
  ]
  const env = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    ...('sessionToken' in CREDENTIALS && { AWS_SESSION_TOKEN: String(CREDENTIALS.sessionToken) }),
  }
  const { stdout } = await run(['explain'], { stdin: log.join('\n'), env })
  return stdout.slice(0, stdout.indexOf('\nNext'))
}

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** The lines of a picture, as the terminal shows them. */
export const linesIn = (picture: string): string[] =>
  [...picture.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, text = '']) =>
    text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)),
  )

/** Draws the output of a command as SVG. */
export function terminal(command: string, output: string, theme: Theme): string {
  const { back, text, muted, title, mark } = COLORS[theme]
  const lines = [`$ ${command}`, '', ...output.trimEnd().split('\n')]
  const height = 2 * PADDING + lines.length * LINE
  let color = text // of the paragraph
  const colorOf = (line: string): string => {
    if (/^(?:\$|Read:) /.test(line)) color = muted
    else if (/^[A-Z][a-z ]+: /.test(line)) color = title
    else if (!line) color = text
    return /^ +\^+$/.test(line) ? mark : color
  }
  const rows = lines.map(
    (line, i) =>
      `<text x="${PADDING}" y="${PADDING + (i + 1) * LINE - 6}" fill="${colorOf(line)}" xml:space="preserve">${escapeXml(line)}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(command)}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="${back}"/>`,
    ...rows,
    '</svg>\n',
  ].join('\n')
}

/** Returns the pictures, by their path. */
export async function pictures(): Promise<Map<string, string>> {
  const output = await explained()
  return new Map(themes.map((theme) => [`docs/pictures/explain-${theme}.svg`, terminal(PROMPT, output, theme)]))
}

if (process.argv[1]?.endsWith('pictures.ts')) {
  mkdirSync(join(ROOT, 'docs/pictures'), { recursive: true })
  for (const [path, picture] of await pictures()) writeFileSync(join(ROOT, path), picture)
}
