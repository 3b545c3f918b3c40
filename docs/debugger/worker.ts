import { analyze, type Question, type Report } from './analyze.ts'

/** Analyzes the newest question; older ones that have not started are dropped. */
export type Analyzer = (question: Omit<Question, 'id'>) => void

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** Starts a worker from the script of the page, which may be a file or inline. */
function startWorker(script: HTMLScriptElement): Worker {
  const url = script.src || URL.createObjectURL(new Blob([script.textContent ?? ''], { type: 'text/javascript' }))
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('sigv4-debugger', {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError('Only the script of this page may run.')
      return asked
    },
  })
  return new Worker(policy ? policy.createScriptURL(url) : url)
}

/** Creates an analyzer that works in a worker, or in the page if the browser does not allow workers. */
export function createAnalyzer(script: HTMLScriptElement, onReport: (report: Report) => void): Analyzer {
  let id = 0
  let isBusy = false
  let next: Question | undefined
  let worker: Worker | undefined
  const send = (question: Question): void => {
    isBusy = true
    if (worker) worker.postMessage(question)
    else setTimeout(() => receive(analyze(question)))
  }
  const receive = (report: Report): void => {
    isBusy = false
    if (next) send(next)
    next = undefined
    if (report.id === id) onReport(report)
  }
  const start = (): void => {
    try {
      worker = startWorker(script)
      worker.onmessage = ({ data }: MessageEvent<Report>) => receive(data)
      worker.onerror = () => {
        worker = undefined
        if (latest) send(latest)
      }
    } catch {
      worker = undefined
    }
  }
  let latest: Question | undefined
  start()
  return (question) => {
    latest = { ...question, id: ++id }
    if (isBusy) next = latest
    else send(latest)
  }
}
