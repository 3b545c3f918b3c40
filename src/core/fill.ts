import { isA, isObject } from './body.ts'
import { fail } from './errors.ts'
import { parsePolicy } from './policy.ts'

/** What a form is filled with: a `File` or `Blob`, text, bytes, or the `{ uri, name, type }` of React Native. */
export type PostFile =
  | { readonly size: number; readonly type: string; slice(start?: number, end?: number): unknown }
  | string
  | ArrayBuffer
  | ArrayBufferView
  | { readonly uri: string; readonly name?: string; readonly type?: string }

/** Options of `toFormData`. */
export interface ToFormDataOptions {
  /** Name of the file, which S3 puts in place of `${filename}`. @default that of the `File`, else `'file'` */
  readonly filename?: string | undefined
  /** Fields to replace or to add, such as a `key` behind the prefix that the policy allows. @default none */
  readonly fields?: Readonly<Record<string, string | number | undefined>> | undefined
}

/** The `FormData` of wherever this runs. */
export type FormOf = typeof globalThis extends { FormData: { prototype: infer Form } } ? Form : unknown

/** What is used of the `FormData` and the `Blob` of wherever this runs. */
interface Appendable {
  append(name: string, value: never, filename?: string): void
}
type FormDataClass = new () => Appendable
type BlobClass = new (parts: never[]) => unknown

/** Fills a form: the fields in their order, the content type of the file where the policy wants one, the file last. */
export function fillForm(
  post: { readonly fields: Readonly<Record<string, string>> },
  file: PostFile,
  options: ToFormDataOptions | undefined,
  FormData: FormDataClass | undefined,
  Blob: BlobClass | undefined,
): FormOf {
  if (!FormData || !Blob)
    fail(
      'ERR_SIGV4_REQUEST_UNSENDABLE',
      'FormData or Blob is not there: send post.fields in their order, and the file last',
    )
  const { name, type } = (file ?? {}) as { name?: string; type?: string }
  const isContent = typeof file === 'string' || ArrayBuffer.isView(file) || isA(file, 'ArrayBuffer')
  const isNative = typeof (file as { uri?: unknown } | null)?.uri === 'string'
  if (!isContent && !isNative && !isA(file, 'Blob') && !isA(file, 'File'))
    fail('ERR_INVALID_ARG_TYPE', 'file must be a File, a Blob, text or bytes')
  const form = new FormData()
  const append = form.append.bind(form) as (name: string, value: unknown, filename?: string) => void
  for (const [name, value] of filledFields(post, options?.fields, type || 'application/octet-stream'))
    append(name, value)
  const filename = options?.filename ?? name ?? 'file'
  if (isNative) append('file', { ...(file as object), name: filename })
  else append('file', isContent ? new Blob([file as never]) : file, filename)
  return form as FormOf
}

/** The fields of a form, those of the sender among them, and the content type if the policy wants one. */
function filledFields(
  post: { readonly fields: Readonly<Record<string, string>> },
  own: ToFormDataOptions['fields'] = {},
  type: string,
): Iterable<readonly [name: string, value: string]> {
  if (!isObject(post?.fields)) fail('ERR_INVALID_ARG_TYPE', 'post must be what presignPost gave: { url, fields }')
  const fields = new Map<string, readonly [name: string, value: string]>()
  for (const [name, value] of Object.entries(post.fields)) fields.set(name.toLowerCase(), [name, value])
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue
    const field = name.toLowerCase()
    if (field === 'file') fail('ERR_INVALID_ARG_VALUE', 'options.fields.file must be left out: pass the file as such')
    const [known] = fields.get(field) ?? [name]
    fields.set(field, [known, String(value)])
  }
  if (!fields.has('content-type') && wantsType(fields.get('policy')?.[1]))
    fields.set('content-type', ['Content-Type', type])
  return fields.values()
}

function wantsType(policy: string | undefined): boolean {
  const parsed = parsePolicy(policy)
  return (
    'conditions' in parsed &&
    parsed.conditions.some((condition) => 'name' in condition && condition.name.toLowerCase() === 'content-type')
  )
}
