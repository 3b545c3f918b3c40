import type { CauseRows } from './row.ts'

/** The body, and the headers that describe it. */
export const BODY = {
  'content-length': {
    means: 'The length of the body differed from the Content-Length header',
    happens: 'The client sent a different body, or the body was truncated.',
    check: 'Compare Content-Length with the number of bytes that were sent.',
    fix: 'Sign and send the actual length of the body.',
    needs: 'headers',
    isInHeaders: true,
    isChange: true,
  },
  'content-md5': {
    means: 'Content-MD5 did not match the body',
    happens: 'The body changed after the digest was computed, or the digest is in hex instead of base64.',
    check: 'Compute the MD5 digest of the body, encode it in base64, and compare it with Content-MD5.',
    fix: 'Send the base64-encoded MD5 digest of the body as Content-MD5.',
    isInHeaders: true,
    isChange: true,
  },
  checksum: {
    means: 'A checksum header did not match the body',
    happens: 'The checksum of an empty body was signed into the URL, or the body changed.',
    check: 'Compare the checksum of the body with the x-amz-checksum- header or parameter.',
    fix: 'Send the checksum of the body, or omit it.',
    isInHeaders: true,
    isChange: true,
  },
  'payload-hash': {
    means: 'The signed payload hash differed from x-amz-content-sha256',
    difference: ({ signed, sent }) =>
      `The client signed the payload hash ${signed}, but the request contained ${sent}.`,
    happens:
      'The client hashed an empty body, or signed UNSIGNED-PAYLOAD for a service that requires a hash, or the reverse.',
    check: 'Compare x-amz-content-sha256 with the last line of the canonical request.',
    fix: 'Sign one payload hash and send it as x-amz-content-sha256: the SHA-256 of the body, or UNSIGNED-PAYLOAD.',
    isProvable: true,
    follows: ['content-sha256'],
  },
  'payload-mismatch': {
    means: 'The body changed after signing',
    difference: ({ signed, sent }) =>
      `The body changed after signing: its signed hash was ${signed}, and the received hash was ${sent}.`,
    happens: 'The body was compressed, serialized again, or modified after its hash was computed.',
    check: 'Compare the SHA-256 of the body that was sent with x-amz-content-sha256.',
    fix: 'Send exactly the bytes that were hashed.',
    isProvable: true,
    follows: ['content-sha256'],
    prior: 4,
  },
  streaming: {
    means: 'The body was not in the chunked format that its headers announce',
    happens:
      'x-amz-content-sha256 starts with STREAMING-, but the body is plain, a proxy decoded it, or the service does not support it.',
    check: 'Check that the body starts with a chunk size in hexadecimal, and that the service supports aws-chunked.',
    fix: 'Send an aws-chunked body, or sign its hash or UNSIGNED-PAYLOAD instead.',
    isInHeaders: true,
  },
  'streaming-chunk-signature': {
    means: 'The signature of a chunk was incorrect',
    happens: 'The chunks were split again, or signed with the wrong previous signature.',
    check: "Compare the first chunk's previous signature with the signature of the request.",
    fix: "Include the previous chunk's signature in each chunk's string to sign.",
    isInHeaders: true,
  },
} satisfies CauseRows
