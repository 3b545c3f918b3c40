// Uploads a photo from React Native, which has no Web Crypto: `sigv4/sync` brings its own SHA-256.
import type { ImageURISource } from 'react-native'
import { presignPut } from 'sigv4/sync'

/** Temporary credentials of the app's user, for example from Amazon Cognito. Never ship long-term keys in an app. */
interface UserCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  expiration: Date
}

export async function uploadPhoto(photo: ImageURISource, key: string, credentials: UserCredentials): Promise<void> {
  const body = await (await fetch(photo.uri ?? '')).blob()
  const target = { bucket: 'photos', key, region: 'eu-west-1' }
  const upload = presignPut(target, { credentials, contentType: body.type, contentLength: body.size })
  const response = await fetch(upload.url, { method: upload.method, headers: upload.headers, body })
  if (!response.ok) throw new Error(`The upload failed with status ${response.status}`)
}
