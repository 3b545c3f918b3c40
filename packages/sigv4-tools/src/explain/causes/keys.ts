import type { CauseRows } from './row.ts'

/** The credentials, and what is computed with them. */
export const KEYS = {
  'wrong-secret': {
    means: 'The request was signed with the wrong secret access key',
    happens: 'The key was rotated, or the secret belongs to a different access key ID or environment.',
    check: 'Check that the access key ID and the secret belong to the same key pair.',
    fix: 'Use the secret access key that belongs to this access key ID.',
    isProvable: true,
    prior: 1,
  },
  'unknown-access-key': {
    means: 'The service did not recognize the access key ID',
    stated: {
      sent: (sent) => `The access key ID has ${sent} characters.`,
      required: (required) => `The service requires ${required}.`,
    },
    happens: 'The key was deleted or disabled, or belongs to a different account or provider.',
    check: "Look for this access key ID among the account's keys.",
    fix: 'Use an access key of this service, or create one there.',
    needs: 'key',
    follows: ['credential'],
  },
  'keys-swapped': {
    means: 'The access key ID and secret access key were swapped',
    stated: {
      sent: (sent) => `The access key ID has ${sent} characters.`,
      required: (required) => `The service requires ${required}.`,
    },
    happens: 'Two environment variables or form fields were filled in the wrong order.',
    check: 'Check that the credential starts with an access key ID.',
    fix: 'Swap them back: an AWS access key ID starts with AKIA or ASIA.',
    isMisread: true,
  },
  'secret-whitespace': {
    means: 'The secret access key was used with extra whitespace',
    happens: 'The secret was read from a file or pasted with a trailing newline or space.',
    check: 'Print the length of the secret: an AWS secret access key has 40 characters.',
    fix: 'Trim the secret when you read it.',
    isProvable: true,
  },
  'secret-encoding': {
    means: 'The secret access key was changed by an encoding before it was used',
    happens: 'The secret passed through a URL, a shell, YAML, base64, or an HTML form.',
    check: 'Print the length of the secret: an AWS secret access key has 40 characters.',
    fix: 'Pass the secret exactly as it was issued, without encoding or quotes.',
    isProvable: true,
  },
  'key-derivation': {
    means: 'The signing key was derived incorrectly',
    happens:
      'A hand-written signer derived the key from other strings or in a different order, or cached it past midnight UTC.',
    check: 'Derive the key of the example in the AWS documentation, and compare.',
    fix: 'Start with AWS4 and the secret access key as the first key, then use the date, the region, the service, and aws4_request, in this order.',
    isProvable: true,
    follows: ['credential'],
  },
  'canonical-request': {
    means: 'The canonical request was assembled incorrectly',
    happens:
      'A hand-written signer left out a line, or added one: the query string and the empty line after the headers are easily missed.',
    check: "Compare the client's canonical request with the example in the AWS documentation, line by line.",
    fix: 'Write method, path, query string, signed headers, an empty line, their names, and the payload hash, separated by line feeds.',
    isProvable: true,
    isAssembly: true,
  },
  'string-to-sign': {
    means: 'The string to sign was assembled incorrectly',
    happens: 'A hand-written signer left out a line, or did not hash the canonical request.',
    check: 'Print the string to sign: it has four lines, and the last one is a hash.',
    fix: 'Write the algorithm, X-Amz-Date, the credential scope, and the hash of the canonical request, separated by line feeds.',
    isProvable: true,
    isAssembly: true,
  },
  'session-token': {
    means: 'The session token was missing, expired, or not valid for the access key',
    happens: 'Temporary credentials expired, were copied without their token, or were combined with a different token.',
    check: 'Check that the key and the token belong together and have not expired.',
    fix: 'Sign the session token that was issued with the access key, and send it as X-Amz-Security-Token.',
    isPartial: true,
    isInHeaders: true,
    isChange: true,
  },
} satisfies CauseRows
