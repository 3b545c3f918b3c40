import { presignPut } from 'sigv4/sync'
import { credentials, file, target, type } from './setup.ts'

// React Native has no crypto.subtle; sigv4/sync brings its own SHA-256. Give an app no keys that it may not lose:
// temporary credentials of its user, or better a URL from your server.
Reflect.deleteProperty(globalThis, 'crypto')

const { url, method, headers } = presignPut(target, { credentials, contentType: type })

const { status } = await fetch(url, { method, headers, body: new Blob([new Uint8Array(file)], { type }) })
console.log(status)
