export { COMPUTED } from '../checksums/computed.ts'
export type { ChecksumAlgorithm } from '../core/signing/options.ts'
export {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  checksumLength,
  checksumName,
  isChecksumAlgorithm,
} from '../s3/checksums.ts'
