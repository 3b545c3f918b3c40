import { fileURLToPath } from 'node:url'
import { installPackages } from '../servers/install.ts'

/**
 * Installs what several files of tests use before any of them starts, because two at the same time would disturb each
 * other. An error is reported by the files that need the package: they install it again.
 */
export default async function install(): Promise<void> {
  for (const folder of ['integration/browser-upload', 'examples/browser-upload', 'examples/callers'])
    await installPackages(fileURLToPath(new URL(`../../${folder}`, import.meta.url))).catch(() => {})
}
