import { DOMAIN, normalizeHost } from '../core/signing/s3-hosts.ts'

/** An AWS host, and its name without the domain. */
const AWS_HOST = /* @__PURE__ */ awsHost()

function awsHost(): RegExp {
  return RegExp(`^(.+)\\.${DOMAIN}$`)
}

/** AWS endpoints that serve several regions: the end of the name, and the signing name of the service. */
const GLOBAL_ENDPOINTS: readonly (readonly [name: RegExp, service: string])[] = [
  [/\.mrap\.accesspoint\.s3-global$/, 's3'],
  [/\.endpoint\.events$/, 'events'],
  [/\.endpoints\.email(?:\.global|\.us-gov)?$/, 'ses'],
  [/\.cloudfront-kvs\.global$/, 'cloudfront-keyvaluestore'],
  [/^partnercentral-channel\.(?:global|us-gov)$/, 'partnercentral-channel'],
  [/^partnercentral-prm\.(?:global|us-gov)$/, 'partnercentral'],
  [/^sustainability\.(?:global|us-gov)$/, 'sustainability'],
]

/** Returns the service of a host that serves several regions and requires Signature Version 4a. */
export function globalService(host: string): string | undefined {
  const [, name] = AWS_HOST.exec(normalizeHost(host)) ?? []
  return name && GLOBAL_ENDPOINTS.find(([end]) => end.test(name))?.[1]
}
