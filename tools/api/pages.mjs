import { format } from 'prettier'
import { ReflectionKind } from 'typedoc'

// The text of the pages, from what TypeDoc's Markdown plugin writes.

export const README = 'README'

/** A page as it is committed. */
export async function pageOf(text, { specifier }) {
  const page = text
    .replace(/^# .*\n/, `# ${specifier}\n`)
    .replace(/\n## References\n.*$/s, (references) => alsoExported(references))
    .replace(/<a id="[^"]+"><\/a> /g, '')
    .replace(/\*\*Default\*\* /g, 'Default: ')
    .replace(/^(\|.*\| )\\\| /gm, '$1')
    .replace(/ +$/gm, '')
    .replace(/^```.*?^```|`(ERR_[A-Z\d_]+)`/gms, (match, code) => (code ? errorLink(code) : match))
  return `${(await withFormattedCode(page)).trim()}\n`
}

/** Formats the signatures and types of a page as the sources are formatted. */
async function withFormattedCode(text) {
  const [prose, ...blocks] = text.split(/^```ts\n/m)
  const formatted = blocks.map(async (block) => {
    const end = block.indexOf('\n```')
    return `\`\`\`ts\n${await formatCode(block.slice(0, end))}${block.slice(end)}`
  })
  return [prose, ...(await Promise.all(formatted))].join('')
}

/** Formats a signature or a type; those of constructors and methods have no keyword that makes them a statement. */
async function formatCode(code) {
  if (/^(?:import|\[)/.test(code)) return code
  const [keyword] = /^(?:type|const|function)\b|^(?:protected |new )+(?=\w)|^/.exec(code)
  const statement = /^(?:type|const|function)$/.test(keyword) ? code : `function ${code.slice(keyword.length)}`
  const options = { parser: 'typescript', printWidth: 100, semi: false, singleQuote: true, trailingComma: 'none' }
  const formatted = (await format(statement, options)).trimEnd()
  return statement === code ? formatted : formatted.replace('function ', keyword)
}

/** A page with links to the anchors that GitHub creates for headings; TypeDoc's are numbered differently. */
export function withAnchors(page, text, pages) {
  return text.replace(/\[(`?)([\w$]+)\1\]\(([\w.]*)#[\w-]+\)/g, (_, tick, name, target) => {
    const anchor = anchors(pages.get(target || page)).get(name)
    if (!anchor) throw new Error(`${page} has a link to ${target}, which has no heading ${name}`)
    return `[${tick}${name}${tick}](${target}#${anchor})`
  })
}

/** The anchor of each heading that names an export. */
function anchors(text) {
  const [counts, found] = [new Map(), new Map()]
  for (const [, level, title] of text.matchAll(/^(#+) (.*)$/gm)) {
    const slug = title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-')
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    if (level === '###') found.set(title.replace(/^`abstract` |\(\)$/g, ''), count ? `${slug}-${count}` : slug)
  }
  return found
}

/** One sentence in place of a section for each name that a different page documents. */
function alsoExported(references) {
  const links = [...references.matchAll(/Re-exports (\[[^\]]+\]\([^)]+\))/g)].map(([, link]) =>
    link.replace(/\[(.+)\]/, '[`$1`]'),
  )
  return `\n## Also exported\n\n${links.join(', ')}.\n`
}

function errorLink(code) {
  return `[\`${code}\`](../errors.md#${code.toLowerCase()})`
}

/** The index of the pages. */
export function readmeOf(entries, modules) {
  const rows = entries.map(({ name, specifier, page }) => {
    const { comment, children } = modules.find((module) => module.name === name)
    const summary = comment.summary.map((part) => part.text).join('')
    const names = children.filter(({ kind }) => kind === ReflectionKind.Function).map((child) => child.name)
    return `| [\`${specifier}\`](${page}) | ${summary.split('\n\n')[0].replaceAll('\n', ' ')} | ${names.map((name) => `[\`${name}\`](${page}#${name.toLowerCase()})`).join(', ')} |`
  })
  return `# API reference

The documentation of every export, written from the comments of the sources by \`npm run docs\`. Errors have [their own page](../errors.md).

| Entry | Purpose | Functions |
| --- | --- | --- |
${rows.join('\n')}
`
}
