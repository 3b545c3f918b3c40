import { isCutOff } from '../request/octets.ts'
import { isCanonical } from '../request/pieces.ts'
import { recoverCanonical, recoverProse, recoverToSign, textOfHex } from './recover.ts'

// The elements of an error in XML: repaired if a copy lost line ends, and written as a service writes them.

/** Recovers the strings of an error; whether that changed something. */
export function repairElements(elements: Map<string, string>): boolean {
  let isChanged = false
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined || value === elements.get(name)) return
    elements.set(name, value)
    isChanged = true
  }
  const bytes = (name: string): string | undefined => {
    const text = textOfHex(elements.get(`${name}Bytes`) ?? '')
    return text !== undefined && isCutOff(text, elements.get(name) ?? '') ? undefined : text
  }
  const toSign = bytes('StringToSign')
  const copy = elements.get('StringToSign')
  set('StringToSign', toSign?.startsWith('AWS4-') ? toSign : copy === undefined ? undefined : recoverToSign(copy))
  const canonical = bytes('CanonicalRequest')
  const shown = elements.get('CanonicalRequest')
  if (canonical !== undefined && /^[A-Z]+\n/.test(canonical)) set('CanonicalRequest', canonical)
  else if (shown !== undefined && !isCanonical(shown)) set('CanonicalRequest', recoverCanonical(shown))
  const message = elements.get('Message') ?? ''
  const prose = message.search(/The Canonical String for this request should/)
  const strings = prose < 0 ? undefined : recoverProse(message.slice(prose))
  if (strings !== undefined && !message.includes(strings.trim()))
    set('Message', `${message.slice(0, prose).trim()}\n\n${strings}`)
  return isChanged
}

const ORDER =
  'Code Message AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes'

/** An error as S3 writes it. */
export function writeXml(elements: ReadonlyMap<string, string>): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const known = ORDER.split(' ')
  const names = [
    ...known.filter((name) => elements.has(name)),
    ...[...elements.keys()].filter((name) => !known.includes(name)),
  ]
  const kept = names.filter((name) => elements.get(name)!.trim() !== '' || name === 'Message')
  const content = kept.map(
    (name) => `<${name}>${escaped(isText(name) ? elements.get(name)! : elements.get(name)!.trim())}</${name}>`,
  )
  return `<Error>${content.join('')}</Error>`
}

function isText(name: string): boolean {
  return name === 'CanonicalRequest' || name === 'StringToSign'
}
