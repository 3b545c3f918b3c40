import { presignPut } from 'sigv4'
import { credentials, file, target, type } from './setup.ts'

const upload = await presignPut(target, { credentials, contentType: type })

const { status } = await fetch(upload.url, { ...upload, body: file })
console.log(status)
