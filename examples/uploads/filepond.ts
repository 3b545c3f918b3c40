// FilePond: `server.process` multipart uploads. Its button to retry resumes an upload that was stopped.
import { create, type FilePond } from 'filepond'
import { type State, upload } from './multipart.ts'
import { send } from './xhr.ts'

const states = new WeakMap<object, State>()

export function createPond(input: HTMLInputElement): FilePond {
  return create(input, {
    labelFileProcessingError: ({ body }) => body,
    server: {
      process(_field, file, _metadata, load, error, progress, abort) {
        const controller = new AbortController()
        const { signal } = controller
        const state = states.get(file) ?? {}
        states.set(file, state)
        upload(file as File, state, send, { signal, progress: (sent) => progress(true, sent, file.size) })
          .then(load)
          .catch(({ message }: Error) => signal.aborted || error(message))
        return {
          abort() {
            controller.abort()
            abort()
          },
        }
      },
    },
  })
}
