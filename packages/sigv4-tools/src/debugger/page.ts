import { shorten } from '../explain/wording.ts'
import type { Question, Report } from './analyze.ts'
import { button, byId, copy, h, visible } from './dom.ts'
import { EXAMPLES } from './examples.ts'
import { summary, viewExplanation } from './findings.ts'
import { startLinkDialog } from './link.ts'
import { fromFragment } from './share.ts'
import { countDown, viewParts, viewSteps } from './steps.ts'
import { viewStrings } from './strings.ts'
import { createAnalyzer } from './worker.ts'

/** A longer paste is kept beside the box: browsers take seconds to lay them out. */
const LONGEST_IN_BOX = 100_000
/** Largest file or paste. */
const LARGEST = 5_000_000

/** Connects the fields to the analyzer and shows what it reports. */
export function startPage(): void {
  const [paste, response, secret] = [
    byId<HTMLTextAreaElement>('paste'),
    byId<HTMLTextAreaElement>('response'),
    byId<HTMLInputElement>('secret'),
  ]
  let attached: string | undefined
  const read = (): Omit<Question, 'id'> => ({
    text: attached ?? paste.value,
    response: response.value,
    secret: secret.value.trim(),
  })
  const analyzer = createAnalyzer((report) => {
    clearTimeout(waiting)
    byId('finding').classList.remove('old')
    byId('details').classList.remove('old')
    try {
      show(report)
    } catch (error) {
      showProblem(`The result cannot be shown (${String(error).slice(0, 200)}). Please report it.`)
    }
  })
  let waiting: ReturnType<typeof setTimeout> | undefined

  function update(): void {
    const question = read()
    const isEmpty = question.text === '' && question.response === ''
    byId('clear').hidden = byId('share').hidden = isEmpty
    byId('hint').hidden = !isEmpty
    byId<HTMLDetailsElement>('examples').open = isEmpty
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      byId('finding').classList.add('old')
      byId('details').classList.add('old')
      announce('Analyzing…')
    }, 300)
    analyzer.ask(question)
  }

  function show(report: Report): void {
    const { explanation, problem, wants } = report
    byId('more').hidden = !wants.request && !wants.response && !wants.secret && !report.isShortened
    byId('request-hint').hidden = !wants.request
    byId('response-field').hidden = !wants.response
    byId('secret-field').hidden = !wants.secret
    byId('link-hint').hidden = !report.isShortened
    byId('secret-of').textContent = report.accessKeyId ? ` of ${visible(report.accessKeyId)}` : ''
    if (secret.value !== '') byId('secret-note').textContent = ''
    byId('recognized').textContent = recognized(report)
    byId('warning').textContent = warning(report)
    byId('keys').hidden = !explanation?.findings.length
    if (problem === undefined) byId('finding').replaceChildren(...(explanation ? [viewExplanation(explanation)] : []))
    else byId('finding').replaceChildren(h('p', { class: 'problem' }, visible(problem)))
    const open = openDetails()
    byId('details').replaceChildren(
      ...[viewStrings(report.strings), viewParts(report.parts), viewSteps(report, () => secret.value.trim())].filter(
        (view) => view !== undefined,
      ),
    )
    for (const [name, isOpen] of open)
      for (const each of byId('details').querySelectorAll('details')) if (each.className === name) each.open = isOpen
    announce(problem ?? (explanation ? summary(explanation) : ''))
  }

  function openDetails(): (readonly [string, boolean])[] {
    return [...byId('details').querySelectorAll('details')].map((each) => [each.className, each.open] as const)
  }

  function showProblem(text: string): void {
    byId('finding').replaceChildren(h('p', { class: 'problem' }, text))
    byId('details').replaceChildren()
    byId('more').hidden = true
    byId('recognized').textContent = byId('warning').textContent = ''
    announce(text)
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  /** Announces a result when the user has stopped typing. */
  function announce(words: string): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      byId('status').textContent = words
    }, 500)
  }

  function attach(name: string, content: string): void {
    attached = content.slice(0, LARGEST)
    paste.hidden = true
    const size = `${Math.ceil(attached.length / 1000).toLocaleString('en')} kB`
    const part = content.length > LARGEST ? ', of which only the beginning is read' : ''
    byId('attached').replaceChildren(
      `${name}, ${size}${part}. `,
      button('Remove', () => reset(paste.value)),
    )
    byId('attached').hidden = false
    update()
  }

  function reset(value: string): void {
    attached = undefined
    byId('attached').hidden = true
    paste.hidden = false
    response.value = secret.value = ''
    if (value.length > LONGEST_IN_BOX) {
      paste.value = ''
      attach('Text', value)
      return
    }
    paste.value = value
    update()
    paste.focus()
  }

  async function openFile(file: File | undefined): Promise<void> {
    if (!file) return
    if (file.size > LARGEST)
      showProblem(`${file.name} is larger than ${LARGEST / 1e6} MB. Remove what does not belong to the request.`)
    else attach(file.name, await file.text())
  }

  paste.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.getData('text/plain') ?? ''
    if (pasted.length <= LONGEST_IN_BOX) return
    event.preventDefault()
    attach('Pasted text', pasted)
  })
  for (const field of [paste, response, secret]) field.addEventListener('input', update)
  byId('clear').addEventListener('click', () => reset(''))
  const file = byId<HTMLInputElement>('file')
  byId('open').addEventListener('click', () => file.click())
  file.addEventListener('change', () => {
    void openFile(file.files?.[0])
    file.value = ''
  })
  addEventListener('dragover', (event) => event.preventDefault())
  addEventListener('drop', (event) => {
    const [dropped] = event.dataTransfer?.files ?? []
    // text goes into a field; a link elsewhere would leave the page
    if (!dropped && event.target instanceof HTMLTextAreaElement) return
    event.preventDefault()
    void openFile(dropped)
  })
  addEventListener('keydown', (event) => {
    const trigger = document.querySelector<HTMLElement>('.result dl button')
    const fix = document.querySelector('.result .fix')?.textContent
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !trigger || !fix) return
    if (byId<HTMLDialogElement>('link-dialog').open) return
    event.preventDefault()
    void copy(fix, trigger).then((isCopied) =>
      announce(isCopied ? 'The fix was copied.' : 'The browser did not allow copying.'),
    )
  })

  function forget(): void {
    if (secret.value === '') return
    secret.value = ''
    byId('secret-note').textContent = 'The secret was cleared because you left the page.'
    update()
  }
  addEventListener('pagehide', forget)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) forget()
  })
  setInterval(() => countDown(Date.now()), 1000)

  byId('example-list').replaceChildren(
    ...EXAMPLES.map(([cause, title]) => button(title, () => showExample(cause), 'example')),
  )

  function showExample(cause: string): void {
    const [, , make] = EXAMPLES.find(([each]) => each === cause) ?? []
    if (!make) return
    const example = make(Date.now())
    reset(example.paste)
    secret.value = example.secret ?? ''
    update()
  }

  async function readFragment(): Promise<void> {
    const [, cause] = /^#example=([\w-]+)$/.exec(location.hash) ?? []
    if (cause !== undefined) {
      showExample(cause)
      return
    }
    const linked = await fromFragment(location.hash).catch(() => '')
    if (linked === '') showProblem('The link is damaged or incomplete. Ask for it again.')
    else if (linked !== undefined) reset(linked)
  }
  addEventListener('hashchange', () => void readFragment())
  paste.focus()
  startLinkDialog(read)
  void readFragment()
}

/** What was recognized, with the lines. */
function recognized({ items, itemCount }: Report): string {
  const rows = items
    .filter(({ kind }) => kind !== 'credentials')
    .map(({ description, isExplained, lines }) => {
      return `${shorten(visible(description), 300)}${isExplained ? ', explained below' : ''} (${linesOf(lines)})`
    })
  if (itemCount > items.length) rows.push(`${itemCount - items.length} more`)
  return rows.length ? `Recognized: ${rows.join('; ')}.` : ''
}

/** Secrets in the evidence. */
function warning({ items }: Report): string {
  const rows = items
    .filter(({ kind }) => kind === 'credentials')
    .map(({ description, lines }) => `${visible(description).replace(/, do not share.*/, '')} in ${linesOf(lines)}`)
  return rows.length ? `Do not share this text: ${rows.join('; ')}.` : ''
}

function linesOf([first, last]: readonly [number, number]): string {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`
}
