/** The presigned request from your server. */
export interface Upload {
  method: string
  url: string
  headers: Record<string, string>
}

/** Uploads and reports progress, which fetch does not support. */
export function send(upload: Upload, file: Blob, onProgress: (part: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(upload.method, upload.url)
    for (const [name, value] of Object.entries(upload.headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total)
    request.onload = () => resolve(request.status)
    request.onerror = () => reject(new Error('The page cannot read a response. Check the CORS rule of the bucket.'))
    request.send(file)
  })
}
