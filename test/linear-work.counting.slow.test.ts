import { describe, expect, it } from 'vitest'
import { checkLinear } from './support/linear-work.ts'

// What the counters of work detect, and what they do not mistake for it.

const LENGTH = 2000
const list = (length: number): string[] => Array.from({ length }, (_, i) => `a${i}`)

describe('quadratic work is detected', () => {
  it.each<[string, (length: number) => () => unknown, string]>([
    [
      'a loop in a loop',
      (length) => () => {
        let sum = 0
        for (let i = 0; i < length; i++) for (let j = 0; j < i; j++) sum += j
        return sum
      },
      'runs of a block',
    ],
    [
      'a function in a loop',
      (length) => () => list(length).map((_, i, all) => all.reduce((sum) => sum + i, 0)),
      'runs of a block',
    ],
    ['includes in a loop', (length) => () => list(length).filter((_, i, all) => all.includes(`b${i}`)), 'items'],
    [
      'indexOf in a loop',
      (length) => {
        const text = 'a'.repeat(length)
        return () => [...text].map(() => text.indexOf('b'))
      },
      'items',
    ],
    [
      'join in a loop',
      (length) => () => {
        const parts: string[] = []
        return list(length).map((part) => parts.push(part) + parts.join('').length)
      },
      'items',
    ],
    [
      'shift in a loop',
      (length) => () => {
        for (const queue = list(length); queue.length > 0; ) queue.shift()
      },
      'items',
    ],
    [
      'a string that grows, and is read',
      (length) => () => {
        let text = ''
        let sum = 0
        for (let i = 0; i < length; i++) {
          text += 'abcdefghij'
          sum += text.slice(0, 3).length + text.charCodeAt(5)
        }
        return sum
      },
      'bytes',
    ],
    [
      'a list that is copied',
      (length) => () => {
        let items: number[] = []
        for (let i = 0; i < length; i++) items = [...items, i]
        return items
      },
      'bytes',
    ],
    [
      'an object that is copied',
      (length) => () => {
        let all: object = {}
        for (let i = 0; i < length / 3; i++) all = { ...all, [`a${i}`]: i }
        return all
      },
      'bytes',
    ],
    [
      'a set that is built in a loop',
      (length) => () => list(length).map((item, _, all) => new Set(all).has(item)),
      'bytes',
    ],
    [
      'an expression in a loop that reads the rest',
      (length) => {
        const text = 'a'.repeat(length)
        return () => [...text].map((_, i) => /^(.*)x/s.test(text.slice(i)))
      },
      'steps',
    ],
    [
      'a sticky expression that reads the rest',
      (length) => {
        const text = ' '.repeat(length)
        const pattern = /\s*y/y
        return () =>
          [...text].map((_, i) => {
            pattern.lastIndex = i
            return pattern.test(text)
          })
      },
      'steps',
    ],
    [
      'an expression that takes quadratic time',
      (length) => {
        const text = `${' '.repeat(length)}x`
        return () => text.replace(/\s+$/, '')
      },
      'steps',
    ],
    [
      'a URL with a long host',
      (length) => () => {
        try {
          return new URL(`https://${'a'.repeat(length)}/`)
        } catch (error) {
          return error
        }
      },
      'items',
    ],
  ])('%s', async (name, make, unit) => {
    await expect(checkLinear(name, make, LENGTH)).rejects.toThrow(unit)
  })
})

describe('linear work is not', () => {
  it.each<[string, (length: number) => () => unknown]>([
    [
      'a rest that is parsed from its start',
      (length) => () => {
        let rest = 'ab,'.repeat(length)
        while (rest !== '') rest = rest.slice(/^[^,]*,/.exec(rest)![0].length)
      },
    ],
    [
      'a list that is changed, sorted, and joined',
      (length) => () =>
        [...new Set(list(length))]
          .map((item) => item.toUpperCase())
          .sort()
          .join(',')
          .split(','),
    ],
    [
      'a string that grows, and is read once',
      (length) => () => {
        let text = ''
        for (let i = 0; i < length; i++) text += `a${i}`
        return text.charCodeAt(5)
      },
    ],
    [
      'a search from the last place',
      (length) => () => {
        const text = 'ab,'.repeat(length)
        for (let i = text.indexOf(','); i >= 0; ) i = text.indexOf(',', i + 1)
      },
    ],
    ['matches of a global expression', (length) => () => 'ab,'.repeat(length).replace(/b,/g, ';').match(/a/g)],
  ])('%s', async (name, make) => {
    await expect(checkLinear(name, make, LENGTH)).resolves.toBeGreaterThan(0)
  })
})
