import { presignPut } from 'sigv4/sync'
import { credentials, file, target, type } from './setup.ts'

// React Native has no crypto.subtle; sigv4/sync brings its own SHA-256. Give an app no keys that it may not lose:
// temporary credentials of its user, or better a URL from your server.
const { url, method, headers } = presignPut(target, { credentials, contentType: type })

// in React Native: const body = await (await fetch(image.uri)).blob()
const body = new Blob([file], { type })
const { status } = await fetch(url, { method, headers, body })
console.log(status)
