/** Writes an error as S3 does, with the elements whose values are known. */
export function writeXml(elements: Iterable<readonly [name: string, value: string | undefined]>): string {
  let content = ''
  for (const [name, value] of elements)
    if (value !== undefined)
      content += `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`
  return `<Error>${content}</Error>`
}
