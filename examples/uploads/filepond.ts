// FilePond: `server.process` sends a multipart upload. To resume one, click retry, or choose the file again if it was canceled.
import { create, type FilePond } from 'filepond'
import { type State, upload } from './multipart.ts'
import { send } from './xhr.ts'

const states = new Map<string, State>()

export function createPond(input: HTMLInputElement): FilePond {
  return create(input, {
    labelFileProcessingError: ({ body }) => body,
    server: {
      process(_field, file, _metadata, load, error, progress, abort) {
        const controller = new AbortController()
        const { signal } = controller
        const id = `${file.name} ${file.size} ${file.lastModified}`
        const state = states.get(id) ?? {}
        states.set(id, state)
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
