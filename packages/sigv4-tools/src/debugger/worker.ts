import { analyze, type Question, type Report } from './analyze.ts'

/** Analyzes the newest question; the ones before it are dropped. */
export interface Analyzer {
  ask(question: Omit<Question, 'id'>): void
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** Time after which a worker that is still busy with an older question is replaced, in milliseconds. */
const PATIENCE = 500
/** Time limit of an analysis. */
const LONGEST = 20_000

/** The script of the page and of its worker, as a function. Its source is at hand, so that no worker makes a request. */
declare const debuggerScript: () => void

/** Returns a function that starts workers. */
function createWorkers(): () => Worker {
  const url = URL.createObjectURL(new Blob([`(${debuggerScript})()`], { type: 'text/javascript' }))
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('sigv4-debugger', {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError('Only the script of this page may run.')
      return asked
    },
  })
  return () => new Worker(policy ? policy.createScriptURL(url) : url)
}

/** Creates an analyzer that works in a worker, or in the page if the browser does not allow workers. */
export function createAnalyzer(onReport: (report: Report) => void): Analyzer {
  const startWorker = createWorkers()
  let worker: Worker | undefined
  let isAllowed = true
  let [id, since] = [0, 0]
  /** The question that is being analyzed. Neither is kept after its report: it may contain a secret. */
  let current: Question | undefined
  let next: Question | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const send = (question: Question): void => {
    current = question
    since = performance.now()
    clearTimeout(timer)
    if (isAllowed && !worker) start()
    if (!worker) {
      setTimeout(() => receive(analyze(question)))
      return
    }
    timer = setTimeout(() => {
      stop()
      receive({ ...analyze({ id: question.id, text: '', response: '', secret: '' }), problem: TOO_LONG })
    }, LONGEST)
    worker.postMessage(question)
  }
  const receive = (report: Report): void => {
    clearTimeout(timer)
    const waiting = next
    current = next = undefined
    if (waiting) send(waiting)
    if (report.id === id) onReport(report)
  }
  const start = (): void => {
    try {
      const started = startWorker()
      started.onmessage = ({ data }: MessageEvent<Report>) => receive(data)
      started.onerror = () => {
        isAllowed = false
        stop()
        if (current) send(next ?? current)
        next = undefined
      }
      worker = started
    } catch {
      isAllowed = false
    }
  }
  const stop = (): void => {
    worker?.terminate()
    worker = undefined
  }
  start()
  return {
    ask(question) {
      const asked = { ...question, id: ++id }
      if (worker && current && performance.now() - since > PATIENCE) {
        stop()
        current = undefined
      }
      if (current) next = asked
      else send(asked)
    },
  }
}

const TOO_LONG = 'This takes too long to analyze. Remove what does not belong to the request.'
