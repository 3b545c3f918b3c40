import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { fill } from '../../../../suite/format/fill.ts'
import type { Note, Setting, Step, StoredObject, UnfilledTest } from '../../../../suite/format/format.ts'
import { NODE_HASHES } from '../../../../suite/format/hashes.ts'
import { Bucket, encodeKey, keysIn, type Left } from './bucket.ts'
import { Client, type Limits } from './client.ts'
import type { Address, Problem, Result } from './connection.ts'
import { createControls } from './controls.ts'
import { headerOf } from './response.ts'
import type { Case } from './select.ts'
import { isAccepted, isProven, judge, severityOf, type Verdict } from './verdict.ts'

export interface AuditOptions {
  readonly address: Address
  /** What the audit knows; the prefix is that of its folder. */
  readonly setting: Setting
  readonly cases: readonly Case[]
  readonly limits: Limits
  /** Keep what was stored. */
  readonly keep: boolean
  /** Asks before anything is written, with the reason; throws if it may not. */
  readonly confirm: (reason: string) => Promise<void>
  readonly progress: (text: string) => void
  /** Ctrl-C: ends the tests. */
  readonly interrupted: Promise<void>
  /** Returns a promise of the next Ctrl-C: ends the deletion. */
  readonly interruptedNext: () => Promise<void>
}

/** The result of a test. */
export interface Outcome {
  readonly test: UnfilledTest
  readonly note: Note
  readonly verdict: Verdict
  readonly severity: Note['severity'] | undefined
  readonly status: number
  readonly code: string | undefined
  readonly problem: Problem | undefined
  /** The bytes that were sent; empty if it was not sent. */
  readonly request: string
  /** Whether the fault took effect; missing if that cannot be seen. */
  readonly hasEffect: boolean | undefined
}

export interface AuditReport {
  readonly outcomes: readonly Outcome[]
  /** Whether the server rejected a wrong signature. */
  readonly verifies: boolean
  /** Why not all tests were sent. */
  readonly stopped: 'interrupted' | 'no responses' | undefined
  readonly requests: number
  readonly seconds: number
  /** What was not deleted. */
  readonly left: readonly Left[]
  /** The header `Server` of its first response. */
  readonly server: string | undefined
}

/** What is kept of a request and its response. */
interface Sent extends Result {
  readonly request: string
}

/** The server cannot be audited. */
export class AuditError extends Error {}

/** The object that is stored to find out whether the server can be audited. */
const PROBE: StoredObject = { key: 'read.txt', body: 'what the signer shares' }

/** After so many requests without a response, a valid one shows whether the server still responds. */
const MAX_SILENT = 12

/** Returns the name of a folder that nothing else uses. */
export function newFolder(): string {
  return `sigv4-audit-${randomBytes(6).toString('hex')}/`
}

export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { address, setting, cases, limits, interrupted } = options
  const started = performance.now()
  const client = new Client(address, limits)
  const isService = setting.service !== 's3'
  let isInterrupted = false
  void interrupted.then(() => {
    isInterrupted = true
  })
  const bucket = new Bucket(client, setting, createControls(setting.sessionToken !== undefined))
  const finish = (result: Partial<AuditReport>): AuditReport => ({
    outcomes: [],
    verifies: true,
    stopped: isInterrupted ? 'interrupted' : undefined,
    left: [],
    server: headerOf(first.head, 'server'),
    ...result,
    requests: client.requests,
    seconds: (performance.now() - started) / 1000,
  })
  // nothing is sent before the user has agreed to write to AWS
  if (/(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(address.hostname)) await options.confirm(`${address.hostname} is AWS.`)
  const first = await client.readClock(setting.host)
  if (first.problem) {
    const hint =
      first.problem === 'no TLS connection' ? ', and whether NODE_EXTRA_CA_CERTS must name its certificate' : ''
    throw new AuditError(`the server cannot be reached: ${first.problem}. Check the URL${hint}.`)
  }
  const replies = new Map<string, Sent>()
  const run = new Run(client, bucket, setting, replies, cases)
  const isStopped = (): boolean => isInterrupted || run.isSilent
  const send = (): Promise<void> =>
    client.forEach(
      cases,
      async (each) => {
        await run.send(each)
        options.progress(`${replies.size} of ${cases.length} tests, ${each.test.id}`)
      },
      isStopped,
    )
  const outcomes = (): Outcome[] => cases.filter(({ isSelected }) => isSelected).map((each) => run.outcomeOf(each))
  if (isService) {
    await send()
    const controls = cases.filter(({ test }) => test.of === undefined)
    if (!isInterrupted && !controls.some((each) => run.outcomeOf(each).verdict === 'right'))
      rejectControl('to the service', [...replies.values()][0] ?? first)
    return finish({ outcomes: outcomes(), ...(run.isSilent && { stopped: 'no responses' }) })
  }

  await requireUsableBucket(bucket, options)
  let verifies = true
  let left: readonly Left[] = []
  try {
    const key = `${setting.prefix}${READ}${PROBE.key}`
    const stored = await bucket.put(key, PROBE.body)
    if (!isAccepted('s3', { ...stored, sibling: undefined })) rejectControl('to store an object', stored)
    const wrong = await bucket.sendWrong(key)
    verifies = !wrong.every((reply) => isAccepted('s3', { ...reply, sibling: undefined }))
    if (verifies) await send()
  } finally {
    if (!options.keep) {
      options.progress('deleting what was stored')
      const stop = new AbortController()
      setMaxListeners(0, stop.signal)
      void options.interruptedNext().then(() => stop.abort())
      left = await bucket.clear(stop.signal)
    }
  }
  return finish({
    outcomes: verifies ? outcomes() : [],
    verifies,
    left,
    ...(run.isSilent && !isInterrupted && { stopped: 'no responses' }),
  })
}

/** Throws unless the bucket can be listed, and asks if it is not empty. */
async function requireUsableBucket(bucket: Bucket, { confirm, setting }: AuditOptions): Promise<void> {
  const listed = await bucket.list('')
  // some servers create a bucket with its first object
  if (listed.status === 404) return
  if (listed.status !== 200) rejectControl('to list the bucket', listed)
  if (!/<(?:\w+:)?ListBucketResult\b/.test(listed.body))
    throw new AuditError(
      'the server does not return a list of objects. Check the bucket, and whether the host names the bucket.',
    )
  if (keysIn(listed.body).length > 0) await confirm(`The bucket ${setting.bucket} is not empty.`)
}

function rejectControl(what: string, { status, code, problem }: Result): never {
  const got = problem ?? `status ${status}${code ? ` ${code}` : ''}`
  if (status >= 300 && status < 400)
    throw new AuditError(
      `the server redirects a valid request ${what}: ${got}. Redirects are not followed. Pass the URL and the region of the bucket.`,
    )
  throw new AuditError(
    `the server rejects a valid request ${what}: ${got}. Check the credentials, the bucket, the region, and whether the host names the bucket.`,
  )
}

/** The folder of all tests that only read. */
const READ = 'read/'

/** Sends tests, and keeps what the server responded. */
class Run {
  isSilent = false
  readonly #client: Client
  readonly #bucket: Bucket
  readonly #setting: Setting
  readonly #replies: Map<string, Sent>
  readonly #effects = new Map<string, boolean>()
  readonly #cases: ReadonlyMap<string, Case>
  /** Objects that are stored, or are being stored. */
  readonly #stored = new Map<string, Promise<unknown>>()

  constructor(client: Client, bucket: Bucket, setting: Setting, replies: Map<string, Sent>, cases: readonly Case[]) {
    this.#client = client
    this.#bucket = bucket
    this.#setting = setting
    this.#replies = replies
    this.#cases = new Map(cases.map((each) => [each.test.id, each]))
  }

  async send({ test, group }: Case): Promise<void> {
    const setting = settingOf(test, this.#setting)
    const { prefix } = setting
    await this.#store(test, group, prefix)
    const keys = keysOf(test).map((key) => prefix + key)
    this.#bucket.allow(keys)
    const reply = await this.#client.send(test, setting)
    // without a response, it may have been stored
    if (reply.status < 300) this.#bucket.add(keys)
    const { status, code, problem, request } = reply
    this.#replies.set(test.id, { status, code, problem, request })
    const { proof } = test
    if (test.result === 'invalid' && proof && isAccepted(group.profile, { ...reply, sibling: undefined }))
      this.#effects.set(test.id, isProven(proof, group.objects, await this.#bucket.get(prefix + proof.get)))
    if (this.#client.silent >= MAX_SILENT) await this.#check(group)
  }

  /** Stores the objects that a test needs. Tests that only read share them. */
  async #store(test: UnfilledTest, { objects }: Case['group'], prefix: string): Promise<void> {
    const text = JSON.stringify([test.sign, test.send, test.proof]).replace(/%2e/gi, '.')
    for (const { key, body } of objects) {
      if (!text.includes(key)) continue
      if (!this.#stored.has(prefix + key)) this.#stored.set(prefix + key, this.#bucket.put(prefix + key, body))
      await this.#stored.get(prefix + key)
    }
  }

  /** Finds out whether the server still responds to valid requests. */
  async #check(group: Case['group']): Promise<void> {
    this.#client.silent = 0
    const reply =
      group.profile === 'service'
        ? await this.#client.readClock(this.#setting.host)
        : await this.#bucket.list(this.#setting.prefix)
    if (reply.problem || reply.isLate) this.isSilent = true
  }

  #verdictOf({ test, group: { profile } }: Case): Verdict {
    const reply = this.#replies.get(test.id)
    const sibling = test.of === undefined ? undefined : this.#replies.get(test.of)
    const isKnown = reply !== undefined && (test.of === undefined || sibling !== undefined)
    return isKnown ? judge(test, profile, { status: reply.status, sibling: sibling?.status }) : 'untested'
  }

  /** Returns whether the fault of an accepted test took effect; nothing if that is not known. */
  #effectOf(test: UnfilledTest): boolean | undefined {
    const proving = this.#cases.get(test.provedBy ?? '')
    const verdict = proving && this.#verdictOf(proving)
    return verdict === 'accepted' ? true : verdict === 'right' ? false : this.#effects.get(test.id)
  }

  outcomeOf(each: Case): Outcome {
    const { test, note } = each
    const verdict = this.#verdictOf(each)
    const hasEffect = verdict === 'accepted' ? this.#effectOf(test) : undefined
    const { status = 0, code, problem, request = '' } = this.#replies.get(test.id) ?? {}
    const severity = severityOf(verdict, note, hasEffect)
    return { test, note, verdict, severity, status, code, problem, request, hasEffect }
  }
}

/** Returns the setting of a test: those that write have a folder of their own. */
export function settingOf({ id, send = '' }: UnfilledTest, setting: Setting): Setting {
  const folder = /^(?:GET|HEAD) /.test(send) ? READ : `${id.replaceAll('/', '-')}/`
  return { ...setting, prefix: setting.prefix + folder }
}

/** Returns the keys, percent-encoded and after the prefix, that a test writes if a server accepts it. */
function keysOf({ sign, send = '' }: UnfilledTest): string[] {
  if (/^(?:GET|HEAD) /.test(send)) return []
  const [, path = ''] = /^\w+ \{\{path\}\}\/\{\{prefix\}\}([^? ]*)/.exec(send) ?? []
  const decoded = path.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  const body = sign.find((step) => step.name === 'body')
  const form = body && 'text' in body ? body.text : ''
  const [, filename = ''] = /; filename="([^"]*)"/.exec(form) ?? []
  const fields = [...form.matchAll(/; name="key"\r\n\r\n\{\{prefix\}\}(.*?)\r\n/gi)].map(([, key = '']) => key)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable, which not every server replaces
  const replaced = fields.map((key) => key.replace('${filename}', filename))
  // S3 reads a plus sign as a space
  return [...new Set([decoded, decoded.replaceAll('+', ' '), ...fields, ...replaced])]
    .filter((key) => key !== '')
    .map(encodeKey)
}

/** Returns a request as it would be sent now. */
export function requestNow(test: UnfilledTest, setting: Setting): string {
  return fill(test, test.send!, settingOf(test, setting), Date.now() / 1000, NODE_HASHES)
}

/** A request of the suite, and what is signed of it: strings without secrets. */
export interface Example {
  readonly request: string
  readonly signed: readonly { readonly name: string; readonly text: string }[]
}

/** Returns a test with the keys and the time of the suite. */
export function exampleOf({ test: { sign, send }, group: { setting } }: Case): Example {
  const now = Date.parse(setting.now) / 1000
  const filled = (steps: readonly Step[], text: string): string =>
    fill({ sign: steps }, text, setting, now, NODE_HASHES)
  const signed = sign.map((step, i) => {
    const { name, ...content } = step
    const text = Object.entries(content).find(([member]) => member !== 'key')!
    return { name, text: filled(sign.slice(0, i), String(text[1])) }
  })
  return { request: filled(sign, send!), signed }
}
