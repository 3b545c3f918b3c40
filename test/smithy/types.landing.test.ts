import { expect, it } from 'vitest'
import { compile } from '../support/docs/compile.ts'

// Programs written for the types of @smithy/signature-v4 and @smithy/types, compiled with either import.

const SMITHY =
  "import * as smithy from '@smithy/signature-v4'; import { SignatureV4, type SignatureV4CryptoInit, type SignatureV4Init } from '@smithy/signature-v4'"

const PROGRAMS: Record<string, string> = {
  'requests and results of @smithy/types': `
    import { Sha256 } from '@smithy/core/checksum'
    import { HttpRequest } from '@smithy/core/protocols'
    import type { AwsCredentialIdentity, HttpRequest as IHttpRequest, Provider, QueryParameterBag } from '@smithy/types'
    const identity: AwsCredentialIdentity = { accessKeyId: 'a', secretAccessKey: 'b', expiration: new Date(), accountId: 'c' }
    const provider: Provider<AwsCredentialIdentity> = async () => identity
    const init: SignatureV4Init = { credentials: provider, region: async () => 'eu-west-1', service: 'sqs', uriEscapePath: true, applyChecksum: false }
    const signer = new SignatureV4({ ...init, sha256: Sha256 })
    const request: IHttpRequest = new HttpRequest({ hostname: 'a', query: { a: ['1'], b: null } })
    const signed: IHttpRequest = await signer.sign(request, { signingDate: new Date(), unsignableHeaders: new Set(['a']), signableHeaders: new Set(['b']) })
    const presigned: IHttpRequest = await signer.presign(signed, { expiresIn: 60, signingDate: 5, signingRegion: 'a', signingService: 'b', hoistableHeaders: new Set(['c']), unhoistableHeaders: new Set(['d']) })
    const query: QueryParameterBag | undefined = presigned.query
    const signature: string = await signer.sign('a string', { signingDate: '2026-01-31' })
    await fetch('https://a', { method: signed.method, headers: signed.headers, body: signed.body })
    export { query, signature }`,
  'the interfaces that a signer implements': `
    import type { EventSigner, MessageSigner, RequestPresigner, RequestSigner, StringSigner } from '@smithy/types'
    declare const init: SignatureV4Init & SignatureV4CryptoInit
    const signer: RequestSigner & RequestPresigner & StringSigner & EventSigner & MessageSigner = new SignatureV4(init)
    const signerConstructor: new (options: SignatureV4Init & SignatureV4CryptoInit) => RequestSigner = SignatureV4
    export { signer, signerConstructor }`,
  'a subclass': `
    import type { HttpRequest, RequestSigningArguments } from '@smithy/types'
    export class Logging extends SignatureV4 {
      async signLoudly(request: HttpRequest, options?: RequestSigningArguments) {
        return console.log(await this.sign(request, options))
      }
    }`,
  'what other packages import': `
    import { Sha256 } from '@smithy/core/checksum'
    import type { AwsCredentialIdentity, HttpRequest, RequestSigner } from '@smithy/types'
    declare const identity: AwsCredentialIdentity
    export class Own extends smithy.SignatureV4Base implements RequestSigner {
      constructor(options: SignatureV4Init & SignatureV4CryptoInit) {
        super({ ...options, uriEscapePath: false })
      }
      async sign(given: HttpRequest): Promise<HttpRequest> {
        const credentials: AwsCredentialIdentity = await this.credentialProvider()
        this.validateResolvedCredentials(credentials)
        const { longDate, shortDate } = this.formatDate(new Date())
        const request = smithy.prepareRequest(given)
        request.headers[smithy.AMZ_DATE_HEADER] = longDate
        const payloadHash = await smithy.getPayloadHash(request, this.sha256)
        const headers = smithy.getCanonicalHeaders(request, new Set(), new Set(['accept']))
        const scope = smithy.createScope(shortDate, await this.regionProvider(), this.service)
        const canonical = this.createCanonicalRequest(request, headers, payloadHash)
        const toSign = await this.createStringToSign(longDate, scope, canonical, smithy.ALGORITHM_IDENTIFIER_V4A)
        request.headers[smithy.AUTH_HEADER] = toSign + this.getCanonicalHeaderList(headers)
        if (this.applyChecksum && smithy.hasHeader('a', request.headers)) smithy.clearCredentialCache()
        return request
      }
    }
    smithy.signatureV4aContainer.SignatureV4a = Own
    const key: Uint8Array = await smithy.getSigningKey(Sha256, identity, '20150830', 'eu-west-1', 'sqs')
    const query: string = smithy.getCanonicalQuery({ method: 'GET', protocol: 'https:', hostname: 'a', path: '/', headers: {} })
    export { key, query }`,
}

/** What a client of the AWS SDK expects, in which its own types of @smithy/signature-v4 remain. */
const CLIENT = `
  import type { SignatureV4CryptoInit, SignatureV4Init } from '@smithy/signature-v4'
  import type { AuthScheme, RequestSigner } from '@smithy/types'
  import { SignatureV4 } from 'sigv4/smithy'
  interface Config {
    signer?: RequestSigner | ((authScheme?: AuthScheme) => Promise<RequestSigner>)
    signerConstructor?: new (options: SignatureV4Init & SignatureV4CryptoInit) => RequestSigner
  }
  const init = { credentials, region: 'eu-west-1', service: 'sqs' }
  export const configs: Config[] = [
    { signerConstructor: SignatureV4 },
    { signer: new SignatureV4(init) },
    { signer: async () => new SignatureV4(init) },
  ]`

/** Calls that are errors. */
const WRONG = [
  "new SignatureV4({ credentials, region: 'a' })",
  "new SignatureV4({ credentials, region: 5, service: 'a' })",
  "new SignatureV4({ credentials: { accessKeyId: 'a' }, region: 'a', service: 'b' })",
  'await signer.sign({ headers: new Uint8Array(1), payload: new Uint8Array(1) })',
  "await signer.presign({ method: 'GET', protocol: 'https:', hostname: 'a', path: '/', headers: {} }, { expires: 5 })",
  "await signer.presign('a string')",
]

it('compile with both packages', () => {
  const ours = SMITHY.replaceAll('@smithy/signature-v4', 'sigv4/smithy')
  const programs = Object.values(PROGRAMS).flatMap((program) => [`${SMITHY}${program}`, `${ours}${program}`])
  const found = compile([...programs, CLIENT]).map((messages) => messages.join('\n'))
  expect(found).toEqual([...programs, CLIENT].map(() => ''))
})

it('reject wrong calls', () => {
  const declared =
    "import { SignatureV4 } from 'sigv4/smithy'\nconst signer = new SignatureV4({ credentials, region: 'a', service: 'b' })\n"
  const messages = compile([declared, ...WRONG.map((call) => declared + call)])
  expect(messages.map((found) => found.length > 0)).toEqual([false, ...WRONG.map(() => true)])
})
