import { createHash } from 'node:crypto'

/** Puts the script and the style of the debugger page into it. Its policy allows only these, by their hashes. */
export function inlinePage(page: string, script: string, style: string): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const code = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  const parts: readonly (readonly [find: string, put: string])[] = [
    ['<meta name="causes" content="causes.html">\n', ''],
    ["script-src 'self'; style-src 'self'", `script-src ${hash(code)}; style-src ${hash(style)}`],
    ['<link rel="stylesheet" href="style.css">', `<style>${style}</style>`],
    ['<script src="debugger.js" defer></script>', `<script>${code}</script>`],
  ]
  return parts.reduce((text, [find, put]) => {
    if (!text.includes(find)) throw new Error(`index.html does not contain ${find}`)
    return text.replace(find, () => put)
  }, page)
}

/** An import or export as the build writes it, which is always one line. */
const STATEMENT = /^(import|export) \{ ([^}]*) \}(?: from '\.\/([\w-]+\.js)')?;$/gm

/**
 * Joins the modules of the build into the script of the page, which its worker runs as well: a function, because a
 * worker can be started from the source of a function without a request. Each module returns its exports.
 */
export function joinModules(entry: string, read: (name: string) => string): string {
  const names = new Map<string, string>()
  const joined: string[] = []
  const add = (file: string): string => {
    const known = names.get(file)
    if (known !== undefined) return known
    const exported: string[] = []
    const code = read(file).replace(STATEMENT, (_, kind: string, list: string, from: string | undefined) => {
      const pairs = list.split(', ').map((each) => each.split(' as ') as [string, string?])
      const source = from === undefined ? '' : add(from)
      if (kind === 'import')
        return `const { ${pairs.map(([name, local]) => (local ? `${name}: ${local}` : name)).join(', ')} } = ${source};`
      for (const [local, name = local] of pairs)
        exported.push(`${name}: ${source === '' ? local : `${source}.${local}`}`)
      return ''
    })
    if (/^(?:import|export)\b/m.test(code)) throw new Error(`${file} contains an import or export of a different form`)
    const name = `sigv4Module${names.size}`
    names.set(file, name)
    joined.push(`const ${name} = (() => {\n${code}\nreturn { ${exported.join(', ')} };\n})();`)
    return name
  }
  add(entry)
  return `(function debuggerScript() {\n'use strict';\n${joined.join('\n')}\n})()`
}
