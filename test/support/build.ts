import { join } from 'node:path'
import { rollup } from 'rollup'
import { loadConfigFile } from 'rollup/loadConfigFile'
import { ROOT } from './packed.ts'

/** Builds the ES modules of the package, and returns a function that reads a file of the build. */
export async function buildModules(): Promise<(name: string) => string> {
  const { options } = await loadConfigFile(join(ROOT, 'rollup.config.js'), { silent: true })
  const [modules] = options
  const bundle = await rollup(modules!)
  const { output } = await bundle.generate(modules!.output[0]!)
  await bundle.close()
  const files = new Map<string, string>()
  for (const file of output) files.set(file.fileName, file.type === 'chunk' ? file.code : String(file.source))
  return (name) => {
    const text = files.get(name)
    if (text === undefined) throw Object.assign(new Error(`${name} was not built`), { code: 'ENOENT' })
    return text
  }
}
