const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Returns the character of a reference, by the name between `&` and `;`; `undefined` for an unknown one. */
export function dereference(name: string): string | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]
  const [, decimal, hex] = /^#(?:(\d+)|x([\da-f]+))$/i.exec(name) ?? []
  const point = Number(hex ? `0x${hex}` : decimal)
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined
}

/** Decodes the text of an element; unknown references are unchanged. */
export function unescapeXml(text: string): string {
  return text.replace(/&(#\d+|#x[\da-f]+|\w+);/gi, (match, name: string) => dereference(name) ?? match)
}

/** Escapes the markup in a string for an element. */
export function escapeXml(text: string, format = reference): string {
  return text.replace(/[&<>"\r]/g, format)
}

/** Returns the reference of a character as S3 writes it, by name if it has one. */
export function namedReference(character: string): string {
  const name = Object.keys(NAMED).find((name) => NAMED[name] === character)
  return name === undefined ? reference(character) : `&${name};`
}

export function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`
}

/** The start of a document. */
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

/** The XML namespace that S3 uses. */
export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** Formats an element around its content, which is escaped, or consists of other elements. */
export function wrap(name: string, ...inner: readonly string[]): string {
  return `<${name}>${inner.join('')}</${name}>`
}

/** Returns the text of the first element with that name and no child elements. */
export function element(content: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}(?:\\s[^<>]*)?>([^<]*)</${name}>`).exec(content) ?? []
  return text === undefined ? undefined : unescapeXml(text)
}
