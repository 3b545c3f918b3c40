import type { Note } from '../../format/format.ts'
import {
  CANONICAL_PAGE,
  CHUNKS_PAGE,
  ERRORS,
  EVENTS_PAGE,
  HEADER_PAGE,
  IAM_PAGE,
  POST_PAGE,
  QUERY_PAGE,
  SNAPSHOT,
  TRAILERS_PAGE,
  V2_PAGE,
} from './sources.ts'

/** A class of faults, and how many tests of each result it is meant to have. */
export interface FaultClass {
  readonly note: Note
  readonly meant: readonly [invalid: number, valid: number, acceptable: number]
}

const issue = (name: string): string => `https://github.com/${name.replace('#', '/issues/')}`
const advisory = (id: string): string => `https://github.com/advisories/${id}`
const cve = (id: string): string => `https://www.cve.org/CVERecord?id=CVE-${id}`

function security(
  meant: FaultClass['meant'],
  description: string,
  effect: string,
  source: readonly string[],
  seen: readonly string[] = [],
): FaultClass {
  return { note: { severity: 'security', description, effect, source, seen }, meant }
}

function interoperability(
  meant: FaultClass['meant'],
  description: string,
  effect: string,
  source: readonly string[],
  seen: readonly string[] = [],
): FaultClass {
  return { note: { severity: 'interoperability', description, effect, source, seen }, meant }
}

const ARITHMETIC = 'arithmetic'

/** The classes, by the flags of the tests. */
export const CLASSES: Readonly<Record<string, FaultClass>> = {
  BadSignature: security(
    [14, 6, 0],
    'The signature is wrong, or the access key is unknown.',
    'Anyone can do what the holder of a key can.',
    [ARITHMETIC, ERRORS],
    [issue('floci-io/floci#1841'), issue('ministackorg/ministack#1232')],
  ),
  SignatureForm: security(
    [8, 0, 4],
    'The signature is not 64 hex digits.',
    'A comparison of only as many characters as were sent accepts part of a signature.',
    [ARITHMETIC],
  ),
  Algorithm: security(
    [8, 0, 0],
    'The algorithm is not AWS4-HMAC-SHA256.',
    'A verifier that does not check the algorithm may skip the signature.',
    [SNAPSHOT],
    [issue('rustfs/rustfs#7796')],
  ),
  V2Downgrade: security(
    [4, 0, 5],
    'The claim has the form of Signature Version 2.',
    'A weaker way to sign is accepted, or the claim is not verified at all.',
    [V2_PAGE],
    [issue('Nugine/s3s#771')],
  ),
  MalformedClaim: interoperability(
    [26, 0, 0],
    'A part of the claim is missing, repeated, or misspelled.',
    'Servers read the same claim differently.',
    [HEADER_PAGE, QUERY_PAGE, SNAPSHOT],
  ),
  AnonymousFallback: security(
    [8, 0, 0],
    'The request has no claim, or one that cannot be parsed.',
    'A request with an invalid claim is handled as an anonymous one instead of being rejected.',
    [SNAPSHOT, issue('floci-io/floci#1688')],
    [issue('floci-io/floci#2318'), issue('datenlord/s3-server#115')],
  ),
  HeaderAndQueryAuth: interoperability(
    [8, 0, 0],
    'The request has two claims.',
    'One server verifies the first claim, and a different one uses the second.',
    [SNAPSHOT],
  ),
  DoubledParameter: security(
    [10, 0, 3],
    'A parameter of the claim is sent twice.',
    'The value that is used is not the value that was verified.',
    [ARITHMETIC],
  ),
  ScopeDate: interoperability(
    [6, 0, 0],
    'The date in the credential scope is not the day of the signing date.',
    'A signing key is accepted after its day.',
    [SNAPSHOT],
  ),
  ScopeMismatch: interoperability(
    [12, 1, 1],
    'The credential scope contains a different region or service.',
    'A request that was signed for one service is accepted by a different one.',
    [SNAPSHOT],
  ),
  DateForm: interoperability(
    [9, 2, 0],
    'The date is missing or malformed.',
    'A request without a date never expires.',
    [SNAPSHOT, V2_PAGE],
  ),
  ClockSkew: security(
    [9, 4, 1],
    'The request was signed too long ago or too far ahead.',
    'A recorded request can be sent again later.',
    [ERRORS, V2_PAGE],
    [issue('chimera-nas/chimera#492')],
  ),
  Expiry: security(
    [10, 5, 1],
    'The URL has expired, or its lifetime is not permitted.',
    'A shared link is valid for longer than its signer intended.',
    [QUERY_PAGE],
    [issue('noobaa/noobaa-core#8493'), issue('faiscadev/fakecloud#1577')],
  ),
  MethodChanged: security(
    [8, 0, 0],
    'The method is not the signed one.',
    'The holder of a download link can write or delete.',
    [ARITHMETIC],
  ),
  TargetChanged: security(
    [18, 2, 0],
    'The path, query, or bucket is not the signed one.',
    'The holder of a link to one object has access to others.',
    [ARITHMETIC],
  ),
  PathEncoding: interoperability(
    [8, 8, 6],
    'The path is encoded differently from how it was signed.',
    'Objects with special characters in their names cannot be used, or one name has two meanings.',
    [CANONICAL_PAGE, issue('aws/aws-sdk-net#4473')],
    [issue('chimera-nas/chimera#702')],
  ),
  QueryCanonical: interoperability(
    [6, 9, 3],
    'The query has a special form, or was not signed in its canonical form.',
    'Requests with certain parameters fail.',
    [QUERY_PAGE, CANONICAL_PAGE],
  ),
  UnsignedAmzHeader: security(
    [18, 6, 4],
    'A header whose name starts with x-amz- is sent but not signed.',
    'The holder of a request can change what it does: access, metadata, encryption.',
    [QUERY_PAGE, HEADER_PAGE, 'observed:https://github.com/odysseyscience/react-s3-uploader/issues/110'],
    [
      cve('2026-54330'),
      cve('2026-97731'),
      advisory('GHSA-g8w9-qw9q-fghr'),
      issue('Nugine/s3s#818'),
      issue('seaweedfs/seaweedfs#9121'),
      issue('versity/versitygw#2158'),
    ],
  ),
  CopySourceSmuggling: security(
    [8, 3, 0],
    'x-amz-copy-source, or a header that belongs to it, is sent but not signed.',
    'The holder of an upload link can read every object that the signer can read.',
    [QUERY_PAGE, 'observed:https://github.com/badslug/Paw-AWSSignature4DynamicValue/issues/4'],
    [advisory('GHSA-xm99-m3gq-83g8'), advisory('GHSA-g8w9-qw9q-fghr'), issue('Nugine/s3s#818')],
  ),
  HostNotSigned: security(
    [6, 1, 0],
    'The host is not signed.',
    'A request that was signed for one host is accepted by a different one.',
    [QUERY_PAGE, CANONICAL_PAGE],
    [issue('afreidah/s3-orchestrator#65'), issue('mulgadc/predastore#19')],
  ),
  SignedHeadersList: interoperability(
    [9, 1, 2],
    'The list of signed headers is not in lowercase, not sorted, or empty.',
    'Servers disagree on which headers are signed.',
    [HEADER_PAGE, CANONICAL_PAGE],
  ),
  SignedHeaderChanged: security(
    [12, 8, 1],
    'A signed header is changed, missing, or repeated.',
    'The holder of a request can change what its signer determined.',
    [ARITHMETIC],
  ),
  UnsignedPlainHeader: interoperability(
    [0, 8, 0],
    'A header that need not be signed is not signed.',
    'Correct clients fail.',
    [HEADER_PAGE],
    [issue('oven-sh/bun#43029')],
  ),
  RequestTarget: security(
    [7, 0, 3],
    'The request target is not in origin form, or is ambiguous.',
    'The target that is used is not the target that was verified.',
    [ARITHMETIC],
  ),
  PayloadHash: security(
    [16, 6, 3],
    'The body is not the signed one, or its hash is missing or malformed.',
    'The content of a write is changed in transit.',
    [HEADER_PAGE, CANONICAL_PAGE],
  ),
  ChunkSignature: security(
    [16, 4, 0],
    'The signature of a chunk is wrong, or chunks are swapped or dropped.',
    'The content of a write is changed in transit.',
    [CHUNKS_PAGE],
    [issue('apache/ozone#11061'), issue('gaul/s3proxy#1027'), issue('chimera-nas/chimera#1056')],
  ),
  ChunkFraming: interoperability(
    [12, 3, 2],
    'The chunks are malformed, or their length differs from the declared length.',
    'A damaged upload is stored.',
    [CHUNKS_PAGE, ERRORS],
    [issue('versity/versitygw#1701')],
  ),
  TrailerSignature: security(
    [8, 2, 0],
    'The signature of the trailing headers is wrong or missing.',
    'The content and checksums of a write are changed in transit.',
    [TRAILERS_PAGE],
    [issue('apache/ozone#11222')],
  ),
  UnsignedTrailer: security(
    [8, 3, 0],
    'The body is in unsigned chunks, and the request has a wrong signature.',
    'A server that verifies chunks instead of the request accepts anything.',
    [HEADER_PAGE],
    [cve('2025-31489'), cve('2026-40344'), cve('2026-41145')],
  ),
  BodyChecksum: interoperability(
    [12, 6, 0],
    'A checksum does not match the body.',
    'A damaged upload is stored.',
    [ERRORS],
    [issue('afreidah/s3-orchestrator#1536')],
  ),
  PostSignature: security(
    [10, 2, 0],
    'The policy of a form is not signed, or its claim is wrong.',
    'Anyone can upload files.',
    [POST_PAGE, ARITHMETIC],
  ),
  PostCondition: security(
    [20, 12, 1],
    'The form does not meet its policy.',
    'A user can upload files that the signer did not allow.',
    [POST_PAGE],
    [issue('supabase/storage#1211'), issue('sivchari/kumo#935')],
  ),
  PostCoverage: security(
    [12, 3, 3],
    'The form contains a field without a condition in the policy, or the same field twice.',
    'A user can make a file public, or change its type.',
    [POST_PAGE],
    [issue('minio/minio#17391')],
  ),
  SessionToken: security(
    [9, 2, 1],
    'The session token is missing, unsigned, or belongs to different credentials.',
    'Temporary credentials work without their token, even after they have expired or been revoked.',
    [ERRORS, QUERY_PAGE],
  ),
  SigV4aRegionSet: security(
    [8, 3, 0],
    'The set of regions does not include this region, or is not signed.',
    'A request that was signed for one region is accepted in a different one.',
    [IAM_PAGE],
  ),
  EventStream: security(
    [7, 2, 0],
    'The events, or their order, are not what was signed.',
    'The content of a stream is changed in transit.',
    [ARITHMETIC, EVENTS_PAGE],
  ),
}
