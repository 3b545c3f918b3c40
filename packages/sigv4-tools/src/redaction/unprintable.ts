/**
 * Characters that terminals interpret or hide: controls, format characters, line separators, lone surrogates. Written
 * out because not every engine supports `\p{Cf}`.
 */
export const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  /[\0-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/gu

/** Returns a visible form of an unprintable character: `\x1b` or `\u{202e}`. */
export function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!.toString(16).padStart(2, '0')
  return code.length > 2 ? `\\u{${code}}` : `\\x${code}`
}

/** Escapes the unprintable characters in a string. */
export function printable(string: string): string {
  return string.replace(UNPRINTABLE, escapeCharacter)
}
