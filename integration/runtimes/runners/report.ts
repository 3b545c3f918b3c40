/** Formats a line of ASCII, which the launcher finds in the output of an engine. */
export function report(result: unknown): string {
  const json = JSON.stringify(result).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${(0x10000 + character.charCodeAt(0)).toString(16).slice(1)}`,
  )
  return `RESULT ${json} END`
}
