// Express 5: a router, to add with app.use(uploads).
import express from 'express'
import { signUpload } from '../sign-upload.ts'

export const uploads = express.Router()

uploads.post('/uploads', express.json(), async ({ headers: { cookie = '' }, body }, response) => {
  const init = { method: 'POST', headers: { cookie }, body: JSON.stringify(body) }
  const result = await signUpload(new Request('http://localhost/uploads', init))
  response.status(result.status).json(await result.json())
})
