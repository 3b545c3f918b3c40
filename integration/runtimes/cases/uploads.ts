import { equal, refused } from '../harness.ts'
import type { Case, Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const signedAt = 1_440_938_160_000
const target = { bucket: 'videos', key: 'é/𝒳 1.mp4', region: 'eu-west-1' }
const size = 20_000_000

/** The signed requests of multipart uploads. */
export function uploadCases(signer: Signer): Case[] {
  return [
    [
      'presigns a multipart upload',
      async (output) => {
        const options = { credentials, now: signedAt, size }
        const upload = await signer.presignMultipartUpload(target, { ...options, contentType: 'video/mp4' })
        const parts = await signer.presignMultipartParts(target, { ...options, uploadId: 'a+/=é' })
        equal(parts.parts.length, upload.partCount)
        output('a multipart upload', [upload, parts])
        const checksum = { algorithm: 'CRC32C', value: '4waSgw==' } as const
        const { create } = await signer.presignMultipartUpload(target, { ...options, checksum: 'CRC32C' })
        const checked = [{ partNumber: 1, checksum }]
        const { parts: bound } = await signer.presignMultipartParts(target, {
          ...options,
          uploadId: 'a',
          parts: checked,
        })
        const body = signer.multipartCompletionBody([{ partNumber: 1, etag: 'a', checksum: bound[0]?.checksum }])
        output('a multipart upload with checksums', [create, bound, body])
        await refused('ERR_INVALID_ARG_VALUE', () => signer.presignMultipartUpload(target, { ...options, size: -1 }))
      },
    ],
  ]
}

/** The functions between the requests, which do not require crypto. */
export function partCases(signer: Signer): Case[] {
  return [
    [
      'parses the responses to a multipart upload, and completes it',
      (output) => {
        const response = (root: string, text: string) =>
          signer.parseMultipartResponse(`\ufeff<?xml version="1.0"?>\n<${root} xmlns="x">${text}</${root}>\n`)
        const list = response(
          'ListPartsResult',
          '<Part><PartNumber>1</PartNumber><ETag>&#34;a&quot;</ETag><Size>5</Size></Part>',
        )
        const responses = [
          response('InitiateMultipartUploadResult', '<UploadId>a&amp;&#x1d4b3;&#233;</UploadId>'),
          list,
          response('CompleteMultipartUploadResult', '<ETag>"b-1"</ETag>'),
          response('Error', '<Code>NoSuchUpload</Code><Message>&lt;gone&gt;</Message>'),
          signer.parseMultipartResponse('<html>'),
        ]
        const body = signer.multipartCompletionBody('parts' in list ? list.parts : [])
        equal(/<PartNumber>1<\/PartNumber><ETag>(?:"|&#34;|&quot;)?a(?:"|&#34;|&quot;)?<\/ETag>/.test(body), true, body)
        output('responses to a multipart upload', [responses, body])
      },
    ],
  ]
}
