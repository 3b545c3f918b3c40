// react-dropzone: `onDrop` starts a multipart upload, with progress, pause, and resume.
import { useRef, useState } from 'react'
import { useDropzone } from 'react-dropzone'
import { type State, upload } from './multipart.ts'
import { send } from './xhr.ts'

export function Uploader() {
  const [status, setStatus] = useState('')
  const running = useRef<{ file: File; state: State; controller: AbortController }>(null)

  async function run(file: File, state: State = {}) {
    const controller = new AbortController()
    running.current = { file, state, controller }
    const progress = (sent: number) => setStatus(`${Math.floor((100 * sent) / file.size)}%`)
    await upload(file, state, send, { signal: controller.signal, progress })
      .then((key) => setStatus(`Stored as ${key}`))
      .catch(({ message }: Error) => setStatus(controller.signal.aborted ? 'Paused' : message))
  }
  const { getRootProps, getInputProps } = useDropzone({ maxFiles: 1, onDrop: ([file]) => file && run(file) })

  return (
    <div>
      <div {...getRootProps()}>
        <input {...getInputProps()} />
        Drop a file here
      </div>
      <output>{status}</output>
      <button type="button" onClick={() => running.current?.controller.abort()}>
        Pause
      </button>
      <button type="button" onClick={() => running.current && run(running.current.file, running.current.state)}>
        Resume
      </button>
    </div>
  )
}
