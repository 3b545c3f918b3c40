import { KEY } from '../../format/fill.ts'
import type { Step, Texts } from '../../format/format.ts'

type Values = Map<string, string[]>

/** Names the parts in which two tests differ. */
export function differingParts(one: Texts, other: Texts): string[] {
  const parts: string[] = []
  if (one.send !== undefined && other.send !== undefined) parts.push(...sentParts(withForm(one), withForm(other)))
  parts.push(...signedParts(one.sign, other.sign).filter((part) => part !== 'step body' || !isForm(one)))
  return [...new Set(parts)]
}

const isForm = ({ send = '' }: Texts): boolean => /multipart\/form-data/.test(send)

/** Returns the request with its form, which is a step because its length is needed. */
function withForm(texts: Texts): string {
  const body = texts.sign.find(({ name }) => name === 'body')
  return isForm(texts) && body ? texts.send!.replace('{{body}}', () => contentOf(body)) : texts.send!
}

function sentParts(one: string, other: string): string[] {
  const [a, b] = [readRequest(one), readRequest(other)]
  const parts: string[] = []
  if (a.method !== b.method) parts.push('method')
  if (a.path !== b.path) parts.push('path')
  if (a.version !== b.version) parts.push('version')
  parts.push(...differingNames('query', a.query, b.query))
  parts.push(...differingNames('header', a.headers, b.headers))
  if (/multipart\/form-data/.test(one)) parts.push(...differingNames('field', readForm(a.body), readForm(b.body)))
  else if (a.body !== b.body) parts.push('body')
  return parts.map((part) => (part === 'field file' ? 'file' : part))
}

function readRequest(text: string) {
  const end = text.indexOf('\r\n\r\n')
  const [line = '', ...headers] = text.slice(0, end).split('\r\n')
  const method = line.slice(0, line.indexOf(' '))
  const version = line.slice(line.lastIndexOf(' ') + 1)
  const target = line.slice(method.length + 1, line.length - version.length - 1)
  const mark = `${target}?`.indexOf('?')
  const query: [string, string][] =
    target.slice(mark + 1) === ''
      ? []
      : target
          .slice(mark + 1)
          .split('&')
          .map((pair) => [pair.split('=')[0]!, pair])
  const pairs: [string, string][] = headers.map((header) => [
    header.split(':')[0]!.toLowerCase(),
    header.slice(header.indexOf(':') + 1),
  ])
  return { method, path: target.slice(0, mark), version, query, headers: pairs, body: text.slice(end + 4) }
}

function readForm(body: string): [string, string][] {
  const boundary = body.slice(0, body.indexOf('\r\n'))
  return body
    .split(boundary)
    .slice(1, -1)
    .map((part) => [/name="([^"]*)"/.exec(part)?.[1] ?? '', part])
}

function valuesOf(pairs: readonly (readonly [string, string])[]): Values {
  const values: Values = new Map()
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value])
  return values
}

function differingNames(kind: string, one: [string, string][], other: [string, string][]): string[] {
  const [a, b] = [valuesOf(one), valuesOf(other)]
  const names = [...new Set([...a.keys(), ...b.keys()])]
  const parts = names.filter((name) => a.get(name)?.join('\n') !== b.get(name)?.join('\n'))
  const isReordered = parts.length === 0 && one.map(([name]) => name).join() !== other.map(([name]) => name).join()
  return isReordered ? [`${kind} order`] : parts.map((name) => `${kind} ${name}`)
}

function signedParts(one: readonly Step[], other: readonly Step[]): string[] {
  const parts: string[] = []
  const names = [...new Set([...one, ...other].map(({ name }) => name))]
  for (const name of names) {
    const a = one.find((step) => step.name === name)
    const b = other.find((step) => step.name === name)
    if (JSON.stringify(a) === JSON.stringify(b)) continue
    if (name === 'canonical' && a && b) parts.push(...canonicalParts(contentOf(a), contentOf(b)))
    else if (contentOf(a) !== contentOf(b)) parts.push(`step ${name}`)
    if (keyOf(a) !== keyOf(b) && a && b) parts.push(`key ${name}`)
  }
  return parts
}

function contentOf(step: Step | undefined): string {
  if (!step) return ''
  const { name, ...content } = step
  return String(Object.entries(content).find(([member]) => member !== 'key')?.[1])
}

function keyOf(step: Step | undefined): string {
  return ((step && 'key' in step && step.key) || KEY).join('\n')
}

function canonicalParts(one: string, other: string): string[] {
  const [a, b] = [readCanonical(one), readCanonical(other)]
  const parts = (['method', 'path', 'query', 'names', 'payload'] as const).filter((part) => a[part] !== b[part])
  const headers = differingNames('header', a.headers, b.headers)
  return [...parts, ...headers].map((part) => `signed ${part}`)
}

function readCanonical(text: string) {
  const lines = text.split('\n')
  const [method = '', path = '', query = ''] = lines
  const headers = lines.slice(3, -3).map((line): [string, string] => [line.split(':')[0]!, line])
  return { method, path, query, headers, names: lines.at(-2) ?? '', payload: lines.at(-1) ?? '' }
}
