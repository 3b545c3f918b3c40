import { fail } from '../../core/errors.ts'
import { hasTag, isObject } from '../../core/kind.ts'
import { checkMembers, members } from '../../core/members.ts'
import { parsePolicy } from './policy.ts'

const OPTIONS = /* @__PURE__ */ members('filename fields')

/** The file to upload: a `File`, a `Blob`, a string, bytes, or React Native's `{ uri, name, type }`. */
export type PostFile =
  | { readonly size: number; readonly type: string; slice(start?: number, end?: number): unknown }
  | string
  | ArrayBuffer
  | ArrayBufferView
  | { readonly uri: string; readonly name?: string; readonly type?: string }

/** Options of `toFormData`. */
export interface ToFormDataOptions {
  /** Name of the file, which S3 substitutes for `${filename}`. @default the name of the `File`, otherwise `'file'` */
  readonly filename?: string | undefined
  /** Fields to replace or add, such as a `key` that starts with the policy's prefix. @default none */
  readonly fields?: Readonly<Record<string, string | number | undefined>> | undefined
}

/** The runtime's `FormData`. */
export type WebFormData = typeof globalThis extends { FormData: { prototype: infer Form } } ? Form : unknown

/** The methods used of the runtime's `FormData`. */
interface Appendable {
  append(name: string, value: never, filename?: string): void
}
type FormDataClass = new () => Appendable
type BlobClass = new (parts: never[]) => unknown

/** Fills in a form: its fields in order, the content type of the file if the policy requires one, the file last. */
export function fillForm(
  post: { readonly fields: Readonly<Record<string, string>> },
  file: PostFile,
  options: ToFormDataOptions,
  FormData: FormDataClass | undefined,
  Blob: BlobClass | undefined,
): WebFormData {
  if (!FormData || !Blob)
    fail('ERR_SIGV4_REQUEST_UNSENDABLE', 'FormData or Blob', 'missing', 'Send post.fields in order, and the file last.')
  const { name, type } = (file ?? {}) as { name?: string; type?: string }
  const isContent = typeof file === 'string' || ArrayBuffer.isView(file) || hasTag(file, 'ArrayBuffer')
  const isNative = typeof (file as { uri?: unknown } | null)?.uri === 'string'
  if (!isContent && !isNative && !hasTag(file, 'Blob') && !hasTag(file, 'File'))
    fail('ERR_INVALID_ARG_TYPE', 'file', 'type', 'Pass a File, a Blob, a string or bytes.')
  checkMembers('options', options, OPTIONS)
  const form = new FormData()
  const append = form.append.bind(form) as (name: string, value: unknown, filename?: string) => void
  for (const [name, value] of filledFields(post, options.fields, type || 'application/octet-stream'))
    append(name, value)
  const filename = options.filename ?? name ?? 'file'
  if (isNative) append('file', { ...(file as object), name: filename })
  else append('file', isContent ? new Blob([file as never]) : file, filename)
  return form as WebFormData
}

/** Returns a form's fields, including the sender's, and the content type if the policy requires one. */
function filledFields(
  post: { readonly fields: Readonly<Record<string, string>> },
  senderFields: ToFormDataOptions['fields'] = {},
  type: string,
): Iterable<readonly [name: string, value: string]> {
  if (!isObject(post?.fields)) fail('ERR_INVALID_ARG_TYPE', 'post', 'type', 'Pass the result of presignPost.')
  const fields = new Map<string, readonly [name: string, value: string]>()
  for (const [name, value] of Object.entries(post.fields)) fields.set(name.toLowerCase(), [name, value])
  for (const [name, value] of Object.entries(senderFields)) {
    if (value === undefined) continue
    const field = name.toLowerCase()
    if (field === 'file')
      fail('ERR_INVALID_ARG_VALUE', 'options.fields.file', 'unusable', 'Pass the file as an argument.')
    const [known] = fields.get(field) ?? [name]
    fields.set(field, [known, String(value)])
  }
  if (!fields.has('content-type') && requiresContentType(fields.get('policy')?.[1]))
    fields.set('content-type', ['Content-Type', type])
  return fields.values()
}

function requiresContentType(policy: string | undefined): boolean {
  const parsed = parsePolicy(policy)
  return (
    'conditions' in parsed &&
    parsed.conditions.some((condition) => 'name' in condition && condition.name.toLowerCase() === 'content-type')
  )
}
