import { fail } from '../core/errors.ts'

/** Returns the environment variables of this process; none in a runtime without them. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return (typeof process === 'object' && process?.env) || {}
}

/** Reads a token from the file that a variable names; `instead` is the fix in a runtime without files. */
export async function readTokenFile(variable: string, path: string, instead: string): Promise<string> {
  const cannot = (hint: string): never => fail('ERR_SIGV4_CREDENTIALS_MISSING', variable, 'unusable', hint)
  // versions.node is checked first because Next.js throws at any other use of process in its edge runtime
  const fs = typeof process === 'object' && process?.versions?.node && process.getBuiltinModule?.('node:fs')
  if (!fs) return cannot(`This runtime cannot read files. ${instead}`)
  const content = await fs.promises
    .readFile(path, 'utf8')
    .catch(({ code, name }: { code?: string; name: string }) => cannot(`Its file cannot be read: ${code ?? name}.`))
  return content.trim() || cannot('Its file is empty.')
}
