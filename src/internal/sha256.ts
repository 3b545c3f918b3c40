export {
  deriveKey,
  deriveSigningKey,
  type HmacKey,
  hmacHex,
  hmacKey,
  sha256Hex,
  sha256HexOfMany,
} from '../crypto/sha256.ts'
