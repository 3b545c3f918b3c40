import { CREDENTIALS } from '../../credentials.ts'
import { TOKEN } from '../helpers.ts'
import { AQPE, type Arrived, type Case, MISSING_PARAMETER, NOT_SIGNED, setHeader, setParameter } from './case.ts'

/** Faults in the parameters of a presigned URL. */
export const QUERY_CASES: Case[] = [
  ...['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'].map((name) => ({
    ...AQPE,
    is: `no X-Amz-${name}`,
    message: MISSING_PARAMETER,
    change: setParameter(`X-Amz-${name}`, undefined),
  })),
  {
    is: 'Signature Version 2',
    code: 'ALGORITHM_UNSUPPORTED',
    aws: 'InvalidRequest',
    status: 400,
    message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    change: (request) => {
      request.url = '/photos/cat.jpg?AWSAccessKeyId=AKIDEXAMPLE&Expires=1440938160&Signature=c2ln'
    },
  },
  {
    is: 'a different algorithm',
    code: 'ALGORITHM_UNSUPPORTED',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    message: 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"',
    change: setParameter('X-Amz-Algorithm', 'AWS4-ECDSA-P256-SHA256'),
  },
  ...['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires', 'Content-Sha256'].map((name) => ({
    is: `X-Amz-${name} twice`,
    code: 'AUTH_AMBIGUOUS',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    message: `The parameter X-Amz-${name} must be sent only once.`,
    change: (request: Arrived) => {
      const part = new RegExp(`X-Amz-${name}=[^&]*`).exec(request.url)?.[0] ?? `X-Amz-${name}=UNSIGNED-PAYLOAD`
      request.url += `&${part}&${part}`
    },
  })),
  {
    is: 'X-Amz-Security-Token twice',
    code: 'AUTH_AMBIGUOUS',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    signing: { credentials: { ...CREDENTIALS, sessionToken: TOKEN } },
    change: (request) => {
      request.url += `&X-Amz-Security-Token=${encodeURIComponent(TOKEN)}`
    },
  },
  {
    is: 'a different token in a header',
    code: 'AUTH_AMBIGUOUS',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    message: 'The parameter X-Amz-Security-Token must be sent only once.',
    signing: { credentials: { ...CREDENTIALS, sessionToken: TOKEN } },
    change: setHeader('x-amz-security-token', 'other'),
  },
  {
    ...NOT_SIGNED,
    is: 'the same token in a header',
    details: { HeadersNotSigned: 'x-amz-security-token' },
    signing: { credentials: { ...CREDENTIALS, sessionToken: TOKEN } },
    change: setHeader('x-amz-security-token', TOKEN),
  },
  {
    ...AQPE,
    is: 'x-amz-date in lower case',
    message: 'The parameter name X-Amz-Date is case-sensitive.',
    change: (request) => {
      request.url = request.url.replace('X-Amz-Date', 'x-amz-date')
    },
  },
  {
    ...AQPE,
    is: 'an expiry of more than a week',
    message:
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    change: setParameter('X-Amz-Expires', '604801'),
  },
  { ...AQPE, is: 'an infinite expiry', change: setParameter('X-Amz-Expires', '9'.repeat(400)), message: /week/ },
  {
    ...AQPE,
    is: 'a negative expiry',
    message: 'X-Amz-Expires must be non-negative',
    change: setParameter('X-Amz-Expires', '-1'),
  },
  ...['', 'abc', '1e3', '0x10', '1.5', ' 5'].map((text) => ({
    ...AQPE,
    is: `an expiry ${JSON.stringify(text)}`,
    message: 'X-Amz-Expires should be a number',
    change: setParameter('X-Amz-Expires', text),
  })),
  {
    ...AQPE,
    is: 'an expiry over maxExpires',
    message: 'X-Amz-Expires must be at most 600 seconds for this endpoint',
    options: { maxExpires: 600 },
  },
  {
    ...AQPE,
    is: 'a date in a different format',
    message: `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`,
    change: setParameter('X-Amz-Date', '2015-08-30T12:36:00Z'),
  },
  {
    is: 'an expired URL',
    code: 'EXPIRED',
    aws: 'AccessDenied',
    status: 403,
    message: 'Request has expired',
    details: { 'X-Amz-Expires': '900', Expires: '2015-08-30T12:51:00Z', ServerTime: '2015-08-30T12:51:01Z' },
    options: { now: new Date('2015-08-30T12:51:01Z') },
  },
  {
    is: 'a date in the future',
    code: 'NOT_YET_VALID',
    aws: 'AccessDenied',
    status: 403,
    message: 'Request is not yet valid',
    details: {
      'X-Amz-Date': '1440938160000',
      Expires: '2015-08-30T12:51:00Z',
      ServerTime: '2015-08-30T12:20:59Z',
    },
    options: { now: new Date('2015-08-30T12:20:59Z') },
  },
  {
    ...AQPE,
    is: 'a double-encoded credential',
    message:
      'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    change: (request) => {
      request.url = request.url.replaceAll('%2F', '%252F')
    },
  },
  {
    ...AQPE,
    is: 'no key ID',
    message:
      'Error parsing the X-Amz-Credential parameter; a non-empty Access Key (AKID) must be provided in the credential.',
    change: setParameter('X-Amz-Credential', '/20150830/us-east-1/s3/aws4_request'),
  },
  {
    ...AQPE,
    is: 'a line break in the scope',
    change: setParameter('X-Amz-Credential', 'AKIDEXAMPLE/20150830/us%0Aeast/s3/aws4_request'),
    message: /mal-formed/,
  },
  {
    is: 'a different region',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    message: "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
    details: { Region: 'eu-west-1' },
    options: { region: ['eu-west-1', 'eu-west-2'] },
  },
  {
    is: 'a different service',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    message: 'Error parsing the X-Amz-Credential parameter; incorrect service "s3". This endpoint belongs to "sqs".',
    options: { service: 'sqs' },
  },
  {
    is: 'a different day',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    message:
      'Error parsing the X-Amz-Credential parameter; Invalid credential date "20150831". This date is not the same as X-Amz-Date: "20150830".',
    change: setParameter('X-Amz-Credential', 'AKIDEXAMPLE/20150831/us-east-1/s3/aws4_request'),
  },
  {
    is: 'a different terminator',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationQueryParametersError',
    status: 400,
    change: setParameter('X-Amz-Credential', 'AKIDEXAMPLE/20150830/us-east-1/s3/aws4'),
    message: /incorrect terminal "aws4"/,
  },
  {
    ...AQPE,
    is: 'signed headers out of order',
    change: setParameter('X-Amz-SignedHeaders', 'range%3Bhost'),
    message: /sorted/,
  },
  {
    is: 'an unsigned body that must be signed',
    code: 'PAYLOAD_UNCHECKED',
    aws: 'AccessDenied',
    status: 403,
    options: { allowUnsignedPayload: false },
  },
]
