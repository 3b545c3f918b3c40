import type { Hashes } from '../../format/fill.ts'
import { type Edit, Rows } from '../model/builder.ts'
import { addHeader, headerDraft, queryDraft, setPair } from '../model/draft.ts'
import { audio, newStream, type Stream, streams } from '../model/events.ts'
import { TRANSCRIBE } from '../model/setting.ts'
import { by, EVENTS_PAGE } from '../model/sources.ts'
import { keyWith } from './common.ts'

const EVENTS = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'
const SIGNATURE = by(EVENTS_PAGE, { status: 403, code: 'InvalidSignatureException', source: '' })

export function events(hashes: Hashes): Rows<Stream> {
  const rows = new Rows<Stream>('events', 'events', TRANSCRIBE, [], streams(TRANSCRIBE, hashes))
  const live = { live: false } as const
  const header = headerDraft('POST', '{{path}}/stream-transcription')
  header.before = []
  header.payload = EVENTS
  header.isService = true
  setPair(header.headers, 'X-Amz-Content-Sha256', EVENTS)
  addHeader(header, 'Content-Type', 'application/vnd.amazon.eventstream')
  rows.base('EventStream', 'events/stream', 'Two events and the signed end', newStream(header), live)
  rows.base(
    'EventStream',
    'events/end',
    'Only the signed end',
    { ...newStream(header), bodies: [''], times: [1], order: [0] },
    live,
  )
  const url = queryDraft('GET', '{{path}}/stream-transcription-websocket')
  url.before = [{ name: 'body', text: '' }]
  url.payload = '{{sha256 body}}'
  url.isService = true
  rows.base('EventStream', 'events/presigned', 'A stream that follows a presigned request', newStream(url), live)
  const no = (
    id: string,
    what: string,
    comment: string,
    edit: Edit<Stream>,
    signature: 'match' | 'mismatch' = 'match',
  ) =>
    rows.no('EventStream', `events/${id}`, 'events/stream', what, comment, SIGNATURE, edit, { live: false, signature })
  no('swapped', 'event', 'Two events are swapped', (sent) => {
    sent.order = [1, 0, 2]
  })
  no('dropped', 'event', 'The first event is dropped', (sent) => {
    sent.order = [1, 2]
  })
  no('repeated', 'event', 'The first event is sent twice', (sent) => {
    sent.order = [0, 0, 1, 2]
  })
  no('no-end', 'event', 'The signed end is missing', (sent) => {
    sent.order = [0, 1]
  })
  no('after-end', 'event', 'An event follows the signed end', (sent) => {
    sent.order = [0, 1, 2, 0]
  })
  no('changed', 'event', 'The content of an event is changed', (sent) => {
    sent.changes.set(0, { body: audio('other') })
  })
  no('date', 'event', 'The date of an event is changed', (sent) => {
    sent.changes.set(0, { time: 9 })
  })
  no('wrong-digit', 'event', 'The last digit of the signature of an event is a different one', (sent) => {
    sent.changes.set(1, { signature: 'flip' })
  })
  no('short', 'event', 'The signature of an event is too short', (sent) => {
    sent.changes.set(1, { signature: 'short' })
  })
  no('added-header', 'event', 'A header is added to an event, which its signature does not cover', (sent) => {
    sent.changes.set(0, { header: true })
  })
  no('cut', 'event', 'The stream ends within an event', (sent) => {
    sent.cut = 3
  })
  no('wrong-secret', 'secret', 'The events are signed with a different secret access key', (_, signed) => {
    signed.key = keyWith(0, 'AWS4wJalrXUtnFEMI/bPxRfiCYWRONGSECRETKEY')
  })
  return rows
}
