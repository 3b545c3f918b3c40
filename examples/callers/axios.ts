import axios from 'axios'
import { presignPut } from 'sigv4'
import { credentials, file, target, type } from './setup.ts'

const upload = await presignPut(target, { credentials, contentType: type })

// Bind a content type: where there is none, axios sends application/x-www-form-urlencoded, and S3 stores that.
const { status } = await axios({ ...upload, data: file, maxBodyLength: Number.POSITIVE_INFINITY })
console.log(status)
