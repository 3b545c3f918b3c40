import {
  BUCKET,
  credentials,
  DAY,
  EXPIRES,
  HOST,
  inline,
  keyOf,
  MAX_FORM_SIZE,
  OTHER_HOST,
  OTHER_TYPE,
  pathOf,
  REGION,
  TABLE_BODY,
  TABLE_HEADERS,
  TABLE_HOST,
  TYPE,
} from '../measure/fixture.mjs'

/** The tasks with one of our entries, whose functions have the same names. Only the credentials object is reused. */
export function ours({ presignPut, presignPost, sign }, isAsync) {
  const take = isAsync
    ? (member) => (promise) => promise.then((result) => result[member])
    : (member) => (result) => result[member]
  const [url, headers, fields] = ['url', 'headers', 'fields'].map(take)
  const put = (i, type, region, more, host = HOST) =>
    url(
      presignPut(`https://${host}${pathOf(keyOf(i))}`, {
        credentials,
        expires: EXPIRES,
        headers: { 'content-type': type },
        region,
        service: 's3',
        ...more,
      }),
    )
  const object = (i, credentials) =>
    url(
      presignPut(
        { bucket: BUCKET, key: keyOf(i), region: REGION },
        { credentials, expires: EXPIRES, contentType: TYPE },
      ),
    )
  return {
    isAsync,
    put: (i) => put(i, TYPE, REGION),
    options: (i) => put(i, i & 1 ? TYPE : OTHER_TYPE, REGION),
    second: (i) => put(i, TYPE, REGION, { now: DAY + (i % 86_400) * 1000 }),
    cold: (i) => put(i, TYPE, `eu-region-${i}`, {}, OTHER_HOST), // an AWS host has one region
    object: (i) => object(i, credentials),
    // new credentials in each call, service and region from the host
    inline: (i) => object(i, inline()),
    provider: (i) => object(i, async () => inline()),
    inlineJson: () =>
      headers(
        sign(
          { method: 'POST', url: `https://${TABLE_HOST}/`, headers: { ...TABLE_HEADERS }, body: TABLE_BODY },
          { credentials: inline() },
        ),
      ),
    headerPut: (i) =>
      headers(
        sign(
          { method: 'PUT', url: `https://${HOST}${pathOf(keyOf(i))}`, headers: { 'content-type': TYPE } },
          { credentials, region: REGION, service: 's3', payloadHash: 'UNSIGNED-PAYLOAD' },
        ),
      ),
    headerJson: () =>
      headers(
        sign(
          { method: 'POST', url: `https://${TABLE_HOST}/`, headers: { ...TABLE_HEADERS }, body: TABLE_BODY },
          { credentials, region: REGION, service: 'dynamodb' },
        ),
      ),
    form: (i) =>
      fields(
        presignPost(
          { bucket: BUCKET, region: REGION, key: keyOf(i) },
          {
            credentials,
            expires: EXPIRES,
            contentType: TYPE,
            conditions: [['content-length-range', 0, MAX_FORM_SIZE]],
          },
        ),
      ),
  }
}

/** The tasks with aws4, or with what replaces it. */
export function likeAws4({ sign }) {
  const put = (i, type, region, who = credentials) => {
    const path = `${pathOf(keyOf(i))}?X-Amz-Expires=${EXPIRES}`
    const headers = { 'Content-Type': type }
    const request = { host: HOST, path, method: 'PUT', service: 's3', region, headers, signQuery: true }
    return `https://${HOST}${sign(request, who).path}`
  }
  return {
    isAsync: false,
    put: (i) => put(i, TYPE, REGION),
    options: (i) => put(i, i & 1 ? TYPE : OTHER_TYPE, REGION),
    inline: (i) => put(i, TYPE, REGION, inline()),
    provider: (i) => put(i, TYPE, REGION, inline()), // has no providers: the caller awaits one
    inlineJson: () => {
      const [headers, body] = [{ ...TABLE_HEADERS }, TABLE_BODY]
      return sign({ host: TABLE_HOST, path: '/', method: 'POST', headers, body }, inline()).headers
    },
    second: (i) => put(i, TYPE, REGION), // formats the current time in every call
    object: (i) => put(i, TYPE, REGION), // has no such target
    cold: (i) => put(i, TYPE, `eu-region-${i}`),
    headerPut: (i) => {
      const headers = { 'Content-Type': TYPE, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }
      const request = { host: HOST, path: pathOf(keyOf(i)), method: 'PUT', service: 's3', region: REGION, headers }
      return sign(request, credentials).headers
    },
    headerJson: () => {
      const [headers, body] = [{ ...TABLE_HEADERS }, TABLE_BODY]
      const request = {
        host: TABLE_HOST,
        path: '/',
        method: 'POST',
        service: 'dynamodb',
        region: REGION,
        headers,
        body,
      }
      return sign(request, credentials).headers
    },
  }
}
