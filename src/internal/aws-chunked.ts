export { type ChunkEvent, type Chunks, chunkFormat, chunkReader, chunkStringToSign } from '../received/aws-chunked.ts'
export { resignChunks } from '../streams/resign-chunks.ts'
export { CHUNKS } from '../streams/seed.ts'
export { signChunks } from '../streams/sign-chunks.ts'
