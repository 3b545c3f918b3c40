import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULES = fileURLToPath(new URL('../runtimes/node_modules/', import.meta.url))

function installed(scope: string, file: string): string[] {
  const folder = join(MODULES, scope)
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, file)) : []
}

const onPath = (...names: string[]): string[] =>
  names.flatMap((name) => process.env.PATH!.split(delimiter).map((folder) => join(folder, name)))

const first = (files: readonly string[]): string | undefined => files.find((file) => file && existsSync(file))

/** The commands of other runtimes: those that integration/runtimes installs, or that are on the PATH. */
export function findRuntimes() {
  const bun = first([...installed('@oven', 'bin/bun'), ...onPath('bun')])
  const deno = first([...installed('@deno', 'deno'), ...onPath('deno')])
  return {
    bun: bun ? [bun] : undefined,
    deno: deno ? [deno, 'run', '-A', '--no-check', '--quiet'] : undefined,
    chromium: first([process.env.CHROMIUM ?? '', ...onPath('chromium', 'chromium-browser', 'google-chrome')]),
  }
}

/** `Bun 1.4.5, Deno 2.9.6`, as the runtimes print it. */
export function runtimeVersions(): string {
  const { bun, deno, chromium } = findRuntimes()
  const version = (name: string, file: string | undefined): string[] => {
    const [number] = file ? (/\d+(\.\d+)+/.exec(String(spawnSync(file, ['--version']).stdout)) ?? []) : []
    return number ? [`${name} ${number}`] : []
  }
  const versions = [version('Bun', bun?.[0]), version('Deno', deno?.[0]), version('Chromium', chromium)]
  return [`Node ${process.versions.node}`, ...versions.flat()].join(', ')
}
