import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PAGES, read } from '../test/support/docs/markdown.ts'
import { ROOT } from '../test/support/packed.ts'

// `npx tsx tools/examples.ts` writes the files that pages show: a block of code that names one, such as
// ```ts examples/recipes/express.ts

const SHOWN = /^(```\w+ ((?:suite\/)?examples\/[\w./-]+)\n).*?^```$/gms

/** Returns a page with the current content of the files that it shows. */
export function withFiles(markdown: string): string {
  return markdown.replace(SHOWN, (_, start, path) => `${start}${readFileSync(join(ROOT, path), 'utf8')}\`\`\``)
}

/** Returns the paths of the files that a page shows. */
export function filesOn(page: string): string[] {
  return [...read(page).matchAll(SHOWN)].map(([, , path]) => path!)
}

if (process.argv[1]?.endsWith('examples.ts'))
  for (const page of PAGES) {
    const markdown = read(page)
    const written = withFiles(markdown)
    if (written === markdown) continue
    console.log(`${page}: examples`)
    writeFileSync(join(ROOT, page), written)
  }
