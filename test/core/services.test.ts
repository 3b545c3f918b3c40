import { expect, it } from 'vitest'
import { acceptsUnsignedPayload, appendsToken, isS3, requiresPayloadHash, retryRules } from '../../src/core/services.ts'

const SERVICES = ['s3', 's3express', 's3-outposts', 's3-object-lambda', 'aoss', 'ebs', 'lex', 'mediastore', 'omics']
const OTHERS = [
  'vpc-lattice-svcs',
  'iotdevicegateway',
  'dynamodb',
  'execute-api',
  's3tables',
  'es',
  'ebs2',
  'my-lex',
  'aoss2',
  'my-aoss',
  'iotdevicegateway2',
  'my-iotdevicegateway',
  '',
]

const which = (rule: (service: string) => boolean): string[] => [...SERVICES, ...OTHERS].filter(rule)

it('services that follow the rules of S3', () => {
  expect(which(isS3)).toEqual(['s3', 's3express', 's3-outposts', 's3-object-lambda'])
})

it('services with unsigned payloads', () => {
  const own = ['ebs', 'lex', 'mediastore', 'omics', 'vpc-lattice-svcs']
  expect(which(acceptsUnsignedPayload)).toEqual([...which(isS3), ...own])
})

it('services that require the payload hash, and bodies that are signed in pieces', () => {
  expect(which((service) => requiresPayloadHash(service))).toEqual([...which(isS3), 'aoss'])
  expect(requiresPayloadHash('es', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toBe(true)
  expect(requiresPayloadHash('es', 'UNSIGNED-PAYLOAD')).toBe(false)
})

it('the service that requires the token after the signature', () => {
  expect(which(appendsToken)).toEqual(['iotdevicegateway'])
})

it('services that are retried differently', () => {
  expect(retryRules('dynamodb')).toEqual({ attempts: 4, baseDelay: 25 })
  expect(retryRules('s3')).toEqual({ attempts: 3, baseDelay: 50 })
  expect(retryRules(undefined)).toEqual({ attempts: 3, baseDelay: 50 })
})
