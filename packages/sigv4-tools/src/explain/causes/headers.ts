import type { CauseRows, Difference } from './row.ts'

const notSent = ({ subject, signed }: Difference): string => `${subject} was signed as ${signed}, but it was not sent.`

/** The signed headers. */
export const HEADERS = {
  'header-missing': {
    means: 'A signed header was not sent',
    difference: notSent,
    missing: notSent,
    stated: { name: (name) => `The request did not contain the signed header ${name}.` },
    happens: 'The client did not set the header, or a proxy removed it.',
    check: 'Compare SignedHeaders with the headers that were sent, in the Network tab or with curl -v.',
    fix: 'Send every header in SignedHeaders with its signed value.',
    fixWith: {
      namedExpected: ({ header, expected }) => `Send "${header}: ${expected}", or do not sign the header.`,
      named: ({ header }) => `Send the ${header} header with its signed value, or do not sign it.`,
    },
    isProvable: true,
    needs: 'headers',
    follows: ['signedheaders'],
    isPartial: true,
    isInHeaders: true,
    unsent: 'missing',
  },
  'header-changed': {
    means: 'A header was changed after signing',
    happens: 'The browser, the HTTP library, or a proxy set its own value.',
    check: 'Compare the signed headers with the ones that were sent, in the Network tab or with curl -v.',
    fix: 'Send the signed value, or do not sign the header.',
    fixWith: {
      namedValues: ({ header, expected, actual }) =>
        `Send "${header}: ${expected}", or create the signature for "${actual}".`,
      namedExpected: ({ header, expected }) => `Send "${header}: ${expected}", or do not sign the header.`,
      named: ({ header }) => `Send the ${header} header with its signed value, or do not sign it.`,
    },
    isProvable: true,
    isCompared: true,
    follows: ['signedheaders'],
    isInHeaders: true,
    isChange: true,
    prior: 2,
    unsent: 'changed',
  },
  'header-whitespace': {
    means: 'The whitespace in a header was signed incorrectly',
    difference: ({ part, signed, sent }) =>
      `The whitespace in ${part} was signed incorrectly: the client signed ${signed}, and the service computed its signature for ${sent}.`,
    happens: 'The value was signed with surrounding spaces or with consecutive spaces.',
    check: 'Look for leading, trailing, or repeated spaces in the signed headers.',
    fix: 'For signing, trim the value and replace each run of spaces with one space.',
    isProvable: true,
    isCompared: true,
    follows: ['signedheaders'],
    isInHeaders: true,
  },
  'signed-headers': {
    means: 'The list of signed headers was incorrect',
    required: 'host',
    happens: 'Names are unsorted, uppercase, or missing, or host was not signed.',
    check: 'Compare SignedHeaders with the headers in the canonical request.',
    fix: 'Sign host and every x-amz- header, with lowercase, sorted names.',
    isProvable: true,
    isCompared: true,
    follows: ['signedheaders'],
  },
  'unsigned-header': {
    means: 'An x-amz- header was sent without being signed',
    stated: { name: (name) => `The request contained headers that were not signed: ${name}.` },
    happens: 'The header was added after signing.',
    check: 'Compare the x-amz- headers that were sent with SignedHeaders.',
    fix: 'Sign the header, or do not send it.',
    fixWith: { named: ({ header }) => `Sign the ${header} header, or do not send it.` },
    needs: 'all headers',
    follows: ['signedheaders'],
    isInHeaders: true,
  },
} satisfies CauseRows
