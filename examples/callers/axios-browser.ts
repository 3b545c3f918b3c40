import axios from 'axios'
import type { Upload } from './xml-http-request.ts'

/** Uploads with axios and reports progress. */
export async function send(upload: Upload, file: Blob, onProgress: (part: number) => void): Promise<number> {
  const onUploadProgress = ({ progress = 0 }: { progress?: number | undefined }) => onProgress(progress)
  const { status } = await axios({ ...upload, data: file, onUploadProgress })
  return status
}
