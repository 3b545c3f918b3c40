import type { Setting, StoredObject } from '../../format/format.ts'

const S3: Setting = {
  host: 's3.us-east-1.amazonaws.com',
  bucket: 'examplebucket',
  path: '/examplebucket',
  prefix: '',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 's3',
  now: '2026-03-10T12:00:00Z',
}

export const PATH_STYLE = S3
export const VIRTUAL_HOST: Setting = { ...S3, host: 'examplebucket.s3.amazonaws.com', path: '' }
export const WITH_TOKEN: Setting = {
  ...S3,
  accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
  sessionToken: 'FwoGZXIvYXdzEXAMPLE//TOKEN+with/all=characters==',
}
export const SERVICE: Setting = {
  ...S3,
  host: 'example.com',
  bucket: '',
  path: '/api',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  service: 'service',
}
export const TRANSCRIBE: Setting = {
  ...SERVICE,
  host: 'transcribestreaming.us-east-1.amazonaws.com',
  path: '',
  service: 'transcribe',
}

export const OBJECTS: readonly [StoredObject, StoredObject] = [
  { key: 'read.txt', body: 'what the signer shares' },
  { key: 'secret.txt', body: 'what the signer does not share' },
]

// Checksums of `written`, the body of all writes, in Base64.
export const CRC32 = 'Y06s1w=='
export const CRC32C = 'CgFbzQ=='
export const MD5 = 'nMJvoJzje8la/gG8cYg20Q=='
export const SHA1 = 'YYCWDix6GEYDoTeCZIcx2b0Ge/s='
export const SHA256 = 'zMDo2muA4I6A11qJr+Eejy1c0PKaEPeCEEyl8mSOiQM='
