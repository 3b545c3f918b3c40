// app/files/[...key]/route.ts: redirects to a download URL of a private object.
import type { NextRequest } from 'next/server'
import { presignGet } from 'sigv4'

const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env
const credentials = { accessKeyId, secretAccessKey }

export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const key = decodeURIComponent(nextUrl.pathname.slice('/files/'.length))
  const target = { bucket: 'photos', key, region: 'eu-west-1' }
  const download = nextUrl.searchParams.get('name') ?? undefined
  const { url } = await presignGet(target, { credentials, expires: '1m', download })
  return Response.redirect(url)
}
