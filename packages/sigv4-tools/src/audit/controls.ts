import { REQUESTS } from '../../../../suite/generator/model/builder.ts'
import { addHeader, cloneDraft, type Draft, headerDraft, queryDraft } from '../../../../suite/generator/model/draft.ts'
import type { Texts } from '../../../../suite/generator/model/parts.ts'

/** Valid requests with which the audit prepares its tests, reads what they did, and deletes what is left; and wrong ones. */
export interface Controls {
  readonly put: Texts
  readonly get: Texts
  readonly remove: Texts
  readonly list: Texts
  /** The same read, signed with a wrong key in the header and in the query: some servers verify only one of them. */
  readonly wrong: readonly Texts[]
}

/** Values of the controls, in addition to those of a setting. */
export interface ControlValues {
  /** Percent-encoded. */
  readonly key?: string
  readonly content?: string
  /** Start of the keys to list. */
  readonly start?: string
}

const PATH = '{{path}}/{{key}}'

export function createControls(hasToken: boolean): Controls {
  const signed = (method: string, path: string, body?: string): Draft => {
    const draft = headerDraft(method, path, body)
    if (hasToken) addHeader(draft, 'X-Amz-Security-Token', '{{sessionToken}}')
    return draft
  }
  const write = (draft: Draft, sent = draft): Texts => REQUESTS.write(draft, sent)
  const get = signed('GET', PATH)
  const list = signed('GET', '{{path}}/')
  list.query = [
    ['list-type', '2'],
    ['max-keys', '1000'],
    ['prefix', '{{uri start}}'],
  ]
  const presigned = queryDraft('GET', PATH)
  if (hasToken) presigned.query.push(['X-Amz-Security-Token', '{{uri sessionToken}}'])
  const writeWrong = (draft: Draft): Texts => {
    const wrong = cloneDraft(draft)
    wrong.key = draft.key.map((part, i) => (i === 0 ? `${part}wrong` : part))
    return write(wrong, draft)
  }
  return {
    put: write(signed('PUT', PATH, '{{content}}')),
    get: write(get),
    remove: write(signed('DELETE', PATH)),
    list: write(list),
    wrong: [writeWrong(get), writeWrong(presigned)],
  }
}
