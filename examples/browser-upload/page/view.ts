import type { Finished } from '../server/signing.ts'
import type { Job, PartState, Step, View } from './job.ts'

const MOST_CELLS = 400
const STEPS: Record<Step, string> = {
  signing: 'Asking for permission…',
  sending: 'Uploading…',
  finishing: 'Checking what arrived…',
  cancelling: 'Cancelling…',
}

type State = Step | 'paused' | 'failed' | 'cancelled' | 'done'

/** What the button says that starts an upload again. */
const RUN: Partial<Record<State, string>> = { paused: 'Resume', failed: 'Try again' }

/** Says something to screen readers. */
export function announce(text: string): void {
  document.querySelector('#announcer')!.textContent = text
}

export function inBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < 3; unit++) value /= 1024
  if (bytes === 1) return '1 byte'
  return `${value.toLocaleString('en', { maximumFractionDigits: unit && value < 100 ? 1 : 0 })}\xa0${units[unit]}`
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...content)
  return made
}

/** One upload in the list. */
export interface Item {
  readonly root: HTMLLIElement
  readonly view: View
  /** Gives the buttons what they do. */
  connect(job: Job, canPause: boolean): void
  /** Shows an upload that another page left behind, and that can only be cancelled here. */
  leftBehind(cancel: () => void): void
}

export function itemFor(name: string, size: number, wayName: string): Item {
  const title = element('h3', '', element('bdi', '', name)) // a name in Hebrew must not turn the line around
  title.tabIndex = -1
  const bar = element('progress')
  bar.max = 1
  bar.setAttribute('aria-label', `Progress of ${name}`)
  const cells = element('div', 'parts')
  cells.setAttribute('aria-hidden', 'true') // the text says the same
  const message = element('p', 'state')
  const [go, stop] = [element('button'), element('button')]
  for (const button of [go, stop]) button.type = 'button'
  const facts = element('span', 'facts', `${wayName} · ${inBytes(size)}`)
  const foot = element('div', 'foot', message, element('div', 'buttons', go, stop))
  const root = element('li', 'card', element('div', 'head', title, facts), bar, cells, foot)

  let state: State = 'signing'
  let canRun = true
  let canPause = false
  let quarter = 0
  let percent = 0
  const parts = new Map<number, PartState>()

  const partsIn = (wanted: PartState): number[] =>
    [...parts].flatMap(([number, partState]) => (partState === wanted ? [number] : []))
  const stored = (): string => `${partsIn('done').length} of ${parts.size} ${parts.size === 1 ? 'part' : 'parts'}`

  const show = (next: State, ...content: (Node | string)[]): void => {
    state = next
    root.dataset.state = next
    message.replaceChildren(...content)
    const isRunning = next === 'sending' || next === 'signing'
    label(go, isRunning ? (canPause ? 'Pause' : '') : (canRun && RUN[next]) || '')
    label(stop, isRunning || next === 'paused' || (next === 'failed' && canPause) ? 'Cancel' : '')
    if (isRunning || next === 'finishing' || next === 'cancelling') return
    announce(`${name}: ${message.textContent}`)
  }
  /** A button that is not there keeps no focus: the title gets it. */
  const label = (button: HTMLButtonElement, text: string): void => {
    if (text === '' && document.activeElement === button) title.focus()
    button.hidden = text === ''
    button.textContent = text
    button.setAttribute('aria-label', `${text} ${name}`)
  }
  const showSending = (): void => {
    if (state !== 'sending') return
    const failed = partsIn('failed')
    const again =
      failed.length > 0 ? ` · trying ${failed.length === 1 ? 'part' : 'parts'} ${failed.join(', ')} again` : ''
    const known = bar.hasAttribute('value') ? ` ${percent}%` : ''
    message.textContent = `${STEPS.sending}${known}${parts.size > 0 ? ` · ${stored()}` : ''}${again}`
  }

  const view: View = {
    step(step) {
      if (step === 'sending' && bar.position <= 0) bar.removeAttribute('value')
      show(step, STEPS[step])
      showSending()
    },
    progress(bytes) {
      bar.value = bytes / size
      percent = Math.floor((100 * bytes) / size)
      showSending()
      if (Math.floor(percent / 25) > quarter) announce(`${name}: ${percent}%`)
      quarter = Math.floor(percent / 25)
    },
    part(number, count, partState) {
      parts.set(number, partState)
      const cellCount = Math.min(count, MOST_CELLS)
      while (cells.childElementCount < cellCount) cells.append(element('i'))
      const cell = cells.children[Math.floor(((number - 1) * cellCount) / count)] as HTMLElement
      cell.dataset.part = partState
      showSending()
    },
    paused: () => show('paused', parts.size > 0 ? `Paused with ${stored()} stored.` : 'Paused.'),
    cancelled() {
      bar.value = 0
      cells.replaceChildren()
      show('cancelled', 'Cancelled.')
    },
    failed(reason, awsCode) {
      if (!canPause || !bar.hasAttribute('value')) bar.value = 0 // of one request, nothing stays
      show('failed', reason, ...(awsCode ? [' ', element('code', '', awsCode)] : []))
    },
    refused(reason) {
      canRun = false
      canPause = false
      bar.value = 0
      show('failed', reason)
    },
    done({ url, type }: Finished) {
      bar.value = 1
      const link = element('a', '', 'Download')
      link.href = url
      link.setAttribute('aria-label', `Download ${name}`)
      show('done', `Uploaded and checked: ${inBytes(size)}, ${type}. `, link)
    },
  }

  return {
    root,
    view,
    connect(job, pausable) {
      canPause = pausable
      go.onclick = () => (state === 'sending' || state === 'signing' ? job.pause() : job.run())
      stop.onclick = () => job.cancel()
    },
    leftBehind(cancel) {
      canRun = false
      canPause = true
      bar.value = 0
      stop.onclick = cancel
      show('paused', 'Not finished. Choose the same file again, in parts, to continue where it stopped.')
    },
  }
}
