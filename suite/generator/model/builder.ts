import { fill, type Hashes, KEY } from '../../format/fill.ts'
import type {
  Change,
  Group,
  Profile,
  Proof,
  Result,
  ServiceResponse,
  Setting,
  SignatureState,
  StoredObject,
  Test,
  Texts,
} from '../../format/format.ts'
import { canonical, cloneDraft, type Draft, request, steps } from './draft.ts'
import { differingParts } from './parts.ts'

/** Everything about a case that most cases do not need. */
export interface More {
  readonly signature?: SignatureState
  readonly needs?: readonly string[]
  readonly live?: false
  readonly layer?: 'storage'
  readonly proof?: Proof
  readonly provedBy?: string
  readonly aws?: ServiceResponse
}

/** A row of the suite: a case and how it is written. */
interface Row<Model> {
  readonly id: string
  readonly of?: string
  readonly flag: string
  readonly what?: string
  readonly comment: string
  readonly result: Result
  readonly more: More
  readonly sent: Model
  readonly signed: Model
}

/** How a model of a request becomes strings with holes. */
export interface Writer<Model> {
  clone(model: Model): Model
  write(signed: Model, sent: Model): Texts & { readonly http?: string }
  state(signed: Model, sent: Model): SignatureState
}

/** Changes what is sent, and what is signed. */
export type Edit<Model> = (sent: Model, signed: Model) => void

/** Applies an edit to what is sent and to what is signed. */
export function both<Model>(edit: (model: Model) => void): Edit<Model> {
  return (sent, signed) => {
    edit(sent)
    edit(signed)
  }
}

/** Collects the rows of a group. */
export class Rows<Model = Draft> {
  readonly #rows = new Map<string, Row<Model>>()
  readonly id: string
  readonly profile: Profile
  readonly setting: Setting
  readonly objects: readonly StoredObject[]
  readonly #writer: Writer<Model>

  constructor(id: string, profile: Profile, setting: Setting, objects: readonly StoredObject[], writer: Writer<Model>) {
    this.id = id
    this.profile = profile
    this.setting = setting
    this.objects = objects
    this.#writer = writer
  }

  /** Adds a valid case with its own request. */
  base(flag: string, id: string, comment: string, model: Model, more: More = {}): void {
    this.#add({ id, flag, comment, result: 'valid', more, sent: model, signed: this.#writer.clone(model) })
  }

  /** Adds a case that must be accepted. */
  ok(flag: string, id: string, of: string, what: string, comment: string, edit: Edit<Model>, more: More = {}): void {
    this.#derive('valid', flag, id, of, what, comment, edit, more)
  }

  /** Adds a case that must be rejected. */
  no(
    flag: string,
    id: string,
    of: string,
    what: string,
    comment: string,
    aws: ServiceResponse,
    edit: Edit<Model>,
    more: More = {},
  ): void {
    this.#derive('invalid', flag, id, of, what, comment, edit, { aws, ...more })
  }

  /** Adds a case that implementations may accept or reject. */
  maybe(flag: string, id: string, of: string, what: string, comment: string, edit: Edit<Model>, more: More = {}): void {
    this.#derive('acceptable', flag, id, of, what, comment, edit, more)
  }

  #derive(
    result: Result,
    flag: string,
    id: string,
    of: string,
    what: string,
    comment: string,
    edit: Edit<Model>,
    more: More,
  ): void {
    const sibling = this.#rows.get(of)
    if (!sibling) throw new Error(`${id}: ${of} is not an earlier case of the group`)
    const sent = this.#writer.clone(sibling.sent)
    const signed = this.#writer.clone(sibling.signed)
    edit(sent, signed)
    const { needs } = sibling.more
    this.#add({ id, of, flag, what, comment, result, more: { ...(needs && { needs }), ...more }, sent, signed })
  }

  #add(row: Row<Model>): void {
    if (this.#rows.has(row.id)) throw new Error(`${row.id} occurs twice`)
    this.#rows.set(row.id, row)
  }

  build(hashes: Hashes): Group {
    const { id, profile, setting, objects } = this
    const now = Date.parse(setting.now) / 1000
    const tests = [...this.#rows.values()].map((row): Test => {
      const { sign, send, http } = this.#writer.write(row.signed, row.sent)
      const sibling = row.of === undefined ? undefined : this.#rows.get(row.of)!
      const {
        signature = this.#writer.state(row.signed, row.sent),
        aws,
        needs,
        live,
        layer,
        proof,
        provedBy,
      } = row.more
      return {
        id: row.id,
        ...(row.of !== undefined && { of: row.of }),
        comment: row.comment,
        flags: [row.flag],
        result: row.result,
        signature,
        ...(sibling && { change: this.#change(row, sibling) }),
        ...(aws && { aws }),
        ...(needs && { needs }),
        ...(live === false && { live }),
        ...(layer && { layer }),
        sign,
        ...(send !== undefined && { send }),
        http: http ?? fill({ sign }, send!, setting, now, hashes),
        ...(proof && { proof }),
        ...(provedBy !== undefined && { provedBy }),
      }
    })
    return { id, profile, setting, objects, tests }
  }

  #change(row: Row<Model>, sibling: Row<Model>): Change {
    const written = this.#writer.write(row.signed, row.sent)
    const other = this.#writer.write(sibling.signed, sibling.sent)
    const parts = differingParts(written, other)
    // what is sent follows from what is signed, otherwise
    const isOtherBody = parts.length === 0 && written.http !== other.http
    return { what: row.what!, parts: isOtherBody ? ['body'] : parts }
  }
}

/** Writes requests with a canonical request. */
export const REQUESTS: Writer<Draft> = {
  clone: cloneDraft,
  write: (signed, sent) => ({ sign: steps({ ...signed, after: sent.after }), send: request(sent) }),
  state(signed, sent) {
    if (sent.place === 'none' || sent.algorithm !== 'AWS4-HMAC-SHA256' || sent.authorization !== undefined)
      return 'none'
    const isSame =
      canonical(sent) === canonical(signed) &&
      sent.scope === signed.scope &&
      sent.time === signed.time &&
      signed.algorithm === sent.algorithm &&
      sent.offset === signed.offset &&
      signed.key.join('\n') === KEY.join('\n') &&
      sent.signature === '{{signature}}'
    return isSame ? 'match' : 'mismatch'
  },
}
