import { describe, expect, it } from 'vitest'
import { explain, parseEvidence } from '../../src/explain.ts'

// Who signed: an official client signs correctly, and the secret of a program that its user wrote is right more often than the program.

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260311/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'ab'.repeat(32)}`
const REQUEST = `PUT http://127.0.0.1:9000/photos/cat.jpg\nx-amz-date: 20260311T101112Z\nx-amz-content-sha256: UNSIGNED-PAYLOAD\nAuthorization: ${AUTHORIZATION}\n403\n<Error><Code>SignatureDoesNotMatch</Code></Error>`
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

const OWN = {
  python: 'def sign(key, msg):\n    return hmac.new(key, msg.encode(), hashlib.sha256).digest()',
  go: 'func sign(key []byte, s string) []byte {\n\tmac := hmac.New(sha256.New, key)\n\tfmt.Println(s)',
  php: '<?php $key = hash_hmac("sha256", $date, "AWS4" . $secret, true);',
  ruby: "require 'openssl'\nkey = OpenSSL::HMAC.digest('sha256', key, date)",
  java: 'public static byte[] hmac(byte[] key) { Mac mac = Mac.getInstance("HmacSHA256");',
  rust: 'fn sign(key: &[u8]) { let mut mac = Hmac::<Sha256>::new_from_slice(key)',
  javascript: "const key = createHmac('sha256', secret).update(date).digest()",
  shell: 'key=$(printf "%s" "$date" | openssl dgst -sha256 -mac HMAC -macopt "key:AWS4$secret")',
} as const

/** What the statement that each language prints its strings with prints. */
const PRINTED: Partial<Record<keyof typeof OWN, (canonical: string, toSign: string) => string>> = {
  python: (canonical, toSign) => `'${canonical.replaceAll('\n', '\\n')}'\n'${toSign.replaceAll('\n', '\\n')}'`,
  go: (canonical, toSign) => `${JSON.stringify(canonical)}\n${JSON.stringify(toSign)}`,
  php: (canonicalRequest, stringToSign) => JSON.stringify({ canonicalRequest, stringToSign }).replaceAll('/', '\\/'),
  ruby: (canonical, toSign) => `${JSON.stringify(canonical)}\n${JSON.stringify(toSign)}`,
  java: (canonical, toSign) => `${canonical}\n\n${toSign}`,
  rust: (canonical, toSign) => `${JSON.stringify(canonical)}\n${JSON.stringify(toSign)}`,
  javascript: (canonicalRequest, stringToSign) => JSON.stringify({ canonicalRequest, stringToSign }),
  shell: (canonical, toSign) => `${canonical}\n\n${toSign}\n`,
}

describe.each(Object.entries(OWN))('a program of its user in %s', (language, code) => {
  const evidence = parseEvidence(`${code}\n\n${REQUEST}`)

  it('is recognized, with its language', () => expect(evidence.signer).toEqual({ is: 'own', language }))

  it.each([undefined, credentials])('is suspected before its secret: %o', (given) => {
    const { findings, decides } = explain({ ...evidence, credentials: given })
    expect(findings[0]?.cause).not.toBe('wrong-secret')
    expect(findings.map(({ cause }) => cause)).toContain('wrong-secret')
    if (given) expect(decides?.command).toMatch(/canonical_?[rR]equest/)
  })

  it('prints strings that are read back', () => {
    const canonical = `PUT\n/photos/cat.jpg\n\nhost:127.0.0.1:9000\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20260311T101112Z\n\nhost;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD`
    const toSign = `AWS4-HMAC-SHA256\n20260311T101112Z\n20260311/us-east-1/s3/aws4_request\n${'c0'.repeat(32)}`
    const printed = PRINTED[language as keyof typeof OWN]!(canonical, toSign)
    expect(parseEvidence(`${REQUEST}\n\n${printed}`).signed).toEqual({
      canonicalRequest: canonical,
      stringToSign: toSign,
    })
  })
})

describe('an official client', () => {
  it.each([
    'boto3 1.40.1',
    'import { S3Client } from "@aws-sdk/client-s3"',
    '$ aws s3 cp cat.jpg s3://photos/',
    'Aws\\S3\\S3Client',
  ])('is recognized: %s', (text) => expect(parseEvidence(`${text}\n${REQUEST}`).signer).toEqual({ is: 'official' }))

  it('has assembled its strings correctly', () => {
    const evidence = parseEvidence(`boto3\n${REQUEST}`)
    for (const given of [undefined, credentials])
      for (const { cause } of explain({ ...evidence, credentials: given }).findings)
        expect(['canonical-request', 'string-to-sign', 'key-derivation', 'path-encoding']).not.toContain(cause)
  })

  it('must be named correctly', () => {
    const call = () => explain({ ...parseEvidence(REQUEST), signer: { is: 'nobody' } as never })
    expect(call).toThrow('input.signer is not valid')
  })
})
