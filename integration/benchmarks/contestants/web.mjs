// Contestants that run in browsers too.
import {
  credentials,
  DAY,
  EXPIRES,
  HOST,
  keyOf,
  OTHER_TYPE,
  pathOf,
  REGION,
  TABLE_BODY,
  TABLE_HEADERS,
  TABLE_HOST,
  TYPE,
} from '../measure/fixture.mjs'

export async function aws4fetch() {
  const { AwsV4Signer } = await import('aws4fetch')
  const cache = new Map()
  const signer = (more) => new AwsV4Signer({ ...credentials, region: REGION, allHeaders: true, cache, ...more })
  const put = async (i, more) => {
    const url = `https://${HOST}${pathOf(keyOf(i))}?X-Amz-Expires=${EXPIRES}`
    const request = { url, method: 'PUT', service: 's3', signQuery: true, headers: { 'Content-Type': TYPE } }
    return (await signer({ ...request, ...more }).sign()).url.href
  }
  return {
    isAsync: true,
    put: (i) => put(i),
    inline: (i) => put(i), // with the keys of a client, as in its README
    options: (i) => put(i, { headers: { 'Content-Type': i & 1 ? TYPE : OTHER_TYPE } }),
    cold: (i) => put(i, { region: `eu-region-${i}`, cache: new Map() }),
    headerJson: async () => {
      const request = { url: `https://${TABLE_HOST}/`, method: 'POST', service: 'dynamodb', body: TABLE_BODY }
      return (await signer({ ...request, headers: TABLE_HEADERS }).sign()).headers
    },
  }
}

/** `@smithy/signature-v4`, which is passed a constructor of hashes. */
export async function smithy(sha256) {
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { HttpRequest } = await import('@smithy/protocol-http')
  const common = { region: REGION, credentials, sha256 }
  const s3 = new SignatureV4({ ...common, service: 's3', uriEscapePath: false, applyChecksum: false })
  const table = new SignatureV4({ ...common, service: 'dynamodb' })
  const request = (i, type) =>
    new HttpRequest({
      method: 'PUT',
      protocol: 'https:',
      hostname: HOST,
      path: pathOf(keyOf(i)),
      headers: { host: HOST, 'content-type': type, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
    })
  const signableHeaders = new Set(['content-type', 'host'])
  const unsignableHeaders = new Set()
  const put = async (i, type, more) => {
    const settings = { expiresIn: EXPIRES, signableHeaders, unsignableHeaders, ...more }
    const { path, query } = await s3.presign(request(i, type), settings)
    let text = ''
    for (const name in query) text += `${text && '&'}${encodeURIComponent(name)}=${encodeURIComponent(query[name])}`
    return `https://${HOST}${path}?${text}`
  }
  return {
    isAsync: true,
    put: (i) => put(i, TYPE),
    options: (i) => put(i, i & 1 ? TYPE : OTHER_TYPE),
    second: (i) => put(i, TYPE, { signingDate: new Date(DAY + (i % 86_400) * 1000) }),
    cold: (i) => put(i, TYPE, { signingRegion: `eu-region-${i}` }),
    headerPut: async (i) => (await s3.sign(request(i, TYPE))).headers,
    headerJson: async () => {
      const headers = { host: TABLE_HOST, ...TABLE_HEADERS }
      const target = { method: 'POST', protocol: 'https:', hostname: TABLE_HOST, path: '/' }
      return (await table.sign(new HttpRequest({ ...target, headers, body: TABLE_BODY }))).headers
    },
  }
}
