import type { CauseRows } from './row.ts'

const hostOf = (value: string): string => (value === 'an empty string' ? 'an empty host' : `the host ${value}`)

/** The method, the host, and the path. */
export const PATH = {
  method: {
    means: 'The request was sent with a different method than it was signed for',
    difference: ({ signed, sent }) => `The request was signed for the method ${signed}, but it was sent with ${sent}.`,
    happens: 'A URL presigned for GET was used for PUT or HEAD, or a redirect changed the method.',
    check: 'Compare the signed method with the method that was sent.',
    fix: 'Presign for the method that you send.',
    fixWith: {
      values: ({ expected, actual }) => `Send the request with "${expected}", or sign it for "${actual}".`,
      expected: ({ expected }) => `Send the request with "${expected}", or sign it for the method that you send.`,
    },
    isProvable: true,
    isInHeaders: true,
  },
  host: {
    means: 'The request reached the service with a different host than it was signed for',
    difference: ({ signed, sent }) =>
      `The request was signed for ${hostOf(signed)}, but the service received ${hostOf(sent)}.`,
    happens: 'A proxy, a container network, or a CDN changed the Host header.',
    check: 'Compare the signed host with the Host header that the service received.',
    fix: 'Sign for the host that the service receives, or configure the proxy to preserve the Host header.',
    fixWith: {
      values: ({ actual, expected }) =>
        expected === 'undefined'
          ? `Set the host to "${actual}" before you sign: it was undefined.`
          : `Sign for the host "${actual}", which the service receives, or send "Host: ${expected}" and make proxies preserve it.`,
    },
    isProvable: true,
    isCompared: true,
    follows: ['signedheaders'],
    isInHeaders: true,
    prior: 6,
    isInToken: true,
  },
  'host-port': {
    means: 'The request reached the service with a different port than it was signed for',
    difference: ({ signed, sent }) =>
      `The request was signed for ${hostOf(signed)}, but the service received ${hostOf(sent)}.`,
    happens: 'A port is mapped, or the client added or dropped the default port.',
    check: 'Compare the signed host and port with the Host header that the service received.',
    fix: 'Sign for the host and port that the service receives.',
    fixWith: {
      values: ({ actual, expected }) =>
        `Sign for the host "${actual}", which the service receives, or send "Host: ${expected}" and make proxies preserve it.`,
    },
    isProvable: true,
    isCompared: true,
    follows: ['signedheaders'],
    isInHeaders: true,
    isInToken: true,
  },
  path: {
    means: 'The path changed after signing',
    happens: 'A proxy added or stripped a prefix, or the URL was rebuilt.',
    check: "Compare the signed path with the path in the service's log or error.",
    fix: 'Sign the path that the service receives.',
    fixWith: {
      values: ({ actual, expected }) => `Sign the path "${actual}", which the service receives, or send "${expected}".`,
    },
    isProvable: true,
    isCompared: true,
    isChange: true,
  },
  'path-encoding': {
    means: 'The path was encoded differently for signing',
    happens: 'The client did not escape a character that AWS escapes (as encodeURI does), or wrote a space as +.',
    check: 'Try an object key that contains only letters.',
    fix: 'Percent-encode everything except A-Z a-z 0-9 - . _ ~ and / exactly once, for signing and sending.',
    isProvable: true,
    isCompared: true,
    prior: 3,
  },
  'path-encoding-case': {
    means: 'The path was signed with lowercase percent escapes',
    happens: 'The encoder writes %c3 instead of %C3.',
    check: 'Look for lowercase percent escapes in the path.',
    fix: 'Write percent escapes in uppercase, for signing and sending.',
    isProvable: true,
    isCompared: true,
  },
  'path-double-encoding': {
    means: 'The path was encoded one time too many or too few for signing',
    happens: 'S3 encodes the path once and other services encode it twice; the client applied the wrong rule.',
    check: 'Look for %25 in the path of the canonical request.',
    fix: 'Encode the path once for S3 and twice for all other services.',
    isProvable: true,
    isCompared: true,
  },
  'path-normalization': {
    means: 'Empty or dot segments of the path were handled differently for signing',
    happens: 'S3 keeps // and .. in keys; other services, URL parsers, and proxies resolve them.',
    check: 'Look for //, /./ or /../ in the path.',
    fix: 'Do not normalize S3 paths, and send the path that was signed.',
    isProvable: true,
    isCompared: true,
    prior: 5,
  },
  'path-trailing-slash': {
    means: 'A trailing slash was added to or removed from the path',
    happens: 'A router or a proxy added or removed the slash.',
    check: 'Compare the signed path with the path that was sent.',
    fix: 'Send the path that was signed.',
    isProvable: true,
    isCompared: true,
  },
  'path-style-mismatch': {
    means: 'The bucket was signed in the host and sent in the path, or the reverse',
    happens: 'The client and the endpoint are configured for different addressing styles.',
    check: 'Compare the signed host and path with the ones that were sent.',
    fix: 'Use the same addressing style for signing and sending.',
    isProvable: true,
    isCompared: true,
  },
} satisfies CauseRows
