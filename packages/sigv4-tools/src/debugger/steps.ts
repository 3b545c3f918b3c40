import { hmacHex, hmacKey } from '../../../../src/internal/sha256.ts'
import { bytesOf, octetsOfHex } from '../explain/request/octets.ts'
import type { Report, Steps } from './analyze.ts'
import { block, button, code, h, visible } from './dom.ts'
import { type Part, remaining } from './parts.ts'

// The request, part by part, and the four steps of Signature Version 4 with the values of this request.

const GROUPS: readonly Part['group'][] = ['Signature', 'Request', 'Query', 'Headers', 'Form']

/** Shows each part of the request: its name, its decoded value, and what it means. */
export function viewParts(parts: readonly Part[]): HTMLElement | undefined {
  if (parts.length === 0) return undefined
  const groups = GROUPS.map((group) => parts.filter((part) => part.group === group)).filter((list) => list.length)
  const view = h(
    'details',
    { class: 'parts' },
    h('summary', {}, 'The request, part by part'),
    ...groups.map((list) =>
      h(
        'table',
        {},
        h('caption', {}, list[0]!.group),
        h(
          'thead',
          { class: 'unseen' },
          h('tr', {}, ...['Name', 'Value', 'Meaning'].map((name) => h('th', { scope: 'col' }, name))),
        ),
        h('tbody', {}, ...list.map(viewPart)),
      ),
    ),
  )
  ;(view as HTMLDetailsElement).open = matchMedia('(min-width: 48rem)').matches
  return view
}

function viewPart({ name, value, note, until }: Part): HTMLElement {
  const meaning = h('td', {}, note ?? '')
  if (until !== undefined) {
    meaning.append(' ', h('span', { 'data-until': String(until) }, remaining(until, Date.now())))
  }
  return h('tr', {}, h('th', { scope: 'row' }, code(name)), h('td', {}, code(value)), meaning)
}

/** Updates how long URLs are still valid. */
export function countDown(now: number): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-until]'))
    element.textContent = remaining(Number(element.dataset.until), now)
}

/** Shows the four steps. `secret` returns what is in the field at that moment. */
export function viewSteps({ steps, accessKeyId }: Report, secret: () => string): HTMLElement | undefined {
  if (!steps) return undefined
  const { canonicalRequest, hash, stringToSign, scope, received, computed } = steps
  return h(
    'details',
    { class: 'steps' },
    h('summary', {}, 'How the signature of this request is computed'),
    h(
      'ol',
      {},
      step('Create the canonical request', block(canonicalRequest, 'Canonical request')),
      step('Hash it with SHA-256', code(hash)),
      step('Create the string to sign', block(stringToSign, 'String to sign')),
      step(
        'Derive the signing key, and sign',
        h('p', {}, 'The key is derived from the secret access key and the credential scope ', code(scope), ':'),
        keys(steps, secret),
        computed === undefined
          ? h(
              'p',
              {},
              `Enter the secret access key${accessKeyId ? ` of ${visible(accessKeyId)}` : ''} to compute the signature.`,
            )
          : h('p', {}, 'Computed: ', code(computed)),
        h('p', {}, 'Received: ', code(received || '(none)')),
        computed !== undefined &&
          h('p', { class: 'equal' }, computed === received ? 'The signatures are equal.' : 'The signatures differ.'),
      ),
    ),
  )
}

function step(title: string, ...content: (Node | string | false)[]): HTMLElement {
  return h('li', {}, h('h3', {}, title), ...content)
}

const FORMULAS = [
  ['kDate', 'HMAC("AWS4" + secret, '],
  ['kRegion', 'HMAC(kDate, '],
  ['kService', 'HMAC(kRegion, '],
  ['kSigning', 'HMAC(kService, '],
] as const

/** How the key is derived; the values are computed only when they are asked for. */
function keys({ scope, computed }: Steps, secret: () => string): HTMLElement {
  const parts = scope.split('/')
  const list = h(
    'dl',
    { class: 'keys' },
    ...FORMULAS.flatMap(([name, formula], i) => [
      h('dt', {}, code(name)),
      h('dd', {}, code(`${formula}"${parts[i] ?? ''}")`), h('span', { class: 'value' })),
    ]),
  )
  if (computed === undefined) return list
  const show = button('Show the derived keys', () => {
    const values = list.querySelectorAll('.value')
    const isShown = show.getAttribute('aria-pressed') === 'true'
    const derived = isShown ? [] : derive(secret(), parts)
    for (const [i, value] of values.entries()) value.replaceChildren(derived[i] ? code(derived[i]) : '')
    show.setAttribute('aria-pressed', String(!isShown))
    show.textContent = isShown ? 'Show the derived keys' : 'Hide the derived keys'
  })
  show.setAttribute('aria-pressed', 'false')
  return h('div', {}, list, show)
}

function derive(secret: string, parts: readonly string[]): string[] {
  if (secret === '') return []
  let key: Uint8Array = new TextEncoder().encode(`AWS4${secret}`)
  return parts.map((part) => {
    const hex = hmacHex(hmacKey(key), part)
    key = bytesOf(octetsOfHex(hex))
    return hex
  })
}
