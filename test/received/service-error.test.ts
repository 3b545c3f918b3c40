import { describe, expect, it } from 'vitest'
import { isExpiredToken, readServiceError } from '../../src/received/service-error.ts'

const EXPIRED = 'The security token included in the request is expired'

/** Returns a function that returns the values of headers, of which only the one with the type exists. */
function headerOf(type: string | undefined): (name: string) => string | undefined {
  return (name) => (name === 'x-amzn-errortype' ? type : undefined)
}

describe('the error of a service', () => {
  it.each<[type: string | undefined, body: string, code: string | undefined, message?: string]>([
    // the header
    ['ExpiredTokenException', '', 'ExpiredTokenException'],
    ['aws.protocoltests.restjson#ExpiredTokenException', '{}', 'ExpiredTokenException'],
    ['FooError:http://internal.amazon.com/coral/com.amazon.coral.validate/', '', 'FooError'],
    ['aws.protocoltests.restjson#FooError:http://internal.amazon.com/coral/#part', '', 'FooError'],
    ['FooError, BarError', '', 'FooError'],
    ['FooError', '{"__type":"BarError","message":"no"}', 'FooError', 'no'],
    ['', '{"__type":"BarError"}', 'BarError'],
    ['<Foo>', '{"__type":"BarError"}', 'BarError'],
    // JSON
    ['', '{"__type":"com.amazon.coral.service#ExpiredTokenException","Message":"no"}', 'ExpiredTokenException', 'no'],
    ['', '{"code":"BadRequest","message":"no"}', 'BadRequest', 'no'],
    ['', ' {"Code":"BadRequest"}', 'BadRequest'],
    ['', '{"Error":{"Code":"ExpiredToken","Message":"no","Type":"Sender"},"RequestId":"1"}', 'ExpiredToken', 'no'],
    ['', '{"code":404,"message":{"code":"SlowDown"}}', undefined],
    ['', '{"error":{"code":"SlowDown"}}', undefined],
    ['', '[{"code":"SlowDown"}]', undefined],
    ['', '{"message":"<Code>SlowDown</Code>"}', undefined, '<Code>SlowDown</Code>'],
    ['', '{"__type":"SlowDown"', undefined],
    ['', '"SlowDown"', undefined],
    ['', 'null', undefined],
    // XML
    ['', '<?xml version="1.0"?>\n<Error><Code>SlowDown</Code><Message>a &lt; b</Message></Error>', 'SlowDown', 'a < b'],
    ['', '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code></Error></ErrorResponse>', 'ExpiredToken'],
    ['', '<Response><Errors><Error><Code>AWS.Simple.Fault</Code></Error></Errors></Response>', 'AWS.Simple.Fault'],
    ['', '\ufeff<Error><Code>SlowDown</Code></Error>', 'SlowDown'],
    ['', '<Error><Message>&lt;Code&gt;SlowDown&lt;/Code&gt;</Message></Error>', undefined, '<Code>SlowDown</Code>'],
    ['', '<Error><Code>Slow', undefined],
    ['', '<Error><Code>two words</Code></Error>', undefined],
    ['', `<Error><Code>${'a'.repeat(201)}</Code></Error>`, undefined],
    // neither
    ['', 'the service reports <Code>SlowDown</Code>', undefined],
    ['', '', undefined],
  ])('in the header %j and the body %j has the code %s', (type, body, code, message) => {
    expect(readServiceError(headerOf(type), body)).toEqual({ code, message })
  })

  it.each([
    [undefined, `{"message":"${EXPIRED}"}`, true],
    [undefined, `{"message":"${EXPIRED}."}`, true],
    [undefined, `{"Message":"${EXPIRED}"}`, true],
    [undefined, '<Error><Code>ExpiredToken</Code></Error>', true],
    [undefined, '{"__type":"TokenRefreshRequired"}', true],
    ['com.amazon#ExpiredTokenException', '', true],
    ['AccessDeniedException', `{"message":"${EXPIRED}"}`, false],
    [undefined, `{"message":"no: ${EXPIRED}"}`, false],
    [undefined, `{"other":"${EXPIRED}"}`, false],
    [undefined, EXPIRED, false],
    [undefined, '', false],
  ])('in the header %j and the body %j is an expired token: %s', (type, body, expected) => {
    expect(isExpiredToken(readServiceError(headerOf(type), body))).toBe(expected)
  })
})
