import axios from 'axios'
import { presignPut } from 'sigv4'
import { credentials, file, target, type } from './setup.ts'

const upload = await presignPut(target, { credentials, contentType: type })

// Sign a content type. Otherwise, axios sends application/x-www-form-urlencoded, and S3 stores it.
const { status } = await axios({ ...upload, data: file, maxBodyLength: Number.POSITIVE_INFINITY })
console.log(status)
