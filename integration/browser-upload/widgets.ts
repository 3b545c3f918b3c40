import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { ROOT } from '../../test/support/packed.ts'

// Pages with the recipes of examples/uploads, and a server that signs for them.

export const UPLOADS = join(ROOT, 'examples/uploads')

/** How a page is used: each of these is an expression or a statement in it. */
export interface Widget {
  /** Code that starts the recipe, in `#root`. `file` is the chosen file. */
  readonly page: string
  /** The input that a user chooses the file with. */
  readonly input: string
  /** Starts the upload, if choosing a file does not. */
  readonly start?: string
  /** Stops the upload, so that it can be resumed. */
  readonly pause: string
  /** Missing if the user chooses the file again. */
  readonly resume?: string
  /** What a user reads once the file is stored, if it is rejected, and while it is sent: in percent. */
  readonly state: string
  /** How the widget stops an upload for good; missing if it has no such function. */
  readonly cancel?: string
  /** Whether it sends parts, and only those that are missing. */
  readonly isMultipart: boolean
}

/** A page that has only an input, for recipes without a widget. */
const plain = (client: string): Widget => ({
  page: `
    import { cancel, upload } from './multipart.ts'
    import { send } from './${client}.ts'
    root.innerHTML = '<input type="file" id="file">'
    const state = {}
    let controller
    window.run = () => {
      controller = new AbortController()
      const progress = (sent) => (window.shown = String(Math.floor((100 * sent) / file.files[0].size)))
      upload(file.files[0], state, send, { signal: controller.signal, progress })
        .then((key) => (window.shown = 'stored ' + key))
        .catch((error) => (window.shown = controller.signal.aborted ? 'paused' : error.message))
    }
    window.pause = () => controller.abort()
    window.stop = () => cancel(state, send)
    file.onchange = run`,
  input: '#file',
  pause: 'pause()',
  resume: 'run()',
  cancel: 'pause(); stop()',
  state: 'shown',
  isMultipart: true,
})

export const WIDGETS: Readonly<Record<string, Widget>> = {
  Uppy: {
    page: `
      import { uppy } from './uppy.ts'
      root.innerHTML = '<input type="file" id="file">'
      window.uppy = uppy
      file.onchange = () => uppy.addFile({ name: file.files[0].name, type: file.files[0].type, data: file.files[0] })
      uppy.on('upload-progress', (_, { bytesUploaded, bytesTotal }) => (window.shown = String(Math.floor((100 * bytesUploaded) / bytesTotal))))
      uppy.on('upload-success', (_, { body }) => (window.shown = 'stored ' + body.key))
      uppy.on('upload-error', (_, error) => (window.shown = error.message))`,
    input: '#file',
    start: 'void uppy.upload()',
    pause: 'uppy.pauseAll()',
    resume: 'uppy.resumeAll()',
    cancel: 'uppy.cancelAll()',
    state: 'shown',
    isMultipart: true,
  },
  FilePond: {
    page: `
      import { createPond } from './filepond.ts'
      root.innerHTML = '<input type="file">'
      window.pond = createPond(root.firstChild)
      pond.on('processfileprogress', (_, progress) => (window.shown = String(Math.floor(100 * progress))))
      pond.on('processfile', (error, { serverId }) => (window.shown = error ? pond.labelFileProcessingError(error) : 'stored ' + serverId))
      pond.on('processfileabort', () => (window.shown = 'paused'))`,
    input: '.filepond--browser',
    pause: `document.querySelector('.filepond--action-abort-item-processing').click()`,
    state: 'shown',
    isMultipart: true,
  },
  Dropzone: {
    page: `
      import { createDropzone } from './dropzone.ts'
      window.dropzone = createDropzone(root)
      dropzone.on('uploadprogress', (_, progress) => (window.shown = String(Math.floor(progress))))
      dropzone.on('success', ({ xhr }) => (window.shown = 'stored ' + new URL(xhr.responseURL).pathname.replace(/^.[^/]+./, '')))
      dropzone.on('canceled', () => (window.shown = 'paused'))
      dropzone.on('error', (_, message) => (window.shown = message))`,
    input: '.dz-hidden-input',
    pause: 'dropzone.cancelUpload(dropzone.files[0])',
    resume: 'void dropzone.processFile(dropzone.files[0])',
    state: 'shown',
    isMultipart: false,
  },
  'react-dropzone': {
    page: `
      import { createRoot } from 'react-dom/client'
      import { createElement } from 'react'
      import { Uploader } from './react-dropzone.tsx'
      createRoot(root).render(createElement(Uploader))`,
    input: 'input[type=file]',
    pause: `document.querySelectorAll('button')[0].click()`,
    resume: `document.querySelectorAll('button')[1].click()`,
    state: `document.querySelector('output').textContent.replace('Stored as', 'stored').replace('%', '').replace('Paused', 'paused')`,
    isMultipart: true,
  },
  XMLHttpRequest: plain('xhr'),
  axios: plain('axios'),
}

/** Returns what to install, if anything is missing. */
export const NEEDS: readonly (readonly [path: string, command: string])[] = [
  [join(UPLOADS, 'node_modules/@uppy/aws-s3/package.json'), 'npm ci --ignore-scripts --prefix examples/uploads'],
  [join(ROOT, 'dist/index.js'), 'npm run build'],
]

async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `const root = document.querySelector('#root')\n${code}`, resolveDir: UPLOADS, loader: 'ts' },
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}

const page = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Upload</title><div id="root"></div><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`

/** Serves the pages, and signs for the user of the session `a-secret-session-id`. */
export async function servePages(
  environment: Readonly<Record<string, string>>,
): Promise<{ url: string; server: Server }> {
  Object.assign(process.env, environment)
  const { signUpload } = await import(/* @vite-ignore */ pathToFileURL(join(UPLOADS, 'sign-upload.ts')).href)
  const pages = new Map<string, string>()
  for (const [name, widget] of Object.entries(WIDGETS)) pages.set(`/${name}`, page(await bundle(widget.page)))
  const server = createServer(async (request, response) => {
    const { url = '', method = '', headers } = request
    if (method === 'GET') return void response.setHeader('content-type', 'text/html').end(pages.get(url) ?? '')
    const body = await text(request)
    const { cookie = '' } = headers
    const signed: Response = await signUpload(
      new Request(`http://localhost${url}`, { method, body, headers: { cookie } }),
    )
    response.writeHead(signed.status, { 'content-type': 'application/json' }).end(await signed.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, server }
}
