// Upload URLs from Deno: `deno add npm:sigv4`, then `deno serve --allow-env deno.ts`.
import { presignPut } from 'sigv4'

const credentials = {
  accessKeyId: Deno.env.get('AWS_ACCESS_KEY_ID') ?? '',
  secretAccessKey: Deno.env.get('AWS_SECRET_ACCESS_KEY') ?? '',
}

export default {
  async fetch(request) {
    if (request.method !== 'POST') return new Response(null, { status: 405 })
    const contentType = request.headers.get('content-type') ?? 'application/octet-stream'
    const target = { bucket: 'photos', key: `uploads/${crypto.randomUUID()}`, region: 'eu-west-1' }
    return Response.json(await presignPut(target, { credentials, expires: '5m', contentType }))
  },
} satisfies Deno.ServeDefaultExport
