export { acceptsUnsignedPayload, appendsToken, isS3, requiresPayloadHash } from '../core/services.ts'
export { globalService, hostScope } from '../core/signing/hosts.ts'
export { readBucket } from '../core/signing/target.ts'
export { isLocalHost, isLoopbackAddress } from '../received/local.ts'
