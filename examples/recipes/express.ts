// A route that returns upload URLs. The URL is bound to the type and the size that the client requested.
import { randomUUID } from 'node:crypto'
import express from 'express'
import { presignPut } from 'sigv4'

const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env
const credentials = { accessKeyId, secretAccessKey }

export const app = express()

app.post('/uploads', express.json(), async (request, response) => {
  const { type, size } = request.body ?? {}
  if (!/^image\/(?:jpeg|png|webp)$/.test(type) || !(size > 0 && size <= 10_000_000)) {
    response.status(400).json({ error: 'Expected an image of up to 10 MB' })
    return
  }
  const target = { bucket: 'photos', key: `uploads/${randomUUID()}`, region: 'eu-west-1' }
  response.json(await presignPut(target, { credentials, expires: '5m', contentType: type, contentLength: size }))
})
