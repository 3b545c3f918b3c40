// Nuxt 4 and Nitro 2: server/routes/uploads.post.ts
import { defineEventHandler, toWebRequest } from 'h3'
import { signUpload } from '../sign-upload.ts'

export default defineEventHandler((event) => signUpload(toWebRequest(event)))
