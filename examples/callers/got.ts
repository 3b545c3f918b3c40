import got from 'got'
import { presignPut } from 'sigv4'
import { credentials, file, target, type } from './setup.ts'

const { url, headers } = await presignPut(target, { credentials, contentType: type })

const { statusCode } = await got.put(url, { headers, body: file })
console.log(statusCode)
