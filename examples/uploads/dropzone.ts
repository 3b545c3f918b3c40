// Dropzone: one PUT for each file, with the file as its body. The server is asked before the file is added to the queue.
import { Dropzone, type DropzoneFile } from 'dropzone'
import { sign } from './sign.ts'

const urls = new WeakMap<DropzoneFile, string>()

export function createDropzone(element: HTMLElement): Dropzone {
  return new Dropzone(element, {
    method: 'put',
    binaryBody: true,
    defaultHeaders: false, // S3 ignores them, but the CORS rule of the bucket would have to allow them
    url: ([file]: DropzoneFile[]) => urls.get(file!)!,
    accept(file, done) {
      sign({ method: 'PUT', type: file.type, size: file.size })
        .then(({ url }) => urls.set(file, url))
        .then(() => done())
        .catch(({ message }: Error) => done(message))
    },
  })
}
