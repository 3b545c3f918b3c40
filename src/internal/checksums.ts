export { COMPUTED } from '../checksums/computed.ts'
export {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  checksumLength,
  checksumName,
  isChecksumAlgorithm,
} from '../s3/checksums.ts'
