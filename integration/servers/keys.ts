/** Keys as users type them, below a folder. */
export const PLAIN_KEYS = {
  'with spaces': 'two  words and more .txt',
  'with +': 'a+b = c.txt',
  'with %': '100% of 50%25.txt',
  "with !'()*": "what!'s (this)*.txt",
  'with delimiters of URLs': 'a?b#c&d=e;f:g@h,i$j.txt',
  'with characters that URLs escape': 'a"b<c>d\\e^f`g{h|i}j[k]l~m.txt',
  'with non-ASCII letters': 'résumé – žluťoučký kůň – 日本語.txt',
  'with a decomposed letter': 'cafe\u0301.txt',
  'with emoji': '👩🏽‍🚀 🎉.txt',
  'with a%2Fb as text': 'a%2Fb.txt',
  'with double slashes': 'a//b///c.txt',
  'with a trailing slash': 'folder/',
  'with a . segment': 'a/./b.txt',
  'with a .. segment': 'a/../b.txt',
  'with a trailing .. segment': 'a/b/..',
  'with dots that are not a segment': 'a/.b/..c/d../...txt',
} as const
