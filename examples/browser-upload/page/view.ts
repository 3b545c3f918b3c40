import type { Finished } from '../server/signing.ts'
import type { Job, PartState, Step, View } from './job.ts'

const MAX_CELLS = 400
const STEPS: Record<Step, string> = {
  signing: 'Preparing…',
  sending: 'Uploading…',
  finishing: 'Checking the upload…',
  canceling: 'Canceling…',
}

type State = Step | 'paused' | 'failed' | 'canceled' | 'done'

/** Label of the button that runs an upload again. */
const RUN: Partial<Record<State, string>> = { paused: 'Resume', failed: 'Try again' }

/** Announces a message to screen readers. */
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
  const created = document.createElement(name)
  if (className) created.className = className
  created.append(...content)
  return created
}

/** An upload in the list. */
export interface Item {
  readonly root: HTMLLIElement
  readonly view: View
  /** Connects the buttons. */
  connect(job: Job, canPause: boolean): void
  /** Shows an unfinished upload of an earlier page, which can only be canceled here. */
  showUnfinished(cancel: () => void): void
}

export function itemFor(name: string, size: number, wayName: string): Item {
  const title = element('h3', '', element('bdi', '', name)) // Isolates names in right-to-left scripts.
  title.tabIndex = -1
  const bar = element('progress')
  bar.max = 1
  bar.setAttribute('aria-label', `Progress of ${name}`)
  const cells = element('div', 'parts')
  cells.setAttribute('aria-hidden', 'true') // The text contains the same information.
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

  const partsIn = (state: PartState): number[] =>
    [...parts].flatMap(([number, partState]) => (partState === state ? [number] : []))
  const stored = (): string => `${partsIn('done').length} of ${parts.size} ${parts.size === 1 ? 'part' : 'parts'}`

  const show = (next: State, ...content: (Node | string)[]): void => {
    state = next
    root.dataset.state = next
    message.replaceChildren(...content)
    const isRunning = next === 'sending' || next === 'signing'
    label(go, isRunning ? (canPause ? 'Pause' : '') : (canRun && RUN[next]) || '')
    label(stop, isRunning || next === 'paused' || (next === 'failed' && canPause) ? 'Cancel' : '')
    if (isRunning || next === 'finishing' || next === 'canceling') return
    announce(`${name}: ${message.textContent}`)
  }
  /** Sets the label of a button. If a focused button is hidden, the title receives the focus. */
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
      const cellCount = Math.min(count, MAX_CELLS)
      while (cells.childElementCount < cellCount) cells.append(element('i'))
      const cell = cells.children[Math.floor(((number - 1) * cellCount) / count)] as HTMLElement
      cell.dataset.part = partState
      showSending()
    },
    paused: () => show('paused', parts.size > 0 ? `Paused. ${stored()} uploaded.` : 'Paused.'),
    canceled() {
      bar.value = 0
      cells.replaceChildren()
      show('canceled', 'Canceled.')
    },
    failed(reason, awsCode) {
      if (!canPause || !bar.hasAttribute('value')) bar.value = 0 // A failed single request stores nothing.
      show('failed', reason, ...(awsCode ? [' ', element('code', '', awsCode)] : []))
    },
    rejected(reason) {
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
      show('done', `Uploaded and verified: ${inBytes(size)}, ${type}. `, link)
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
    showUnfinished(cancel) {
      canRun = false
      canPause = true
      bar.value = 0
      stop.onclick = cancel
      show('paused', 'Unfinished. To resume, choose the same file again and select Multipart upload.')
    },
  }
}
