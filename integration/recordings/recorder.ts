import { setTimeout as sleep } from 'node:timers/promises'
import type { Produced, Scene, SentRequest } from '../../packages/sigv4-tools/test/support/explain/generator/signing.ts'
import { produce } from '../../packages/sigv4-tools/test/support/explain/generator/signing.ts'
import type {
  RecordedCase,
  RecordedRequest,
  ServerName,
} from '../../packages/sigv4-tools/test/support/explain/recorded.ts'
import type { RunningServer } from '../servers/server.ts'
import { type Answer, NoAnswer, sendRaw } from './wire.ts'

/** What a case is called, and what is wrong with it. */
export type About = Pick<RecordedCase, 'id' | 'cause' | 'alternatives' | 'because' | 'lost' | 'location'>

/** Headers that do not depend on the request: they would make the files a tenth larger. */
export const NOT_KEPT =
  /^(?:connection|x-amz-id-2|x-amz-request-id|x-localstack|x-trans-id|x-openstack-request-id|x-ratelimit-.*|x-xss-protection|x-content-type-options|strict-transport-security|accept-ranges|etag|last-modified|content-length|vary|access-control-.*|location)$/i

export const TOKEN = 'IQoJb3JpZ2luX2VjEJr//+EXAMPLE+TOKEN/with+all/kinds=of=characters=='

const BUCKET = 'recorded'

export interface Recorder {
  cases: RecordedCase[]
  /** Stores an object, if the server takes such a key; without a key it makes the bucket. */
  put(key?: string): Promise<void>
  /** Sends one request and keeps nothing. */
  send(make: (scene: Scene) => Produced): Promise<Answer>
  /** Sends one request and keeps what comes back, last among the cases; nothing if there is no such request. */
  record(about: About, token: boolean, make: (scene: Scene) => Produced | undefined): Promise<RecordedCase | undefined>
}

export function recorderFor(server: ServerName, running: RunningServer): Recorder {
  const port = Number(new URL(running.endpoint).port)
  const cases: RecordedCase[] = []
  const scene = (): Scene => ({
    host: new URL(running.endpoint).host,
    virtualHost: new URL(running.virtualHostEndpoint).host,
    bucket: BUCKET,
    region: running.region,
    credentials: { ...running.credentials, sessionToken: TOKEN },
    now: Date.now(),
  })
  const notStored = new Set<string>()
  return {
    cases,
    send: (make) => sendRaw(port, make(scene()).request),
    async put(key) {
      if (key !== undefined && notStored.has(key)) return
      const base = { name: '', method: 'PUT', ...(key === undefined ? {} : { key, body: `content of ${key}` }) }
      const store = () => sendRaw(port, produce(scene(), base, 'header').request)
      let { status, body } = await store()
      // the storage of a server may come up after the server itself
      for (let attempt = 0; status === 503 && attempt < 20; attempt++) {
        await sleep(500)
        ;({ status, body } = await store())
      }
      if (status < 300) return
      if (key === undefined) throw new Error(`${server} makes no bucket: ${status} ${body}`)
      notStored.add(key)
    },
    async record(about, token, make) {
      const here = scene()
      const produced = make(here)
      if (!produced) return undefined
      const answer = await sendRaw(port, produced.request).catch((error: unknown) => {
        if (!(error instanceof NoAnswer)) throw error
        console.error(`NOT RECORDED: ${about.id} (${error.message})`)
      })
      if (!answer) return undefined
      const recorded: RecordedCase = {
        ...about,
        server,
        refused: !isTaken(answer),
        request: written(produced.request),
        signed: produced.signed,
        response: answered(answer),
        credentials: token ? 'with token' : 'right',
        now: here.now,
      }
      cases.push(recorded)
      return recorded
    },
  }
}

function written({ method, target, headers, body }: SentRequest): RecordedRequest {
  if (body.length === 0) return { method, target, headers }
  const text = body.toString('utf8')
  if (Buffer.from(text).equals(body)) return { method, target, headers, body: text }
  return { method, target, headers, body: body.toString('base64'), bodyEncoding: 'base64' }
}

/** 303 is where a form sends the browser that has uploaded a file. */
export const isTaken = ({ status }: Pick<Answer, 'status'>): boolean => status < 300 || status === 303

/** Ids are random and long. */
export const cut = (document: string): string => document.replace(/<(RequestId|HostId)>([^<]{8})[^<]*/g, '<$1>$2')

function answered({ status, headers, body }: Answer): RecordedCase['response'] {
  const kept = headers.filter(([name]) => !NOT_KEPT.test(name))
  // what an accepted request brings back explains nothing
  return { status, headers: kept, body: isTaken({ status }) ? '' : cut(body.toString('utf8')) }
}
