import type { CauseRows } from './row.ts'

/** The requirements of a service other than the signature. */
export const SERVICE = {
  'token-format': {
    means: 'The token was not in the form that its service expects',
    happens: 'The token was sent as a URL, decoded, encoded again, padded, or created for a different action.',
    check: 'Compare the start of the token with the one that npx sigv4-tools token prints.',
    fix: 'Send the token as npx sigv4-tools token prints it.',
    isInToken: true,
  },
  'not-supported': {
    means: 'The request contained a feature that the server does not support',
    happens:
      'A client sends checksums, trailers, chunks, conditions, or forms that S3 supports and an S3-compatible server does not.',
    check: 'Look up the server under "What servers do not support".',
    fix: 'Turn the feature off in the client, or use a server that supports it.',
    isOwn: true,
    isUnread: true,
  },
  cors: {
    means: 'Either a CORS rule was missing, or the service rejected the request: the browser hides its response',
    happens:
      "The bucket does not allow the page's origin, method, or headers, or the service's error does not have CORS headers.",
    check: "Run curl -i -X OPTIONS -H 'Origin: https://app.example' -H 'Access-Control-Request-Method: PUT' \"$URL\".",
    fix: 'Send the request with curl -v, which ignores CORS. If it succeeds, add a CORS rule for the origin, the method, and the headers.',
    of: 'other',
    isOwn: true,
  },
  'not-auth': {
    means: 'The signature was not the problem: the service rejected the request for a different reason',
    clause: 'the signature was not the problem: the service rejected the request for a different reason',
    happens: 'The object or bucket does not exist, or the access key does not have permission.',
    check: 'Look up the error code of the response, and check the permissions of the access key.',
    fix: 'Follow the error code of the response instead of changing the signature.',
    of: 'other',
  },
} satisfies CauseRows
