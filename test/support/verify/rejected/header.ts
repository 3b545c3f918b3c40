import { NOW, TOKEN } from '../helpers.ts'
import { AHM, type Arrived, type Case, setAuthorization, setHeader } from './case.ts'

/** Faults of an Authorization header, and of the headers that it requires. */
export const HEADER_CASES: Case[] = [
  {
    is: 'nothing',
    code: 'AUTH_MISSING',
    aws: 'AccessDenied',
    status: 403,
    message: 'Access Denied',
    change: setHeader('authorization', undefined),
  },
  {
    is: 'Signature Version 2',
    code: 'ALGORITHM_UNSUPPORTED',
    aws: 'InvalidRequest',
    status: 400,
    message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    change: setHeader('authorization', 'AWS AKIDEXAMPLE:c2lnbmF0dXJl'),
  },
  {
    is: 'Signature Version 4a',
    code: 'ALGORITHM_UNSUPPORTED',
    aws: 'InvalidRequest',
    status: 400,
    change: setAuthorization('HMAC', 'ECDSA-P256'),
  },
  {
    is: 'a different scheme',
    code: 'ALGORITHM_UNSUPPORTED',
    aws: 'InvalidArgument',
    status: 400,
    message: 'Unsupported Authorization Type',
    details: { ArgumentName: 'Authorization', ArgumentValue: 'Bearer' },
    change: setHeader('authorization', `Bearer ${TOKEN}`),
  },
  {
    is: 'a bare token, which is not repeated',
    code: 'ALGORITHM_UNSUPPORTED',
    aws: 'InvalidArgument',
    status: 400,
    details: { ArgumentName: 'Authorization', ArgumentValue: '' },
    change: setHeader('authorization', TOKEN),
  },
  ...['Credential', 'SignedHeaders', 'Signature'].map((name) => ({
    ...AHM,
    is: `no ${name}`,
    message: `The authorization header is malformed; missing ${name}.`,
    change: (request: Arrived) => {
      const parts = String(request.headers.authorization).slice(17).split(', ')
      request.headers.authorization = `AWS4-HMAC-SHA256 ${parts.filter((part) => !part.startsWith(`${name}=`)).join(', ')}`
    },
  })),
  { ...AHM, is: 'an additional part', change: setAuthorization(/$/, ', Expires=1'), message: /once each/ },
  { ...AHM, is: 'a repeated part', change: setAuthorization(/(Signature=.+)/, '$1, $1'), message: /once each/ },
  { ...AHM, is: 'no commas', change: setAuthorization(/,/g, ''), message: /commas/ },
  { ...AHM, is: 'only a scheme', change: setHeader('authorization', 'AWS4-HMAC-SHA256'), message: /once each/ },
  {
    ...AHM,
    is: 'a short credential',
    message:
      'The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    change: setAuthorization('/s3/', '/'),
  },
  { ...AHM, is: 'a credential without region', change: setAuthorization('us-east-1', ''), message: /mal-formed/ },
  { ...AHM, is: 'a day that is not a number', change: setAuthorization('20150830', '2015083O'), message: /mal-formed/ },
  { ...AHM, is: 'a key ID that is not ASCII', change: setAuthorization('AKID', 'ÄKID'), message: /mal-formed/ },
  {
    ...AHM,
    is: 'no key ID',
    message: 'The authorization header is malformed; a non-empty Access Key (AKID) must be provided in the credential.',
    change: setAuthorization('AKIDEXAMPLE', ''),
  },
  {
    is: 'a different terminator',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationHeaderMalformed',
    status: 400,
    message:
      'The authorization header is malformed; incorrect terminal "aws5_request". This endpoint uses "aws4_request".',
    change: setAuthorization('aws4_request', 'aws5_request'),
  },
  {
    is: 'a different region',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationHeaderMalformed',
    status: 400,
    message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
    details: { Region: 'eu-west-1' },
    options: { region: 'eu-west-1' },
  },
  {
    is: 'a different service',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationHeaderMalformed',
    status: 400,
    message: 'The authorization header is malformed; incorrect service "s3". This endpoint belongs to "sqs".',
    options: { service: ['sqs', 'sns'] },
  },
  {
    is: 'a different day',
    code: 'SCOPE_MISMATCH',
    aws: 'AuthorizationHeaderMalformed',
    status: 400,
    message:
      'The authorization header is malformed; Invalid credential date "20150831". This date is not the same as X-Amz-Date: "20150830".',
    change: setAuthorization('20150830', '20150831'),
  },
  ...['host;host;x-amz-content-sha256;x-amz-date', 'x-amz-content-sha256;host;x-amz-date', 'Host', '', 'host;'].map(
    (names) => ({
      ...AHM,
      is: `signed headers ${JSON.stringify(names)}`,
      message: /sorted and separated/,
      change: setAuthorization(/SignedHeaders=[^,]*/, `SignedHeaders=${names}`),
    }),
  ),
  ...['', '2015-08-30T12:36:00Z', '20150830T123600', '20150230T123600Z', '20150830T123600Z,20150830T123600Z'].map(
    (date) => ({
      is: `a date ${JSON.stringify(date)}`,
      code: 'AUTH_MALFORMED',
      aws: 'AccessDenied',
      status: 403,
      message: 'AWS authentication requires a valid Date or x-amz-date header',
      change: setHeader('x-amz-date', date),
    }),
  ),
  {
    is: 'no date',
    code: 'AUTH_MALFORMED',
    aws: 'AccessDenied',
    status: 403,
    change: setHeader('x-amz-date', undefined),
  },
  ...([-901, 901] as const).map((seconds) => ({
    is: `a clock that is ${seconds} s off`,
    code: 'TIME_SKEWED',
    aws: 'RequestTimeTooSkewed',
    status: 403,
    message: 'The difference between the request time and the current time is too large.',
    details: {
      RequestTime: '20150830T123600Z',
      ServerTime: new Date(Number(NOW) + seconds * 1000).toISOString().replace('.000', ''),
      MaxAllowedSkewMilliseconds: '900000',
    },
    options: { now: new Date(Number(NOW) + seconds * 1000) },
  })),
  {
    is: 'no payload hash',
    code: 'AUTH_MALFORMED',
    aws: 'InvalidRequest',
    status: 400,
    message: 'Missing required header for this request: x-amz-content-sha256',
    change: setHeader('x-amz-content-sha256', undefined),
  },
  {
    is: 'an unsigned body',
    code: 'PAYLOAD_UNCHECKED',
    aws: 'AccessDenied',
    status: 403,
    message: 'The body must be signed',
    signing: { payloadHash: 'UNSIGNED-PAYLOAD' },
  },
]
