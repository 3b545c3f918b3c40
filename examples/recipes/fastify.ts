// A route that returns an upload form. S3 accepts images of up to 10 MB, only under the user's prefix.
import Fastify from 'fastify'
import { presignPost } from 'sigv4'

const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env
const credentials = { accessKeyId, secretAccessKey }

export const app = Fastify()

const schema = { params: { type: 'object', properties: { user: { type: 'string', pattern: '^[a-z0-9]{1,20}$' } } } }

app.post<{ Params: { user: string } }>('/users/:user/forms', { schema }, ({ params }) =>
  presignPost(
    { bucket: 'photos', keyPrefix: `users/${params.user}/`, region: 'eu-west-1' },
    { credentials, expires: '10m', contentLengthRange: [1, 10_000_000], contentTypePrefix: 'image/' },
  ),
)
