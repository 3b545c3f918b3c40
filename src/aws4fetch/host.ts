/** Names in hosts that differ from the signing name. A plain object: inherited names count, as in aws4fetch. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  appstream2: 'appstream',
  cloudhsmv2: 'cloudhsm',
  email: 'ses',
  'git-codecommit': 'codecommit',
  marketplace: 'aws-marketplace',
  mobile: 'AWSMobileHubService',
  'mturk-requester-sandbox': 'mturk-requester',
  'personalize-runtime': 'personalize',
  pinpoint: 'mobiletargeting',
  queue: 'sqs',
}

/** Service and region, empty or missing if they are unknown. */
type Guess = readonly [service?: string, region?: string | undefined]

/** Determines service and region by the position of the labels, as aws4fetch does. */
export function guessScope(url: URL, headers: Headers): Guess {
  const { hostname } = url
  if (hostname.endsWith('.r2.cloudflarestorage.com')) return ['s3', 'auto']
  const [, lambda] = /^[^.]{1,63}\.lambda-url\.([^.]{1,63})\.on\.aws$/.exec(hostname) ?? []
  if (lambda) return ['lambda', lambda]
  const [, backblaze] = /^(?:[^.]{1,63}\.)?s3\.([^.]{1,63})\.backblazeb2\.com$/.exec(hostname) ?? []
  if (backblaze) return ['s3', backblaze]
  const labels = /([^.]{1,63})(?:\.([^.]{0,63}))?\.amazonaws\.com(?:\.cn)?$/.exec(hostname.replace('dualstack.', ''))
  const [service = '', region] = readLabels(labels?.[1] ?? '', labels?.[2], url, headers)
  return [SIGNING_NAMES[service] || service, region]
}

/** Reads the last two labels before the domain. */
function readLabels(service: string, region: string | undefined, { hostname, pathname }: URL, headers: Headers): Guess {
  if (region === 'us-gov') return [service, 'us-gov-west-1']
  if (region === 's3' || region === 's3-accelerate') return ['s3', 'us-east-1']
  if (region === undefined && service.startsWith('s3-'))
    return ['s3', service.slice(3).replace(/^(?:fips-|external-1)/, '')]
  // ap-northeast-1.queue.amazonaws.com has them in reverse order
  if (region && /-\d$/.test(service) && !/-\d$/.test(region)) return [region, service]
  if (service === 'autoscaling') return [scalingService(headers), region]
  if (service !== 'iot') return [service.replace(/-fips$/, ''), region]
  if (hostname.startsWith('iot.')) return ['execute-api', region]
  if (hostname.startsWith('data.jobs.iot.')) return ['iot-jobs-data', region]
  return [pathname === '/mqtt' ? 'iotdevicegateway' : 'iotdata', region]
}

/** Returns the signing name of the Auto Scaling API that a request is for: they share a host. */
function scalingService(headers: Headers): string {
  const [target] = (headers.get('X-Amz-Target') ?? '').split('.')
  if (target === 'AnyScaleFrontendService') return 'application-autoscaling'
  return target === 'AnyScaleScalingPlannerFrontendService' ? 'autoscaling-plans' : 'autoscaling'
}
