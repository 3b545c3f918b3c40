// A Lambda function URL that redirects to a download. The credentials are those of the function's role.
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda'
import { presignGet } from 'sigv4'

const { AWS_REGION: region = '', BUCKET: bucket = '' } = process.env

export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyResultV2> {
  const credentials = {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: process.env.AWS_SESSION_TOKEN,
  }
  const key = decodeURIComponent(event.rawPath.slice(1))
  if (key === '') return { statusCode: 404 }
  const { url } = await presignGet({ bucket, key, region }, { credentials, expires: '5m' })
  return { statusCode: 302, headers: { location: url, 'cache-control': 'no-store' } }
}
