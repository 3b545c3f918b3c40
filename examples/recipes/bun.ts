// Download URLs from Bun, without a promise: `bun add sigv4`, then `bun bun.ts`.
import { presignGet } from 'sigv4/sync'

const credentials = {
  accessKeyId: Bun.env.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: Bun.env.AWS_SECRET_ACCESS_KEY ?? '',
}

const server = Bun.serve({
  routes: {
    '/files/:key': ({ params }) => {
      const target = { bucket: 'photos', key: params.key, region: 'eu-west-1' }
      return Response.redirect(presignGet(target, { credentials, expires: '5m' }).url)
    },
  },
})
console.log(`Listening on ${server.url}`)
