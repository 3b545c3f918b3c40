import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import { ROOT } from '../../test/support/packed.ts'
import { start as startProcess } from '../runtimes/process.ts'
import { run } from '../servers/install.ts'
import { freePort, untilReady } from '../support/starting.ts'
import { tool } from './packages.ts'

// The servers of examples/uploads/servers, each in a project of its framework, as its development server runs it.

const HERE = join(ROOT, 'integration/frameworks')
export const UPLOADS = join(ROOT, 'examples/uploads')
/** What every server imports. */
const SHARED = ['sign-upload.ts', 'session.ts']
/** Node 24, because the newest frameworks do not run on Node 20. */
const NODE = join(ROOT, 'integration/runtimes/node_modules/node24/bin/node')

export interface Site {
  readonly url: string
  stop(): Promise<void>
}

/** A project: its files, where the recipe stands in it, and the program that starts it: one of the files, or a package's. */
interface Project {
  readonly recipe: string
  readonly files: Readonly<Record<string, string>>
  readonly program: readonly [path: string, ...args: string[]]
}

export const PROJECTS: Readonly<Record<string, (port: number) => Project>> = {
  nuxt: (port) => ({
    recipe: 'server/routes/uploads.post.ts',
    files: {
      'nitro.config.ts': "export default { srcDir: 'server', compatibilityDate: '2026-11-01', telemetry: false }",
    },
    program: ['nitropack/dist/cli/index.mjs', 'dev', '--host', '127.0.0.1', '--port', String(port)],
  }),
  sveltekit: (port) => ({
    recipe: 'src/routes/uploads/+server.ts',
    files: {
      'vite.config.js': "import { sveltekit } from '@sveltejs/kit/vite'\nexport default { plugins: [sveltekit()] }",
      'src/app.html': '<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>',
    },
    program: ['vite/bin/vite.js', 'dev', '--host', '127.0.0.1', '--port', String(port)],
  }),
  'react-router': (port) => ({
    recipe: 'app/routes/uploads.ts',
    files: {
      // otherwise it installs them
      'package.json':
        '{ "private": true, "type": "module", "dependencies": { "isbot": "5.2.3", "@react-router/node": "8.4.0" } }',
      'vite.config.js':
        "import { reactRouter } from '@react-router/dev/vite'\nexport default { plugins: [reactRouter()] }",
      'app/routes.ts':
        "import { route } from '@react-router/dev/routes'\nexport default [route('uploads', 'routes/uploads.ts')]",
      'app/root.tsx': "import { Outlet } from 'react-router'\nexport default () => <Outlet />",
    },
    program: ['vite/bin/vite.js', 'dev', '--host', '127.0.0.1', '--port', String(port)],
  }),
  astro: (port) => ({
    recipe: 'src/pages/uploads.ts',
    files: {
      'astro.config.mjs':
        "import node from '@astrojs/node'\nexport default { output: 'server', adapter: node({ mode: 'standalone' }), devToolbar: { enabled: false } }",
    },
    program: ['astro/bin/astro.mjs', 'dev', '--host', '127.0.0.1', '--port', String(port)],
  }),
  express: (port) => ({
    recipe: 'src/routes/uploads.ts',
    files: {
      'src/main.ts': `import express from 'express'
        import { uploads } from './routes/uploads.ts'
        express().use(uploads).listen(${port}, '127.0.0.1')`,
    },
    program: ['src/main.ts'],
  }),
  fastify: (port) => ({
    recipe: 'src/routes/uploads.ts',
    files: {
      'src/main.ts': `import Fastify from 'fastify'
        import { uploads } from './routes/uploads.ts'
        const app = Fastify()
        app.register(uploads)
        await app.listen({ port: ${port}, host: '127.0.0.1' })`,
    },
    program: ['src/main.ts'],
  }),
}

/** Returns what to install, if anything is missing. */
export const NEEDS: readonly (readonly [path: string, command: string])[] = [
  [join(HERE, 'node_modules/nitropack/package.json'), 'npm ci --ignore-scripts --prefix integration/frameworks'],
  [NODE, 'npm ci --ignore-scripts --prefix integration/runtimes'],
  [join(ROOT, 'dist/index.js'), 'npm run build'],
]

/** Copies the servers next to the packages that they import, and returns what the compiler prints. */
export async function compileServers(): Promise<string> {
  mkdirSync(join(HERE, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(HERE, '.cache/compile-'))
  const compilerOptions = {
    ...{ experimentalDecorators: true, typeRoots: [join(ROOT, 'node_modules/@types')] },
    paths: { sigv4: [join(ROOT, 'src/index.ts')] },
  }
  const extended = join(ROOT, 'examples/tsconfig.json')
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: extended, compilerOptions, include: ['servers'] }),
  )
  cpSync(join(UPLOADS, 'servers'), join(folder, 'servers'), { recursive: true })
  for (const file of SHARED) cpSync(join(UPLOADS, file), join(folder, file))
  try {
    return (await run(process.execPath, [join(ROOT, 'node_modules/typescript/lib/tsc.js'), '-p', folder])).output
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Creates a project with the recipe in its place, which imports the shared files relative to it. */
function createProject({ recipe, files }: Pick<Project, 'recipe' | 'files'>, name: string): string {
  mkdirSync(join(HERE, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(HERE, '.cache/uploads-'))
  const shared = dirname(dirname(join(folder, recipe)))
  for (const [path, text] of Object.entries({ 'package.json': '{ "private": true, "type": "module" }', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  mkdirSync(dirname(join(folder, recipe)), { recursive: true })
  cpSync(join(UPLOADS, `servers/${name}.ts`), join(folder, recipe))
  for (const file of SHARED) cpSync(join(UPLOADS, file), join(shared, file))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules/sigv4'))
  return folder
}

export async function startProject(name: string, env: Record<string, string>): Promise<Site> {
  const port = await freePort()
  const project = PROJECTS[name]!(port)
  const folder = createProject(project, name)
  const [path, ...args] = project.program
  const group = startProcess({
    file: NODE,
    args: [path in project.files ? join(folder, path) : join(HERE, 'node_modules', path), ...args],
    cwd: folder,
    env: { ...env, ASTRO_TELEMETRY_DISABLED: '1', NITRO_TELEMETRY_DISABLED: '1' },
  })
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    await group.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await untilReady(group, async () => {
      const { status } = await fetch(`${url}/uploads`, { method: 'POST', headers: { origin: url } })
      return status === 401 ? true : undefined
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}

/** Starts the controller for NestJS in this process. Its decorators are compiled, as `nest build` does. */
export async function startNest(env: Record<string, string>): Promise<Site> {
  const folder = createProject({ recipe: 'src/uploads/uploads.controller.ts', files: {} }, 'nest')
  const recipe = join(folder, 'src/uploads/uploads.controller.ts')
  const { code } = await transform(readFileSync(recipe, 'utf8'), {
    loader: 'ts',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  })
  const compiled = join(folder, 'src/uploads/uploads.controller.js')
  writeFileSync(compiled, code)
  Object.assign(process.env, env)
  createRequire(join(HERE, 'package.json'))('reflect-metadata')
  const { UploadsController } = await import(/* @vite-ignore */ pathToFileURL(compiled).href)
  class AppModule {}
  tool('@nestjs/common').Module({ controllers: [UploadsController] })(AppModule)
  const app = await tool('@nestjs/core').NestFactory.create(AppModule, { logger: false })
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address()
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
