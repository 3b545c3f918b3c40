import type { Finished } from '../server/signing.ts'
import type { Job, PartState, Step, View } from './job.ts'

const MOST_CELLS = 400
const STEPS: Record<Step, string> = {
  signing: 'Asking for permission…',
  sending: 'Uploading…',
  finishing: 'Checking what arrived…',
  cancelling: 'Cancelling…',
}

type State = Step | 'paused' | 'failed' | 'cancelled' | 'done' | 'unfinished'

/** Says something to screen readers. */
export function announce(text: string): void {
  document.querySelector('#announcer')!.textContent = text
}

export function inBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < 3; unit++) value /= 1024
  if (bytes === 1) return '1 byte'
  return `${value.toLocaleString('en', { maximumFractionDigits: unit && value < 100 ? 1 : 0 })} ${units[unit]}`
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  text = '',
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (className) made.className = className
  made.textContent = text
  return made
}

/** One upload in the list. */
export interface Item {
  readonly root: HTMLLIElement
  readonly view: View
  /** Gives the buttons what they do. */
  connect(job: Job, canPause: boolean): void
  /** Shows an upload that another page left behind. */
  leftBehind(giveUp: () => void): void
}

export function itemFor(name: string, size: number, wayName: string): Item {
  const root = element('li')
  const title = element('h3', '', name)
  title.tabIndex = -1
  const facts = element('span', 'facts', `${wayName} · ${inBytes(size)}`)
  const head = element('div', 'head')
  head.append(title, facts)
  const bar = element('progress')
  bar.max = 1
  bar.setAttribute('aria-label', `Progress of ${name}`)
  const cells = element('div', 'parts')
  cells.setAttribute('aria-hidden', 'true') // the count says the same
  const state = element('p', 'state')
  const [go, stop] = [element('button'), element('button')]
  for (const button of [go, stop]) button.type = 'button'
  const buttons = element('div', 'buttons')
  buttons.append(go, stop)
  const foot = element('div', 'foot')
  foot.append(state, buttons)
  root.append(head, bar, cells, foot)

  let current: State = 'signing'
  let canPause = false
  let quarter = 0
  let arrived = ''
  const states = new Map<number, PartState>()

  const show = (next: State, ...content: (Node | string)[]): void => {
    current = next
    root.dataset.state = next
    state.replaceChildren(...content)
    const isRunning = next === 'sending' || next === 'signing'
    label(go, isRunning && canPause ? 'Pause' : next === 'paused' ? 'Go on' : next === 'failed' ? 'Try again' : '')
    label(stop, isRunning || next === 'paused' || (next === 'failed' && canPause) ? 'Cancel' : '')
    if (isRunning || next === 'finishing' || next === 'cancelling') return
    announce(`${name}: ${state.textContent}`)
  }
  /** A button that is not there keeps no focus: the title gets it. */
  const label = (button: HTMLButtonElement, text: string): void => {
    if (text === '' && document.activeElement === button) title.focus()
    button.hidden = text === ''
    button.textContent = text
    button.setAttribute('aria-label', `${text} ${name}`)
  }

  const view: View = {
    step(step) {
      if (step === 'sending' && bar.position <= 0) bar.removeAttribute('value')
      show(step, STEPS[step])
    },
    progress(bytes) {
      bar.value = bytes / size
      const percent = Math.floor((100 * bytes) / size)
      if (current === 'sending') state.textContent = `Uploading… ${percent} %${arrived}`
      if (Math.floor(percent / 25) <= quarter) return
      quarter = Math.floor(percent / 25)
      announce(`${name}: ${percent} %`)
    },
    part(number, count, partState) {
      states.set(number, partState)
      const there = [...states.values()].filter((each) => each === 'done').length
      arrived = ` · ${there} of ${count} parts`
      const cellCount = Math.min(count, MOST_CELLS)
      while (cells.childElementCount < cellCount) cells.append(element('i'))
      const cell = cells.children[Math.floor(((number - 1) * cellCount) / count)] as HTMLElement
      cell.dataset.part = partState
    },
    paused: () => show('paused', `Paused${arrived}. What is there stays there.`),
    cancelled() {
      bar.value = 0
      cells.replaceChildren()
      show('cancelled', 'Cancelled.')
    },
    failed(message, awsCode) {
      if (!canPause || !bar.hasAttribute('value')) bar.value = 0 // of one request, nothing stays
      show('failed', message, ...(awsCode ? [' ', element('code', '', awsCode)] : []))
    },
    done({ url, type }: Finished) {
      bar.value = 1
      const link = element('a', '', 'Open it')
      link.href = url
      link.setAttribute('aria-label', `Open ${name}`)
      show('done', `Stored and checked: ${inBytes(size)}, ${type}. `, link)
    },
  }

  return {
    root,
    view,
    connect(job, pausable) {
      canPause = pausable
      go.onclick = () => (current === 'sending' || current === 'signing' ? job.pause() : job.run())
      stop.onclick = () => job.cancel()
    },
    leftBehind(giveUp) {
      bar.value = 0
      root.dataset.state = 'paused'
      state.textContent = 'Not finished. Choose the same file again to go on where it stopped.'
      label(go, '')
      label(stop, 'Cancel')
      stop.onclick = giveUp
    },
  }
}
