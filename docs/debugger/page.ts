import type { Report } from './analyze.ts'
import { button, byId, copy, h } from './dom.ts'
import { EXAMPLES } from './examples.ts'
import { summary, viewExplanation } from './findings.ts'
import { fromFragment, shareable, toFragment } from './share.ts'
import { countDown, viewParts, viewSteps } from './steps.ts'
import { viewStrings } from './strings.ts'
import { createAnalyzer } from './worker.ts'

/** Longer pastes are kept beside the box: browsers take seconds to lay them out. */
const LONGEST_IN_BOX = 100_000
/** Largest file or paste. */
const LARGEST = 5_000_000
/** Most items that are listed. */
const MOST_ITEMS = 12

/** Connects the fields to the analyzer and shows what it reports. */
export function startPage(): void {
  const [paste, response, secret] = [
    byId<HTMLTextAreaElement>('paste'),
    byId<HTMLTextAreaElement>('response'),
    byId<HTMLInputElement>('secret'),
  ]
  let attached: { readonly name: string; readonly text: string } | undefined
  let shown: Report | undefined
  const text = (): string => (attached ? attached.text : paste.value)
  const analyze = createAnalyzer(document.currentScript as HTMLScriptElement, show)
  const update = (): void => {
    const isEmpty = text() === ''
    byId('clear').hidden = byId('share').hidden = isEmpty && response.value === ''
    byId<HTMLDetailsElement>('examples').open = isEmpty
    analyze({ text: text(), response: response.value, secret: secret.value })
  }

  function show(report: Report): void {
    shown = report
    const { explanation, problem, wants, items } = report
    byId('more').hidden = !wants.response && !wants.secret
    byId('response-field').hidden = !wants.response
    byId('secret-field').hidden = !wants.secret
    byId('secret-of').textContent = report.accessKeyId ? ` of ${report.accessKeyId}` : ''
    byId('recognized').textContent = recognized(items)
    const views = [viewStrings(report.strings), viewParts(report.parts), viewSteps(report, () => secret.value)].filter(
      (view) => view !== undefined,
    )
    const isStepsOpen = document.querySelector<HTMLDetailsElement>('.steps')?.open ?? false
    byId('finding').replaceChildren(
      ...(problem === undefined ? [] : [h('p', { class: 'problem' }, problem)]),
      ...(explanation ? [viewExplanation(explanation)] : []),
    )
    byId('details').replaceChildren(...views)
    const steps = document.querySelector<HTMLDetailsElement>('.steps')
    if (steps) steps.open = isStepsOpen
    announce(explanation ? summary(explanation) : (problem ?? ''))
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
    attached = { name, text: content }
    paste.hidden = true
    const size = `${Math.ceil(content.length / 1000).toLocaleString('en')} kB`
    byId('attached').replaceChildren(
      `${name}, ${size}. `,
      button('Remove', () => reset('')),
    )
    byId('attached').hidden = false
    update()
  }

  function reset(value: string): void {
    attached = undefined
    byId('attached').hidden = true
    paste.hidden = false
    paste.value = value
    response.value = ''
    secret.value = ''
    update()
    paste.focus()
  }

  async function openFile(file: File | undefined): Promise<void> {
    if (!file) return
    if (file.size > LARGEST)
      byId('finding').replaceChildren(
        h(
          'p',
          { class: 'problem' },
          `The file is larger than ${LARGEST / 1e6} MB. Remove what does not belong to the request.`,
        ),
      )
    else attach(file.name, await file.text())
  }

  paste.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.getData('text/plain') ?? ''
    if (pasted.length <= LONGEST_IN_BOX) return
    event.preventDefault()
    attach('Pasted text', pasted.slice(0, LARGEST))
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
    const dropped = event.dataTransfer?.files[0]
    if (!dropped) return
    event.preventDefault()
    void openFile(dropped)
  })
  addEventListener('keydown', (event) => {
    const fix = shown?.explanation?.findings[0]?.fix
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || fix === undefined) return
    event.preventDefault()
    const trigger = document.querySelector<HTMLElement>('.result dl button')
    if (trigger)
      void copy(fix, trigger).then((isCopied) =>
        announce(isCopied ? 'The fix was copied.' : 'The browser did not allow copying.'),
      )
  })
  const forget = (): void => {
    secret.value = ''
    for (const value of document.querySelectorAll('.keys .value')) value.replaceChildren()
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
    if (linked === '')
      byId('finding').replaceChildren(
        h('p', { class: 'problem' }, 'The link is damaged or incomplete. Ask for it again.'),
      )
    else if (linked !== undefined) reset(linked)
  }
  addEventListener('hashchange', () => void readFragment())
  paste.focus()
  void readFragment()

  const dialog = byId<HTMLDialogElement>('link-dialog')
  let link: string | undefined
  byId('share').addEventListener('click', async () => {
    const secretLines = (shown?.items ?? []).filter(({ kind }) => kind === 'credentials').map(({ lines }) => lines)
    const own = shareable(text(), secretLines, shown?.private ?? [])
    const all = response.value === '' ? own : `${own}\n\n${shareable(response.value, [], shown?.private ?? [])}`
    const fragment = await toFragment(all)
    link = fragment && `${location.href.replace(/#.*/s, '')}${fragment}`
    byId('link-note').textContent =
      link === undefined
        ? 'This is too much for a link. Remove what does not belong to the request.'
        : 'The link contains the text below, after the #, which browsers do not send to servers. Signatures and tokens are shortened, and the secret access key is not part of it. Check it before you share it.'
    byId<HTMLTextAreaElement>('link-text').value = all.slice(0, LONGEST_IN_BOX)
    byId<HTMLButtonElement>('link-copy').disabled = link === undefined
    byId('link-result').textContent = ''
    dialog.showModal()
  })
  byId('link-copy').addEventListener('click', async ({ currentTarget }) => {
    const isCopied = link !== undefined && (await copy(link, currentTarget as HTMLElement))
    byId('link-result').textContent = isCopied ? 'The link was copied.' : 'The browser did not allow copying.'
  })
  byId('link-close').addEventListener('click', () => dialog.close())
}

/** What was recognized, with the lines. */
function recognized(items: Report['items']): string {
  if (items.length === 0) return ''
  const rows = items.slice(0, MOST_ITEMS).map(({ description, lines: [first, last] }) => {
    return `${description} (${first === last ? `line ${first}` : `lines ${first} to ${last}`})`
  })
  if (items.length > MOST_ITEMS) rows.push(`${items.length - MOST_ITEMS} more`)
  return `Recognized: ${rows.join('; ')}.`
}
