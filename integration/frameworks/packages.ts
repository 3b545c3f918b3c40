import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'

/** The packages of this folder, and Next.js from integration/consumers. */
const HERE = join(ROOT, 'integration/frameworks')
export const CONSUMERS = join(ROOT, 'integration/consumers')
export const NEXT = join(CONSUMERS, 'node_modules/next/dist/bin/next')

const installed = createRequire(join(HERE, 'package.json'))

/** Imports an installed package. Its types are not checked, because a checkout without it must compile. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export const tool = (name: string): any => installed(name)

/** Returns what to install, if anything is missing. */
export function missing(): string | undefined {
  const needs: [path: string, command: string][] = [
    [join(HERE, 'node_modules/serverless-http-3'), 'npm ci --ignore-scripts --prefix integration/frameworks'],
    [NEXT, 'npm ci --ignore-scripts --prefix integration/consumers'],
  ]
  return needs.find(([path]) => !existsSync(path))?.[1]
}
