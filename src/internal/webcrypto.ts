export { SIGV4, signature } from '../crypto/webcrypto.ts'
