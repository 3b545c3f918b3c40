import { highlightDiff } from '../explain.ts'

/** A child of an element; strings become text, never markup. */
export type Child = Node | string | undefined | false

/** Creates an element. Attributes are constants of this page, not evidence. */
export function h(name: string, attributes: Record<string, string>, ...children: Child[]): HTMLElement {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  for (const child of children) if (child !== undefined && child !== false) element.append(child)
  return element
}

/** The element with an id in index.html. */
export function byId<Type extends HTMLElement>(id: string): Type {
  return document.getElementById(id) as Type
}

/** A string in which characters that cannot be seen are named. Line breaks are kept. */
export function visible(text: string): string {
  return text
    .split('\n')
    .map((line) => highlightDiff(line, line)[0].before)
    .join('\n')
}

/** A value as code, isolated from the direction of the text around it. */
export function code(text: string, className = ''): HTMLElement {
  return h('code', { dir: 'ltr', ...(className && { class: className }) }, visible(text))
}

/** Code of several lines, which can be scrolled by keyboard. */
export function block(text: string, label: string): HTMLElement {
  return h('pre', { dir: 'ltr', tabindex: '0', role: 'group', 'aria-label': label }, visible(text))
}

/** A button that calls a function. */
export function button(text: string, onClick: (button: HTMLButtonElement) => void, className = ''): HTMLButtonElement {
  const element = h('button', { type: 'button', ...(className && { class: className }) }, text) as HTMLButtonElement
  element.addEventListener('click', () => onClick(element))
  return element
}

/** Copies text, and shows on the button that this was done. */
export async function copy(text: string, trigger: HTMLElement): Promise<boolean> {
  const label = trigger.dataset.label ?? trigger.textContent ?? ''
  trigger.dataset.label = label
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    if (!copyBySelection(text)) {
      trigger.textContent = 'Not allowed'
      return false
    }
  }
  trigger.textContent = 'Copied'
  setTimeout(() => {
    trigger.textContent = label
  }, 1500)
  return true
}

/** For browsers that do not give a file access to the clipboard. */
function copyBySelection(text: string): boolean {
  const field = h('textarea', { class: 'unseen', 'aria-hidden': 'true' }) as HTMLTextAreaElement
  field.value = text
  const parent = document.querySelector('dialog[open]') ?? document.body
  parent.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  return isCopied
}
