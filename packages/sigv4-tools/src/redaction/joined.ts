// Joins values that a line break splits, before they are judged: terminals, mail programs and shells break long lines.

import { formsOf, type Plain } from './escapes.ts'
import { isSecretShaped, MOST_SHOWN } from './find.ts'
import { endsInValue, SECRET_NAMES } from './named.ts'

const HEAD = /[^\s"'`<>,;(){}[\]]+$/
const TAIL = /^[^\s"'`<>,;(){}[\]]+/
/** An escape without its end. */
const OPEN_ESCAPE = /(?:%(?:25)*[\da-f]?|&(?:amp;)*#?x?[\da-z]{0,6}|\\+(?:u[\da-f]{0,3}|x[\da-f]?)?)$/i
const LONGEST_ESCAPE = 16
/** The name of something else, the scheme of a URL, a time, a scope, or an access key ID. */
const OTHER =
  /^(?:\d{8}[/T]|\d{4}-\d\d-\d\d|\d\d?:\d\d|[A-Za-z_$][\w.-]{0,60}(?:\s?:|\s=|=(?:["'`](?![\s,;)\]}]|$)|[^\s=&"'`,;)\]}<]))|A[KS]IA[A-Z\d]{12,20}(?![\w/+]))/
/** A word, a name of several words, or a path, which are not random; or a hash, which is evidence. */
const KNOWN = /^(?:[A-Z]+|(?:[A-Z](?=[a-z])|[a-z]|[-_./](?=\w))+|[\da-f]{64})[.!?:]?$/
const LONGEST_NAME = 40

/** Returns whether a line break splits a value that may be a secret, or the name of one. */
function isBroken(before: string, after: string, lineBreak: string): boolean {
  const [head = ''] = HEAD.exec(before) ?? []
  const [tail = ''] = TAIL.exec(after) ?? []
  if (OPEN_ESCAPE.test(before.slice(-LONGEST_ESCAPE)) && /^[#\da-z;]/i.test(after)) return true
  if (head === '' || tail === '') return false
  if (isShaped(head, tail) || isName(before, after)) return true
  if (OTHER.test(after)) return false
  const [isLong, isRandom] = [tail.length > MOST_SHOWN, !KNOWN.test(tail)]
  if (isLong && isRandom) return true
  // the marks of quoted-printable and shells show that a line continues
  return (isLong || isRandom) && (/^[=\\]/.test(lineBreak) || endsInValue(before, SECRET_NAMES))
}

function isShaped(head: string, tail: string): boolean {
  const [end = ''] = /[A-Za-z\d/+]+$/.exec(head) ?? []
  const [start = ''] = /^[A-Za-z\d/+]+/.exec(tail) ?? []
  return end !== '' && start !== '' && isSecretShaped(end + start)
}

/** Returns whether the start of a name is before a line break, and its end after it. */
function isName(before: string, after: string): boolean {
  const start = before.slice(-LONGEST_NAME)
  const names = (start + after.slice(0, LONGEST_NAME)).matchAll(SECRET_NAMES)
  return [...names].some(({ 0: name, index }) => index < start.length && index + name.length > start.length)
}

/** Returns a string without escapes, and the same with the values joined that a line break splits, if there are any. */
export function plainForms(text: string): Plain[] {
  return formsOf(text, isBroken)
}
