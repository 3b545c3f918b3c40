import { execFileSync } from 'node:child_process'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brokenLinks, linksOf } from '../../test/support/docs/markdown.ts'
import { entriesOf } from './tarball.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The links on the pages of a packed package. */
export interface Links {
  /** Links that lead nowhere, each after the page that contains it. */
  readonly broken: readonly string[]
  /** Addresses on other sites. */
  readonly others: readonly string[]
}

/**
 * Checks the links of a tarball, whose pages npm and others show without the repository: each must be absolute, and lead
 * to a file of the repository at a tag, with the heading that it names, or to a different site.
 *
 * @param folder - The folder of the package in the repository.
 * @param base - Where the repository shows the files of the tag: `https://example.com/sigv4/blob/v0.1.0/`.
 */
export function packedLinks(tarball: Buffer, folder: string, base: string): Links {
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
  const isTracked = (path: string): boolean =>
    tracked.includes(path) || tracked.some((each) => each.startsWith(path.endsWith('/') ? path : `${path}/`))
  const broken: string[] = []
  const others = new Set<string>()
  for (const { name, content } of entriesOf(tarball).filter(({ name }) => /\.(?:md|txt)$/.test(name))) {
    const page = name.replace(/^package\//, '')
    for (const link of linksOf(page, String(content))) {
      if (link.startsWith(base)) {
        const path = link.slice(base.length)
        const isFound = isTracked(path.replace(/#.*/, '')) && brokenLinks('README.md', `[a](${path})`).length === 0
        if (!isFound) broken.push(`${page}: ${link}`)
      } else if (/^https?:/.test(link)) others.add(link)
      else if (!link.startsWith('#') || brokenLinks(posix.join(folder, page), `[a](${link})`).length > 0)
        broken.push(`${page}: ${link}`)
    }
  }
  return { broken, others: [...others].sort() }
}

/** What a request for an address ended with: its status, or why there is no response. */
export type Visit = number | string

/** Requests addresses, and returns those that do not exist. Throws if none can be reached. */
export async function deadLinks(addresses: readonly string[], visit = visitOnce): Promise<string[]> {
  const visits = await Promise.all(addresses.map(async (address) => [address, await visit(address)] as const))
  if (addresses.length > 0 && visits.every(([, result]) => typeof result === 'string'))
    throw new Unreachable(`no site can be reached: ${visits[0]![1]}`)
  // sites reject programs with 403 and 429
  const isDead = (result: Visit): boolean => typeof result === 'string' || result === 404 || result === 410
  return visits.filter(([, result]) => isDead(result)).map(([address, result]) => `${address}: ${result}`)
}

/** This machine has no connection. */
export class Unreachable extends Error {}

async function visitOnce(address: string): Promise<Visit> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(20_000) })
    await response.body?.cancel()
    return response.status
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } }
    return cause?.code ?? message
  }
}
