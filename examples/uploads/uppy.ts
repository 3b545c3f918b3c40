// Uppy 6: your server signs every request, and chooses the key.
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { sign } from './sign.ts'

export const uppy = new Uppy()

uppy.use(AwsS3, {
  shouldUseMultipart: ({ size }) => Number(size) > 10_000_000,
  generateObjectKey: ({ id }) => id, // identifies the file in its first request; the server returns the key
  signRequest: (request) => {
    const { type, size } = uppy.getFile(request.key) ?? {}
    return sign({ ...request, type, size })
  },
})
