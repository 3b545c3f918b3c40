import { run } from 'conformance'
import { report } from './report.ts'

// A page, a web worker and a service worker. Each posts its result under its name.

async function post(lane: string): Promise<void> {
  const body = report(await run().catch((error: unknown) => ({ crash: String(error) })))
  await fetch(`/result/${lane}`, { method: 'POST', body })
}

async function page(): Promise<void> {
  const { insecure, workers } = JSON.parse(document.getElementById('next')!.textContent!) as {
    insecure?: string
    workers: boolean
  }
  await post(isSecureContext ? 'secure' : 'insecure')
  if (!isSecureContext) return
  if (workers) {
    const worker = new Worker('/page.js', { name: 'web-worker' })
    await new Promise((resolve) => worker.addEventListener('message', resolve))
    await navigator.serviceWorker.register('/page.js')
    const { active } = await navigator.serviceWorker.ready
    await new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('message', resolve)
      navigator.serviceWorker.startMessages()
      active!.postMessage('run')
    })
  }
  if (insecure) location.href = insecure
}

const scope = globalThis as unknown as {
  name?: string
  addEventListener: typeof addEventListener
  postMessage: typeof postMessage
}
if (typeof document !== 'undefined') page()
else if (scope.name === 'web-worker') post('web-worker').then(() => scope.postMessage('done'))
else
  scope.addEventListener('message', (event) => {
    const { source, waitUntil } = event as MessageEvent & { waitUntil(done: Promise<unknown>): void }
    waitUntil.call(
      event,
      post('service-worker').then(() => (source as Client).postMessage('done')),
    )
  })

interface Client {
  postMessage(message: unknown): void
}
