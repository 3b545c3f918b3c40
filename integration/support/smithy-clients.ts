import { createHash } from 'node:crypto'
import { cpSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'
import { installOnce, installPackages } from '../servers/install.ts'

const FOLDER = join(ROOT, 'integration/clients/smithy')
const MANIFESTS = ['package.json', 'package-lock.json']

/** The versions of the AWS SDK clients in integration/clients/smithy. */
export const VERSIONS = ['200', '540', '726', '850', '1175']

// biome-ignore lint/suspicious/noExplicitAny: the packages have types only where they are installed
export type Loaded = any

/** Installs the packages of integration/clients/smithy into the cache, because several test files use them at the same time. */
export async function installClients(): Promise<{ folder: string; load: (name: string) => Loaded }> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
  const contents = MANIFESTS.map((name) => readFileSync(join(FOLDER, name)))
  const pins = createHash('sha256').update(Buffer.concat(contents)).digest('hex').slice(0, 8)
  const folder = await installOnce(`smithy-clients-${pins}`, async (draft) => {
    for (const name of MANIFESTS) cpSync(join(FOLDER, name), join(draft, name))
    await installPackages(draft)
  })
  return { folder, load: createRequire(join(folder, 'package.json')) }
}
