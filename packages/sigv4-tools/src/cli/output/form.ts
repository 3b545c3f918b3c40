import { escapeXml } from '../../../../../src/internal/xml.ts'
import { UNPRINTABLE } from '../../redaction/unprintable.ts'

/** A field that the policy requires, and whose value the sender chooses. */
export interface OpenField {
  readonly name: string
  /** The required start of its value. */
  readonly startsWith: string
}

/** Formats a form that uploads a file: the signed fields, those that the sender fills in, and the file last. */
export function htmlForm(url: string, fields: Readonly<Record<string, string>>, open: readonly OpenField[]): string {
  const type = fields['Content-Type'] ?? open.find(({ name }) => name === 'Content-Type')?.startsWith
  const accept = type === undefined ? '' : attribute('accept', type.replace(/\/$/, '/*'))
  return [
    `<form${attribute('action', url)} method="post" enctype="multipart/form-data" accept-charset="utf-8">`,
    ...Object.entries(fields).map(
      ([name, value]) => `  <input type="hidden"${attribute('name', name)}${attribute('value', value)}>`,
    ),
    ...open.map(
      ({ name, startsWith }) =>
        `  <label>${escapeXml(name)} <input${attribute('name', name)}${attribute('value', startsWith)}${attribute('pattern', `${escapePattern(startsWith)}.+`)} required></label>`,
    ),
    `  <label>File <input type="file" name="file"${accept} required></label>`,
    '  <button>Upload</button>',
    '</form>',
  ].join('\n')
}

/** Formats an attribute. An output would escape an unprintable character for terminals, which changes the value. */
function attribute(name: string, value: string): string {
  const escaped = escapeXml(value).replace(UNPRINTABLE, (character) => `&#${character.codePointAt(0)};`)
  return ` ${name}="${escaped}"`
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
