import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { causes, causeText } from '../src/explain.ts'

// docs/causes.md, made of what the findings say: npm run docs:causes

const PLACE = new URL('../docs/causes.md', import.meta.url)

/** The text of the file. */
export function causesPage(): string {
  const sections = causes().map((cause) => {
    const { means, happens, fix } = causeText(cause)
    return `## ${cause}\n\n${means}\n\n- How it happens: ${happens}\n- What to do: ${fix}\n`
  })
  return [
    '# Causes\n',
    'What `explain` and `inspect` of `sigv4/explain` find, by its code. Made of `src/explain/causes.ts` by `npm run docs:causes`.\n',
    ...sections,
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PLACE, causesPage())
