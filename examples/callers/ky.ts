import ky from 'ky'
import { presignPut } from 'sigv4'
import { credentials, file, target, type } from './setup.ts'

const { url, method, headers } = await presignPut(target, { credentials, contentType: type })

// ky gives up after ten seconds unless it is told otherwise
const { status } = await ky(url, { method, headers, body: file, timeout: false })
console.log(status)
