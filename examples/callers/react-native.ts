import { presignPut } from 'sigv4/sync'
import { credentials, file, target, type } from './setup.ts'

// React Native does not have crypto.subtle, so sigv4/sync includes SHA-256. Only ship temporary credentials of the app's
// user, or better, presign on your server.
const { url, method, headers } = presignPut(target, { credentials, contentType: type })

// In React Native: const body = await (await fetch(image.uri)).blob()
const body = new Blob([file], { type })
const { status } = await fetch(url, { method, headers, body })
console.log(status)
