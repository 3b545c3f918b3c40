import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, firefox, MINI_BROWSER, runBrowser, type StartBrowser, webkit } from './browsers.ts'
import { HERE } from './bundle.ts'
import {
  type Found,
  fromDebian,
  fromNpm,
  type Lane,
  type Launch,
  MODULES,
  manifestVersion,
  outcomeOf,
  shell,
  WITHIN,
} from './engines.ts'
import type { Feature } from './harness.ts'
import { type Command, runToEnd } from './process.ts'

// ---- Node ----

const NODES: Record<string, { file: string; found: Found }> = {
  ...Object.fromEntries(
    ['18', '22', '24', '26'].map((major) => [
      major,
      { file: join(MODULES, `node${major}/bin/node`), found: fromNpm(`node${major}`) },
    ]),
  ),
  20: {
    file: process.execPath,
    found: {
      missing: process.version.startsWith('v20.') ? undefined : 'run this with Node 20',
      version: () => process.version.slice(1),
    },
  },
}

function node(major: string, how: string, lacks: readonly Feature[], ...args: string[]): Launch {
  const { file, found } = NODES[major]!
  return shell({ engine: `Node ${major}`, how, lacks }, found, (folder) => ({ file, args, cwd: folder }))
}

const WITHOUT_BUILTIN = 'data:text/javascript,process.getBuiltinModule=undefined'

/** Lambda loads a bundle with `require`, and calls it with an event. */
const INVOKE = `require('./lambda/index.js').handler({ path: '/' }).then(({ body }) => console.log(body))`

// ---- Other engines that print ----

function deno(how: string, file: string): Launch {
  const command = join(MODULES, '@deno/linux-x64-glibc/deno')
  return shell({ engine: 'Deno', how, lacks: [] }, fromNpm('@deno/linux-x64-glibc'), (folder) => ({
    file: command,
    args: ['run', '--no-lock', '--no-remote', '--no-prompt', '--node-modules-dir=manual', '--allow-read=.', file],
    cwd: folder,
    env: { DENO_NO_UPDATE_CHECK: '1', DENO_DIR: temporary(folder, 'deno') },
  }))
}

function bun(how: string, file: string): Launch {
  const command = join(MODULES, '@oven/bun-linux-x64/bin/bun')
  return shell({ engine: 'Bun', how, lacks: [] }, fromNpm('@oven/bun-linux-x64'), (folder) => ({
    file: command,
    args: [file],
    cwd: folder,
    env: { DO_NOT_TRACK: '1', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' },
  }))
}

function workerd(how: string, config: string): Launch {
  return shell({ engine: 'workerd', how, lacks: [] }, fromNpm('@cloudflare/workerd-linux-64'), (folder) => ({
    file: join(MODULES, '@cloudflare/workerd-linux-64/bin/workerd'),
    args: ['test', config],
    cwd: folder,
  }))
}

function temporary(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  return path
}

/** An engine that a Node script loads. */
function hosted(lane: Lane, name: string, runner: string): Launch {
  return shell(lane, fromNpm(name), (folder) => ({
    file: process.execPath,
    args: [join(HERE, 'runners', runner), join(folder, 'script.js')],
    cwd: folder,
  }))
}

const HERMES = join(MODULES, 'hermes-engine-cli/linux64-bin/hermes')

function hermes(how: string, command: (folder: string) => Command): Launch {
  return shell({ engine: 'Hermes', how, lacks: HERMES_LACKS }, fromNpm('hermes-engine-cli'), command)
}

/** An engine without web APIs. */
const SHELL: readonly Feature[] = ['subtle', 'TextEncoder', 'URL', 'Blob', 'FormData', 'Request', 'ReadableStream']
const HERMES_LACKS: readonly Feature[] = [...SHELL, 'SharedArrayBuffer']

/**
 * The compiler of current React Native versions, for which no engine is available, accepts each entry unchanged. The
 * exception must fail for its reason, so that it is removed when it no longer applies.
 */
const ASYNC_GENERATORS = /^(?:(?!error:).|\n|error: async generators are unsupported)*$/
const UNCOMPILED: Record<string, RegExp> = { './verify': ASYNC_GENERATORS, './streams': ASYNC_GENERATORS }

const hermesSyntax: Launch = {
  lanes: [{ engine: 'Hermes compiler', how: 'syntax only', lacks: [] }],
  missing: () => fromNpm('hermes-compiler').missing,
  async run(folder) {
    const begun = Date.now()
    const hermesc = join(MODULES, 'hermes-compiler/hermesc/linux64-bin/hermesc')
    const entries = readdirSync(join(folder, 'syntax'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js'))
      .map((name) => name.replace(/\.js$/, ''))
    const problems: string[] = []
    for (const entry of entries) {
      const args = ['-w', '-emit-binary', '-out', 'syntax/out.hbc', `syntax/${entry}.js`]
      const { status, output } = await runToEnd({ file: hermesc, args, cwd: folder }, WITHIN)
      const exception = UNCOMPILED[`./${entry}`]
      const isRight = exception ? status !== 0 && exception.test(output) : status === 0
      if (!isRight) problems.push(`${entry} exited with ${status}: ${output.slice(0, 500)}`)
    }
    const about = { version: manifestVersion('hermes-compiler'), ms: Date.now() - begun }
    if (problems.length) return [{ ...about, failure: problems.join('\n') }]
    const nameOf = (file: string): string => (file.startsWith('sigv4-tools/') ? file : `./${file}`)
    return [{ ...about, compiled: entries.map(nameOf).filter((name) => !(name in UNCOMPILED)) }]
  },
}

// ---- Browsers ----

function browser(
  engine: string,
  startBrowser: StartBrowser,
  found: Found,
  lanes: Record<string, Omit<Lane, 'engine'>>,
): Launch {
  const names = Object.keys(lanes)
  return {
    lanes: names.map((name) => ({ engine, ...lanes[name]! })),
    missing: () => found.missing,
    async run(folder) {
      const posted = await runBrowser(startBrowser, join(folder, 'page.js'), names, WITHIN)
      return names.map((name) => {
        const { text, ms } = posted.get(name) ?? { text: '', ms: WITHIN }
        return outcomeOf(text, found.version(), ms, `no results within ${WITHIN / 1000} s`)
      })
    },
  }
}

const ORIGINS = {
  secure: { how: 'https or localhost', lacks: ['SharedArrayBuffer'] },
  insecure: { how: 'http', lacks: ['subtle', 'SharedArrayBuffer'] },
} as const satisfies Record<string, Omit<Lane, 'engine'>>

/** The longest first, so that two parallel queues finish together. */
export const LAUNCHES: readonly Launch[] = [
  browser('Firefox', firefox, fromDebian('firefox-esr', 'firefox-esr'), ORIGINS),
  browser('Chromium', chromium, fromDebian('chromium', 'chromium'), {
    secure: ORIGINS.secure,
    'web-worker': { how: 'web worker', lacks: ['SharedArrayBuffer'] },
    'service-worker': { how: 'service worker', lacks: ['SharedArrayBuffer'] },
    insecure: ORIGINS.insecure,
  }),
  browser('WebKitGTK', webkit, fromDebian('libwebkit2gtk-4.1-0 xvfb xauth', MINI_BROWSER, 'xvfb-run'), ORIGINS),
  hosted({ engine: 'QuickJS', how: 'bundle', lacks: SHELL }, 'quickjs-emscripten', 'quickjs.mjs'),
  hermes('bundle, lowered', (folder) => ({ file: HERMES, args: ['-w', 'es5.js'], cwd: folder })),
  hermes('bytecode, lowered', (folder) => ({
    file: '/bin/sh',
    args: ['-c', `'${HERMES}' -w -emit-binary -out es5.hbc es5.js && exec '${HERMES}' -b es5.hbc`],
    cwd: folder,
  })),
  hermesSyntax,
  node('18', 'import', ['subtle'], 'files.mjs'),
  node('18', 'import, Web Crypto enabled', [], '--experimental-global-webcrypto', 'files.mjs'),
  ...['20', '22', '24', '26'].flatMap((major) => [
    node(major, 'import', [], 'files.mjs'),
    node(major, 'require', [], 'files.cjs'),
  ]),
  node('22', 'AWS Lambda bundle', [], '--eval', INVOKE),
  ...['22', '24', '26'].map((major) => node(major, 'sources', [], 'sources.mjs')),
  // as in older versions: Web Crypto does everything
  node('24', 'import, without getBuiltinModule', [], '--import', WITHOUT_BUILTIN, 'files.mjs'),
  deno('import', 'files.mjs'),
  deno('sources', 'sources.mjs'),
  bun('import', 'files.mjs'),
  bun('sources', 'sources.mjs'),
  workerd('bundle', 'workerd.capnp'),
  workerd('bundle, nodejs_compat', 'workerd-node.capnp'),
  hosted({ engine: 'Edge VM', how: 'bundle', lacks: [] }, '@edge-runtime/vm', 'edge-vm.mjs'),
  shell(
    { engine: 'JavaScriptCore', how: 'bundle', lacks: SHELL },
    fromDebian('libjavascriptcoregtk-4.0-bin', 'jsc'),
    (folder) => ({ file: 'jsc', args: ['-m', 'shell.mjs'], cwd: folder }),
  ),
  shell(
    { engine: 'SpiderMonkey', how: 'bundle', lacks: SHELL.filter((name) => name !== 'ReadableStream') },
    fromDebian('libmozjs-102-dev', 'js102'),
    (folder) => ({ file: 'js102', args: ['-m', 'shell.mjs'], cwd: folder }),
  ),
]

/** The oldest and the newest Node, Deno, Bun, and Workers, with the package as users import it. */
const USUAL = /^(?:Node (?:20|26), (?:import|require)|Deno, import|Bun, import|workerd, bundle)$/
export const ESSENTIAL: readonly Launch[] = LAUNCHES.filter(({ lanes: [first] }) =>
  USUAL.test(`${first!.engine}, ${first!.how}`),
)
