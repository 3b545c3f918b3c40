// Fastify 5: a plugin, to add with app.register(uploads).
import type { FastifyInstance } from 'fastify'
import { signUpload } from '../sign-upload.ts'

export async function uploads(app: FastifyInstance): Promise<void> {
  app.post('/uploads', ({ headers: { cookie = '' }, body }) => {
    const init = { method: 'POST', headers: { cookie }, body: JSON.stringify(body) }
    return signUpload(new Request('http://localhost/uploads', init))
  })
}
