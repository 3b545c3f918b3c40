/** Reads service and region from a host as aws4 does: by the position of the labels, not by their content. */
export function matchHost(host: string): string[] {
  host ||= ''
  const end =
    host.length - (host.endsWith('.amazonaws.com') ? 14 : host.endsWith('.amazonaws.com.cn') ? 17 : host.length + 1)
  let [service, region] = end < 0 ? [] : lastLabels(host, end)
  if (!service) return []
  // search-name.us-east-1.es.amazonaws.com has them in reverse order
  if (region === 'es' || region === 'aoss') [service, region] = [region, service]
  if (region === 's3') return ['s3', 'us-east-1']
  if (service.startsWith('s3-')) return ['s3', service.slice(3)]
  if (region?.startsWith('s3-')) return ['s3', region.slice(3)]
  return [service, region!]
}

/** Returns the last two labels of the host before `end`, or the last one, cut to the maximum length of a label. */
function lastLabels(host: string, end: number): [label?: string, last?: string | undefined] {
  const dot = end ? host.lastIndexOf('.', end - 1) : -1
  const last = host.slice(dot + 1, end)
  const label = dot > 0 ? host.slice(host.lastIndexOf('.', dot - 1) + 1, dot) : ''
  return label && last.length < 64 ? [label.slice(-63), last] : [last.slice(-63), undefined]
}

/** Returns whether aws4 uses a host without a region for the service. */
export function isSingleRegion(service: string, region: string): boolean {
  if (region === 'us-east-1' && (service === 's3' || service === 'sdb')) return true
  return /^(?:cloudfront|ls|route53|iam|importexport|sts)$/.test(service)
}
