export { readPresign4a, readSign4a, signingContext4a } from '../sigv4a/input.ts'
