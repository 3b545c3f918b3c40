import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../../test/support/packed.ts'

export const RECIPES = join(ROOT, 'examples/recipes')

/** What a recipe is compiled with: the global types of its platform. Deno checks its own recipe. */
interface Platform {
  lib: string[]
  types: string[]
  paths?: Record<string, string[]>
}

const NODE: Platform = { lib: ['es2022'], types: ['node'] }

export const PLATFORMS: Readonly<Record<string, Platform>> = {
  'bun.ts': { lib: ['es2022'], types: ['bun'] },
  'express.ts': NODE,
  'fastify.ts': NODE,
  'hono.ts': NODE,
  'lambda.ts': NODE,
  'next.ts': {
    ...NODE,
    lib: ['es2022', 'dom'],
    paths: { 'next/*': [join(ROOT, 'integration/consumers/node_modules/next/*')] },
  },
  'react-native.ts': { lib: ['es2022'], types: [] },
  'workers.ts': { lib: ['es2022'], types: ['@cloudflare/workers-types'] },
}

/** Returns a recipe whose first call of this package has a wrong argument. */
export function withInvalidCall(recipe: string): string {
  return recipe.replace(/\b(sign|presign\w+|verify)\(/, '$1(7, ')
}

/** Returns the compiler's messages for a recipe, and for a copy of it with an invalid call. */
export function compile(file: string): { right: string[]; wrong: string[] } {
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      strict: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      noEmit: true,
      typeRoots: [join(RECIPES, 'node_modules/@types'), join(RECIPES, 'node_modules')],
      ...PLATFORMS[file],
    },
    RECIPES,
  )
  const path = join(RECIPES, file)
  const copy = join(RECIPES, `wrong-${file}`)
  const text = withInvalidCall(readFileSync(path, 'utf8'))
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (name) => name === copy || fileExists(name)
  host.getSourceFile = (name, target, ...rest) =>
    name === copy ? ts.createSourceFile(name, text, target) : getSourceFile(name, target, ...rest)
  const found = ts.getPreEmitDiagnostics(ts.createProgram([path, copy], options, host))
  const [wrong, right] = [true, false].map((isCopy) =>
    found
      .filter((message) => (message.file?.fileName === copy) === isCopy)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  )
  return { right: right!, wrong: wrong! }
}
