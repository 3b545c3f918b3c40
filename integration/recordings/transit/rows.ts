import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { REQUESTS, type RequestName } from './requests.ts'

/** A block of rows.conf, which describes its parts. */
export interface Row {
  name: string
  source: string
  /** The content of a server block of nginx. */
  nginx: string
  sends: readonly RequestName[]
  /** The host as the client has it. @default the address of nginx */
  outside: string | undefined
  bucketPath: string | undefined
  isTls: boolean
  /** Looked at last: a third of the rows, by the hash of their name. */
  isSetAside: boolean
}

const BLOCK =
  /^# (\S+): .+\n# (https:\S+)\n# sends (.+)\n(?:# to (https?):\/\/(\S+)\n)?(?:# bucket (\/\S*)\n)?((?!#)[\s\S]+)$/

const [, ...blocks] = readFileSync(new URL('rows.conf', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n\n')
const all = blocks.map((block): Row => {
  const [, name, source, list, scheme, outside, bucket, nginx] = BLOCK.exec(block) ?? []
  const sends = list?.split(', ') as RequestName[] | undefined
  if (!sends?.every((request) => request in REQUESTS)) throw new Error(`rows.conf has an invalid block:\n${block}`)
  const more = { outside, bucketPath: bucket === '/' ? '' : bucket, isTls: scheme === 'https', isSetAside: false }
  return { name: name!, source: source!, nginx: nginx!, sends, ...more }
})

const hash = ({ name }: Row): string => createHash('sha256').update(name).digest('hex')
const sorted = [...all].sort((a, b) => (hash(a) < hash(b) ? -1 : 1))
for (const row of sorted.slice(0, all.length / 3)) row.isSetAside = true

export const ROWS: readonly Row[] = all
