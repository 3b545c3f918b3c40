import ky from 'ky'
import { presignPut } from 'sigv4'
import { credentials, file, target, type } from './setup.ts'

const { url, method, headers } = await presignPut(target, { credentials, contentType: type })

// By default, ky times out after 10 seconds.
const { status } = await ky(url, { method, headers, body: file, timeout: false })
console.log(status)
