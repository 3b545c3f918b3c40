import { CREDENTIALS } from '../../credentials.ts'
import { NOW, TOKEN } from '../helpers.ts'
import { type Case, NOT_SIGNED, setHeader, URI } from './case.ts'

/** Faults that both locations of a signature share. */
export const BOTH_CASES: Case[] = [
  {
    is: 'an unknown key ID',
    code: 'ACCESS_KEY_UNKNOWN',
    aws: 'InvalidAccessKeyId',
    status: 403,
    message: 'The AWS Access Key Id you provided does not exist in our records.',
    details: { AWSAccessKeyId: 'AKIDEXAMPLE' },
    options: { credentials: () => undefined },
  },
  {
    is: "a different user's key ID",
    code: 'ACCESS_KEY_UNKNOWN',
    aws: 'InvalidAccessKeyId',
    status: 403,
    details: { AWSAccessKeyId: 'AKIDEXAMPLE' },
    options: { credentials: () => ({ ...CREDENTIALS, accessKeyId: 'AKIDOTHER' }) },
  },
  {
    is: 'a missing token',
    code: 'ACCESS_KEY_UNKNOWN',
    aws: 'InvalidAccessKeyId',
    status: 403,
    message: 'The AWS Access Key Id you provided does not exist in our records.',
    details: { AWSAccessKeyId: 'AKIDEXAMPLE' },
    options: { credentials: () => ({ ...CREDENTIALS, sessionToken: TOKEN }) },
  },
  {
    is: 'a different token',
    code: 'ACCESS_KEY_UNKNOWN',
    aws: 'InvalidToken',
    status: 400,
    message: 'The provided token is malformed or otherwise invalid.',
    signing: { credentials: { ...CREDENTIALS, sessionToken: `${TOKEN}x` } },
    options: { credentials: () => ({ ...CREDENTIALS, sessionToken: TOKEN }) },
  },
  {
    is: 'a token for credentials without one',
    code: 'ACCESS_KEY_UNKNOWN',
    aws: 'InvalidToken',
    status: 400,
    signing: { credentials: { ...CREDENTIALS, sessionToken: TOKEN } },
  },
  {
    is: 'expired credentials',
    code: 'EXPIRED',
    aws: 'ExpiredToken',
    status: 400,
    message: 'The provided token has expired.',
    options: { credentials: () => ({ ...CREDENTIALS, expiration: NOW }) },
  },
  {
    ...NOT_SIGNED,
    is: 'x-amz-* that is not signed',
    message: 'There were headers present in the request which were not signed',
    details: { HeadersNotSigned: 'x-amz-acl, x-amz-meta-a' },
    change: (request) => {
      request.headers['X-Amz-Meta-A'] = ''
      request.headers['x-amz-acl'] = 'public-read'
    },
  },
  {
    ...NOT_SIGNED,
    is: 'a header that must be signed',
    details: { HeadersNotSigned: 'content-type' },
    change: setHeader('content-type', 'text/html'),
    options: { signedIfPresent: ['Content-Type', 'not-there'] },
  },
  {
    ...NOT_SIGNED,
    is: 'without a header that is required',
    message: 'The request must contain the signed headers not-there.',
    details: { HeadersNotSigned: 'not-there' },
    change: () => {},
    options: { requireSigned: ['Not-There'] },
  },
  {
    is: 'both mechanisms',
    code: 'AUTH_AMBIGUOUS',
    aws: 'InvalidArgument',
    status: 400,
    message:
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    details: { ArgumentName: 'Authorization', ArgumentValue: 'AWS4-HMAC-SHA256' },
    change: (request) => {
      if (!request.url.includes('?')) request.url += '?X-Amz-Expires=900'
      else request.headers.authorization = 'AWS4-HMAC-SHA256 Credential='
    },
  },
  { ...URI, is: 'an invalid escape in the path', change: (request) => (request.url = `/%zz${request.url}`) },
  { ...URI, is: 'a truncated escape in the path', change: (request) => (request.url = `/%e${request.url}`) },
  {
    ...URI,
    is: 'an invalid escape in the query',
    change: (request) => (request.url += request.url.includes('?') ? '&%' : '?%'),
  },
  { ...URI, is: 'a fragment', change: (request) => (request.url = request.url.replace('cat', 'cat#')) },
  { ...URI, is: 'a backslash', change: (request) => (request.url = request.url.replace('/cat', '\\cat')) },
  { ...URI, is: 'a NUL', change: (request) => (request.url = request.url.replace('cat', 'c\0t')) },
  { ...URI, is: 'a lone surrogate', change: (request) => (request.url = `/\ud800${request.url}`) },
  { ...URI, is: 'no slash', change: (request) => (request.url = request.url.slice(1)) },
  {
    is: 'two hosts in HTTP/2',
    code: 'AUTH_AMBIGUOUS',
    aws: 'InvalidRequest',
    status: 400,
    message: 'Host and :authority must be the same.',
    change: setHeader(':authority', 'other.example.com'),
  },
]
