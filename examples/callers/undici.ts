import { presignPut } from 'sigv4'
import { request } from 'undici'
import { credentials, file, target, type } from './setup.ts'

const { url, headers } = await presignPut(target, { credentials, contentType: type, contentLength: file.length })

const { statusCode } = await request(url, { method: 'PUT', headers, body: file })
console.log(statusCode)
