import { describe, expect, it, vi } from 'vitest'
import { isS3 } from '../../../src/core/services.ts'
import { checkRegion, globalService, hostScope } from '../../../src/core/signing/hosts.ts'
import { isAwsRegion, regionalHost, s3HostScope } from '../../../src/core/signing/s3-hosts.ts'
import { objectUrl, presign, presignGet, presignPost } from '../../../src/sync.ts'
import { regionOf } from '../../../src/tokens/recipe/region.ts'
import { endpointScopes, partitionDomains } from '../../support/fixtures.ts'

/** `host service region`; a region of `-` means that the host does not determine it. */
const S3_HOSTS = `
s3.amazonaws.com                                                       s3 us-east-1
photos.s3.amazonaws.com                                                s3 us-east-1
my.dotted.bucket.s3.amazonaws.com                                      s3 us-east-1
s3-external-1.amazonaws.com                                            s3 us-east-1
photos.s3-external-1.amazonaws.com                                     s3 us-east-1
s3-eu-west-1.amazonaws.com                                             s3 eu-west-1
photos.s3-eu-west-1.amazonaws.com                                      s3 eu-west-1
my.dotted.bucket.s3-ap-southeast-2.amazonaws.com                       s3 ap-southeast-2
s3-us-gov-west-1.amazonaws.com                                         s3 us-gov-west-1
s3-fips-us-gov-west-1.amazonaws.com                                    s3 us-gov-west-1
s3.us-east-1.amazonaws.com                                             s3 us-east-1
s3.eu-west-1.amazonaws.com                                             s3 eu-west-1
photos.s3.eu-west-1.amazonaws.com                                      s3 eu-west-1
my.dotted.bucket.s3.ap-northeast-1.amazonaws.com                       s3 ap-northeast-1
photos.s3.ap-southeast-7.amazonaws.com                                 s3 ap-southeast-7
photos.s3.mx-central-1.amazonaws.com                                   s3 mx-central-1
photos.s3.il-central-1.amazonaws.com                                   s3 il-central-1
s3.dualstack.eu-west-1.amazonaws.com                                   s3 eu-west-1
photos.s3.dualstack.eu-west-1.amazonaws.com                            s3 eu-west-1
s3-fips.us-east-2.amazonaws.com                                        s3 us-east-2
photos.s3-fips.us-east-2.amazonaws.com                                 s3 us-east-2
s3-fips.dualstack.us-east-2.amazonaws.com                              s3 us-east-2
photos.s3-fips.dualstack.us-gov-east-1.amazonaws.com                   s3 us-gov-east-1
photos.s3-accelerate.amazonaws.com                                     s3 -
photos.s3-accelerate.dualstack.amazonaws.com                           s3 -
point-123456789012.s3-accesspoint.eu-west-1.amazonaws.com              s3 eu-west-1
point-123456789012.s3-accesspoint.dualstack.eu-west-1.amazonaws.com    s3 eu-west-1
point-123456789012.s3-accesspoint-fips.us-east-1.amazonaws.com         s3 us-east-1
point-123456789012.s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com s3 us-east-1
point-1a2b3c4d5e6f-s3alias.s3.eu-west-1.amazonaws.com                  s3 eu-west-1
s3-control.eu-west-1.amazonaws.com                                     s3 eu-west-1
123456789012.s3-control.eu-west-1.amazonaws.com                        s3 eu-west-1
123456789012.s3-control.dualstack.eu-west-1.amazonaws.com              s3 eu-west-1
123456789012.s3-control-fips.us-east-1.amazonaws.com                   s3 us-east-1
123456789012.s3-control-fips.dualstack.us-east-1.amazonaws.com         s3 us-east-1
point-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com s3-outposts us-west-2
s3-outposts.us-west-2.amazonaws.com                                    s3-outposts us-west-2
s3-outposts-fips.us-east-1.amazonaws.com                               s3-outposts us-east-1
point-123456789012.s3-object-lambda.eu-west-1.amazonaws.com            s3-object-lambda eu-west-1
s3-object-lambda.eu-west-1.amazonaws.com                               s3-object-lambda eu-west-1
point-123456789012.s3-object-lambda-fips.us-east-1.amazonaws.com       s3-object-lambda us-east-1
logs--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com        s3express us-west-2
logs--usw2-az1--x-s3.s3express-usw2-az1.dualstack.us-west-2.amazonaws.com s3express us-west-2
logs--use1-az4--x-s3.s3express-fips-use1-az4.us-east-1.amazonaws.com   s3express us-east-1
s3express-usw2-az1.us-west-2.amazonaws.com                             s3express us-west-2
s3express-control.us-west-2.amazonaws.com                              s3express us-west-2
s3express-control.dualstack.us-west-2.amazonaws.com                    s3express us-west-2
s3express-control-fips.us-east-1.amazonaws.com                         s3express us-east-1
photos.vpce-0a1b2c3d4e5f-6a7b8c9d.s3.us-east-1.vpce.amazonaws.com      s3 us-east-1
bucket.vpce-0a1b2c3d4e5f-6a7b8c9d.s3.eu-west-1.vpce.amazonaws.com      s3 eu-west-1
photos.bucket.vpce-0a1b2c3d4e5f-6a7b8c9d-us-east-1a.s3.us-east-1.vpce.amazonaws.com s3 us-east-1
point-123456789012.accesspoint.vpce-0a1b2c3d4e5f-6a7b8c9d.s3.us-east-1.vpce.amazonaws.com s3 us-east-1
control.vpce-0a1b2c3d4e5f-6a7b8c9d.s3.us-east-1.vpce.amazonaws.com     s3 us-east-1
s3.cn-north-1.amazonaws.com.cn                                         s3 cn-north-1
photos.s3.cn-northwest-1.amazonaws.com.cn                              s3 cn-northwest-1
photos.s3.dualstack.cn-north-1.amazonaws.com.cn                        s3 cn-north-1
point-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn          s3 cn-north-1
photos.s3.us-gov-west-1.amazonaws.com                                  s3 us-gov-west-1
photos.s3.us-iso-east-1.c2s.ic.gov                                     s3 us-iso-east-1
photos.s3.us-isob-east-1.sc2s.sgov.gov                                 s3 us-isob-east-1
photos.s3.us-isof-south-1.csp.hci.ic.gov                               s3 us-isof-south-1
photos.s3.eu-isoe-west-1.cloud.adc-e.uk                                s3 eu-isoe-west-1
photos.s3.eusc-de-east-1.amazonaws.eu                                  s3 eusc-de-east-1
iam.s3.amazonaws.com                                                   s3 us-east-1
s3.s3.eu-west-1.amazonaws.com                                          s3 eu-west-1
sqs.us-east-1.s3.eu-west-1.amazonaws.com                               s3 eu-west-1
s3.us-west-2.s3.eu-west-1.amazonaws.com                                s3 eu-west-1
s3-website.photos.s3.eu-west-1.amazonaws.com                           s3 eu-west-1
photos.example.com.s3.eu-west-1.amazonaws.com                          s3 eu-west-1
0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com              s3 auto
0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com           s3 auto
0123456789abcdef0123456789abcdef.us.r2.cloudflarestorage.com           s3 auto
0123456789abcdef0123456789abcdef.fedramp.r2.cloudflarestorage.com      s3 auto
photos.0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com       s3 auto
s3.us-west-004.backblazeb2.com                                         s3 us-west-004
photos.s3.eu-central-003.backblazeb2.com                               s3 eu-central-003
nyc3.digitaloceanspaces.com                                            s3 nyc3
photos.fra1.digitaloceanspaces.com                                     s3 fra1
s3.wasabisys.com                                                       s3 us-east-1
photos.s3.wasabisys.com                                                s3 us-east-1
s3.us-west-1.wasabisys.com                                             s3 us-west-1
photos.s3.ap-northeast-1.wasabisys.com                                 s3 ap-northeast-1
s3.eu-central-1.wasabisys.com                                          s3 eu-central-1
s3.nl-1.wasabisys.com                                                  s3 eu-central-1
photos.s3.de-1.wasabisys.com                                           s3 eu-central-2
s3.uk-1.wasabisys.com                                                  s3 eu-west-1
s3.fr-1.wasabisys.com                                                  s3 eu-west-2
s3.uk-2.wasabisys.com                                                  s3 eu-west-3
s3.it-1.wasabisys.com                                                  s3 eu-south-1
s3.fr-par.scw.cloud                                                    s3 fr-par
photos.s3.nl-ams.scw.cloud                                             s3 nl-ams
storage.googleapis.com                                                 s3 auto
photos.storage.googleapis.com                                          s3 auto
fsn1.your-objectstorage.com                                            s3 fsn1
photos.hel1.your-objectstorage.com                                     s3 hel1
s3.gra.io.cloud.ovh.net                                                s3 gra
photos.s3.eu-west-par.io.cloud.ovh.net                                 s3 eu-west-par
s3.us-east-va.io.cloud.ovh.us                                          s3 us-east-va
t3.storage.dev                                                         s3 auto
photos.t3.storage.dev                                                  s3 auto
fly.storage.tigris.dev                                                 s3 auto
photos.fly.storage.tigris.dev                                          s3 auto
storage.yandexcloud.net                                                s3 ru-central1
photos.storage.yandexcloud.net                                         s3 ru-central1
S3.EU-WEST-1.AMAZONAWS.COM                                             s3 eu-west-1
Photos.S3.Eu-West-1.AmazonAWS.com                                      s3 eu-west-1
s3.eu-west-1.amazonaws.com.                                            s3 eu-west-1
s3.eu-west-1.amazonaws.com:443                                         s3 eu-west-1
photos.s3.eu-west-1.amazonaws.com.:8443                                s3 eu-west-1
NYC3.DigitalOceanSpaces.com:443                                        s3 nyc3
`

const OTHER_HOSTS = `
iam.amazonaws.com                                                      iam us-east-1
iam-fips.amazonaws.com                                                 iam us-east-1
iam.us-gov.amazonaws.com                                               iam us-gov-west-1
x.us-gov.iam.us-gov.amazonaws.com                                      iam us-gov-west-1
iam.cn-north-1.amazonaws.com.cn                                        iam cn-north-1
iam.global.api.aws                                                     iam us-east-1
sts.amazonaws.com                                                      sts us-east-1
sts.eu-central-1.amazonaws.com                                         sts eu-central-1
sts-fips.us-east-2.amazonaws.com                                       sts us-east-2
sts.eusc-de-east-1.amazonaws.eu                                        sts eusc-de-east-1
sts.us-iso-east-1.c2s.ic.gov                                           sts us-iso-east-1
sdb.amazonaws.com                                                      sdb us-east-1
sdb.eu-west-1.amazonaws.com                                            sdb eu-west-1
cloudfront.amazonaws.com                                               cloudfront us-east-1
route53.amazonaws.com                                                  route53 us-east-1
route53.us-gov.amazonaws.com                                           route53 us-gov-west-1
route53resolver.eu-west-1.amazonaws.com                                route53resolver eu-west-1
waf.amazonaws.com                                                      waf us-east-1
waf-regional.eu-west-1.amazonaws.com                                   waf-regional eu-west-1
budgets.amazonaws.com                                                  budgets us-east-1
savingsplans.amazonaws.com                                             savingsplans us-east-1
health.us-east-1.amazonaws.com                                         health us-east-1
global.health.amazonaws.com                                            health us-east-1
sqs.eu-west-1.amazonaws.com                                            sqs eu-west-1
sqs.us-east-1.api.aws                                                  sqs us-east-1
queue.amazonaws.com                                                    sqs us-east-1
eu-west-1.queue.amazonaws.com                                          sqs eu-west-1
search-films-0a1b2c.eu-west-1.cloudsearch.amazonaws.com                cloudsearch eu-west-1
vpce-0a1b2c3d4e5f-6a7b8c9d.sqs.us-east-1.vpce.amazonaws.com            sqs us-east-1
vpce-0a1b2c3d4e5f.globalaccelerator.us-west-2.vpce.amazonaws.com       globalaccelerator us-west-2
sns.eu-west-1.amazonaws.com                                            sns eu-west-1
sns-fips.us-east-1.amazonaws.com                                       sns us-east-1
dynamodb.eu-west-1.amazonaws.com                                       dynamodb eu-west-1
streams.dynamodb.eu-west-1.amazonaws.com                               dynamodb eu-west-1
123456789012.ddb.eu-west-1.amazonaws.com                               dynamodb eu-west-1
kinesis.eu-west-1.amazonaws.com                                        kinesis eu-west-1
123456789012.data-kinesis.eu-west-1.amazonaws.com                      kinesis eu-west-1
lambda.eu-west-1.amazonaws.com                                         lambda eu-west-1
0123456789abcdefghijklmnopqrstuv.lambda-url.eu-west-1.on.aws           lambda eu-west-1
a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com                         execute-api eu-west-1
a1b2c3d4e5-vpce-0a1b2c3d4e5f.execute-api.eu-west-1.amazonaws.com       execute-api eu-west-1
vpce-0a1b2c3d4e5f-6a7b8c9d.execute-api.eu-west-1.vpce.amazonaws.com    execute-api eu-west-1
a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn                     execute-api cn-north-1
apigateway.eu-west-1.amazonaws.com                                     apigateway eu-west-1
es.eu-west-1.amazonaws.com                                             es eu-west-1
search-logs-abcdefghijklmnopqrstuvwxyz.eu-west-1.es.amazonaws.com      es eu-west-1
vpc-logs-abcdefghijklmnopqrstuvwxyz.us-east-2.es.amazonaws.com         es us-east-2
aoss.eu-west-1.amazonaws.com                                           aoss eu-west-1
0a1b2c3d4e5f6a7b8c9d.eu-west-1.aoss.amazonaws.com                      aoss eu-west-1
iot.eu-west-1.amazonaws.com                                            iot eu-west-1
a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com                         iotdata eu-west-1
data-ats.iot.eu-west-1.amazonaws.com                                   iotdata eu-west-1
a1b2c3d4e5f6g7.jobs.iot.eu-west-1.amazonaws.com                        iot-jobs-data eu-west-1
data.jobs.iot.eu-west-1.amazonaws.com                                  iot-jobs-data eu-west-1
api.tunneling.iot.eu-west-1.amazonaws.com                              IoTSecuredTunneling eu-west-1
bedrock.eu-west-1.amazonaws.com                                        bedrock eu-west-1
bedrock-runtime.us-west-2.amazonaws.com                                bedrock us-west-2
bedrock-runtime-fips.us-east-1.amazonaws.com                           bedrock us-east-1
bedrock-agent.us-west-2.amazonaws.com                                  bedrock us-west-2
bedrock-agent-runtime.us-west-2.amazonaws.com                          bedrock us-west-2
bedrock-data-automation.us-west-2.amazonaws.com                        bedrock us-west-2
bedrock-agentcore.us-west-2.amazonaws.com                              bedrock-agentcore us-west-2
git-codecommit.eu-west-1.amazonaws.com                                 codecommit eu-west-1
codecommit.eu-west-1.amazonaws.com                                     codecommit eu-west-1
streaming-rekognition.eu-west-1.amazonaws.com                          rekognition eu-west-1
streaming-rekognition-fips.us-east-1.amazonaws.com                     rekognition us-east-1
eice-0123456789abcdef0.b1c2d3e4.ec2-instance-connect-endpoint.us-east-1.amazonaws.com ec2-instance-connect us-east-1
eice-0123456789abcdef0.b1c2d3e4.ec2-instance-connect-endpoint-fips.us-east-1.amazonaws.com ec2-instance-connect us-east-1
email.eu-west-1.amazonaws.com                                          ses eu-west-1
appstream2.eu-west-1.amazonaws.com                                     appstream eu-west-1
appconfig.eu-west-1.amazonaws.com                                      appconfig eu-west-1
appconfigdata.eu-west-1.amazonaws.com                                  appconfig eu-west-1
memory-db.eu-west-1.amazonaws.com                                      memorydb eu-west-1
pinpoint.eu-west-1.amazonaws.com                                       mobiletargeting eu-west-1
oidc.eu-west-1.amazonaws.com                                           sso-oauth eu-west-1
catalog.marketplace.us-east-1.amazonaws.com                            aws-marketplace us-east-1
entitlement.marketplace.us-east-1.amazonaws.com                        aws-marketplace us-east-1
metering.marketplace.eu-west-1.amazonaws.com                           aws-marketplace eu-west-1
0a1b2c3d4e5f6a7b8c9d.dsql.us-east-1.on.aws                             dsql us-east-1
kms.eu-west-1.api.aws                                                  kms eu-west-1
ec2.us-east-2.api.aws                                                  ec2 us-east-2
ec2.cn-northwest-1.api.amazonwebservices.com.cn                        ec2 cn-northwest-1
ecr.us-east-1.api.aws                                                  ecr us-east-1
api.ecr.eu-west-1.amazonaws.com                                        ecr eu-west-1
api.ecr-public.us-east-1.amazonaws.com                                 ecr-public us-east-1
runtime.sagemaker.eu-west-1.amazonaws.com                              sagemaker eu-west-1
logs.us-gov-west-1.amazonaws.com                                       logs us-gov-west-1
secretsmanager.us-isob-east-1.sc2s.sgov.gov                            secretsmanager us-isob-east-1
mydb.a1b2c3d4e5f6.eu-west-1.rds.amazonaws.com:5432                     rds-db eu-west-1
cluster.cluster-a1b2c3d4e5f6.eu-west-1.neptune.amazonaws.com:8182      neptune-db eu-west-1
a1b2c3d4e5.appsync-api.eu-west-1.amazonaws.com                         appsync eu-west-1
a1b2c3d4e5.appsync-realtime-api.eu-west-1.amazonaws.com                appsync eu-west-1
s3tables.eu-west-1.amazonaws.com                                       s3tables eu-west-1
s3vectors.us-east-1.api.aws                                            s3vectors us-east-1
SQS.EU-WEST-1.AMAZONAWS.COM                                            sqs eu-west-1
Sqs.eu-west-1.amazonaws.com.:443                                       sqs eu-west-1
aps-workspaces.eu-west-1.amazonaws.com                                 aps eu-west-1
transcribestreaming.eu-west-1.amazonaws.com                            transcribe eu-west-1
data.iotevents.eu-west-1.amazonaws.com                                 ioteventsdata eu-west-1
mobile.us-east-1.amazonaws.com                                         AWSMobileHubService us-east-1
foobar.eu-west-1.amazonaws.com                                         foobar eu-west-1
`

/** Hosts that do not identify a scope, do not accept Signature Version 4, or only resemble AWS hosts. */
const UNKNOWN_HOSTS = `
localhost localhost:4566 minio minio:9000 minio.internal.example:9000 play.min.io s3.localhost.localstack.cloud:4566
127.0.0.1 127.0.0.1:9000 192.168.0.10 10.0.0.1:443 [::1] [::1]:9000 [2001:db8::1]:443
example.com photos.example.com s3.example.com s3.eu-west-1.example.com
ref.storage.supabase.co ceph.example.org rgw.example.org:7480
amazonaws.com amazonaws.com.cn amazonaws.eu api.aws on.aws us-east-1.amazonaws.com www.amazonaws.com eu-west-1.api.aws
evilamazonaws.com s3.evilamazonaws.com s3.us-east-1.evilamazonaws.com s3-us-east-1.evilamazonaws.com
s3.us-east-1.amazonaws.com.evil.example photos.s3.amazonaws.com.evil.example sqs.us-east-1.amazonaws.com.evil.example
s3.us-east-1.amazonaws.com.br s3.us-east-1.amazonaws.co s3.us-east-1.amazonaws-com.example s3.us-east-1.xamazonaws.com
s3.us-east-1-amazonaws.com evils3.amazonaws.com evil-s3.amazonaws.com s3.amazonaws.example s3xamazonaws.com
s3.amazonaws.com@evil.example s3.us-east-1.amazonaws.com.evil.example:443 iam.amazonaws.com.evil.example
evilr2.cloudflarestorage.com r2.cloudflarestorage.com.evil.example r2.cloudflarestorage.com.example.org
evilstorage.googleapis.com storage.googleapis.com.evil.example xs3.us-west-004.backblazeb2.com
s3.us-west-004.backblazeb2.com.evil.example evilbackblazeb2.com nyc3.digitaloceanspaces.com.evil.example
nyc3.evildigitaloceanspaces.com digitaloceanspaces.com evils3.wasabisys.com s3.wasabisys.com.evil.example
photos.nyc3.cdn.digitaloceanspaces.com storage.yandexcloud.net.evil.example evilt3.storage.dev
s3-website-us-east-1.amazonaws.com photos.s3-website-us-east-1.amazonaws.com s3-website.eu-central-1.amazonaws.com
photos.s3-website.eu-central-1.amazonaws.com photos.s3-website.cn-north-1.amazonaws.com.cn
mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com
ec2-203-0-113-25.compute-1.amazonaws.com ec2-203-0-113-25.eu-west-1.compute.amazonaws.com
web-1234567890.eu-west-1.elb.amazonaws.com d111111abcdef8.cloudfront.net logs.a1b2c3.use1.cache.amazonaws.com
ABCDEF0123456789.gr7.us-east-1.eks.amazonaws.com
`

function rows(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((row) => row.split(/ +/))
}

function scope({ service, region }: { service?: string | undefined; region?: string | undefined }): string {
  return `${service ?? '-'} ${region ?? '-'}`
}

describe('listed hosts', () => {
  const s3 = rows(S3_HOSTS)
  const other = rows(OTHER_HOSTS)
  const unknown = UNKNOWN_HOSTS.trim().split(/\s+/)

  it('are numerous', () => {
    expect([s3.length, other.length, unknown.length]).toEqual([110, 101, 76])
    expect(new Set([...s3, ...other].map(([host]) => host)).size).toBe(110 + 101)
  })

  it.each(s3)('%s is %s in %s', (host, service, region) => {
    expect(scope(hostScope(host!))).toBe(`${service} ${region}`)
    expect(scope(s3HostScope(host!))).toBe(`${service} ${region}`)
    expect(isS3(service!)).toBe(true)
  })

  it.each(other)('%s is %s in %s', (host, service, region) => {
    expect(scope(hostScope(host!))).toBe(`${service} ${region}`)
    expect(scope(s3HostScope(host!))).toBe('- -')
    expect(isS3(service!)).toBe(false)
  })

  it.each(unknown)('%s is unknown', (host) => {
    const { service, region } = hostScope(host)
    expect(service === undefined || region === undefined, `returned ${service} ${region}`).toBe(true)
    expect(scope(s3HostScope(host))).toBe('- -')
  })

  it('that only resemble AWS hosts have no scope', () => {
    const unknownHosts = unknown.filter((host) => !/amazonaws\.(com|com\.cn|eu)$|(api|on)\.aws$/.test(host))
    expect(unknownHosts.length).toBe(48)
    for (const host of unknownHosts) expect(scope(hostScope(host)), host).toBe('- -')
  })
})

describe('a string that is not a name with an optional port', () => {
  const known = [...rows(S3_HOSTS), ...rows(OTHER_HOSTS)].map(([host]) => host!)
  const separators = [
    ...'/@?#\\%:;,&=+!$\'"`()[]{}<>|^~ \t\r\n\0\x7f\u00a0\u3002\uff0f\u2044',
    '%2f',
    '%00',
    '://',
    ':443/',
    ':443@',
    '..%2f',
  ]

  it.each(separators)('does not identify the service of the host after %j in it', (separator) => {
    expect(known.length).toBeGreaterThan(150)
    for (const host of known)
      for (const text of [
        `evil.example${separator}.${host}`,
        `evil.example${separator}${host}`,
        `${separator}${host}`,
      ]) {
        expect([hostScope(text), s3HostScope(text), globalService(text)], text).toEqual([{}, {}, undefined])
        expect(regionOf(text, '[^]*@'), text).toBeUndefined()
      }
  })

  it.each(['/', '@evil.example', '?', '#', '\\', ' ', '\n', ':', ':x', ':443:', ':443/', ':443 ', ':4433333'])(
    'does not identify the service of the host before %j in it',
    (end) => {
      for (const host of known) expect(hostScope(host + end), host + end).toEqual({})
    },
  )

  it('is different from a name with a final dot or a port', () => {
    expect(hostScope('sqs.eu-west-1.amazonaws.com:443')).toEqual({ service: 'sqs', region: 'eu-west-1' })
    expect(hostScope('SQS.eu-west-1.amazonaws.com.:443')).toEqual({ service: 'sqs', region: 'eu-west-1' })
  })
})

describe('the regions of botocore', () => {
  const domains = partitionDomains()
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }

  it('are in eight partitions', () => {
    expect(domains.length).toBe(48)
    expect(new Set(domains.map(([, ...domains]) => domains.slice(0, 2).join())).size).toBe(7) // of two, the domains are the same
    expect(new Set(domains.map(([, , , partition]) => partition)).size).toBe(8)
  })

  it.each(domains)('%s has hosts in %s', (region, domain) => {
    const host = `photos.s3.${region}.${domain}`
    const url = objectUrl({ bucket: 'photos', key: 'cat.jpg', region })
    expect(url).toBe(`https://${host}/cat.jpg`)
    expect(scope(s3HostScope(host))).toBe(`s3 ${region}`)
    const signed = presignGet(url, { credentials })
    expect(signed.url).toContain(`%2F${region}%2Fs3%2Faws4_request`)
    expect(presignGet({ bucket: 'photos', key: 'cat.jpg', region }, { credentials }).url.split('?')[0]).toBe(url)
    expect(presignPost({ bucket: 'photos', key: 'cat.jpg', region }, { credentials }).url).toBe(`https://${host}/`)
    expect(regionalHost('sts', region)).toBe(`sts.${region}.${domain}`)
    expect(scope(hostScope(`sts.${region}.${domain}`))).toBe(`sts ${region}`)
  })

  it.each(domains)('%s is read from hosts for dual stack', (region, domain, dualStack) => {
    expect(scope(s3HostScope(`photos.s3.dualstack.${region}.${domain}`))).toBe(`s3 ${region}`)
    expect(scope(hostScope(`sts.${region}.${dualStack}`))).toBe(`sts ${region}`)
  })
})

it('a host is unknown if it is longer than any in DNS', () => {
  const host = (length: number) => `${'a'.repeat(length - 21)}.r2.cloudflarestorage.com`.slice(-length)
  expect([300, 301].map((length) => scope(s3HostScope(host(length))))).toEqual(['s3 auto', '- -'])
})

it.each(['s3express-x', 'my-s3express', 's3-outpost', 's3-object-lambda2', 'S3', 's3tables'])(
  "the service %s does not follow S3's rules",
  (service) => {
    expect(isS3(service)).toBe(false)
  },
)

it('a host is read without splitting or compiling anything after a host with the same ending', () => {
  const hosts = [
    ...endpointScopes().keys(),
    's3.nl-1.wasabisys.com',
    'photos.fra1.digitaloceanspaces.com',
    'minio.example.com',
  ]
  const read = (): unknown[] => hosts.flatMap((host) => [hostScope(host), s3HostScope(host)])
  const expected = read()
  const spies = [vi.spyOn(globalThis, 'RegExp'), vi.spyOn(String.prototype, 'split')]
  const found = read()
  const calls = spies.map((spy) => spy.mock.calls.length)
  vi.restoreAllMocks()
  expect(calls).toEqual([0, 0])
  expect(found).toEqual(expected)
})

it.each([
  ['photos.s3-accelerate.amazonaws.com', 's3', undefined],
  ['s3.amazonaws.com', 's3', 'us-east-1'],
  ['photos.s3.nl-1.wasabisys.com', 's3', 'eu-central-1'],
  ['photos.fra1.digitaloceanspaces.com', 's3', 'fra1'],
  ['minio.example.com', undefined, undefined],
])('the first host of a program is read as any other: %s', async (host, service, region) => {
  const file = `../../../src/core/signing/s3-hosts.ts?first=${host.replaceAll('.', '-')}` // a module that has not read any host
  const { s3HostScope: read } = (await import(/* @vite-ignore */ file)) as { s3HostScope: typeof s3HostScope }
  expect(read(host)).toEqual(service ? { service, region } : {})
})

describe('the name of a host', () => {
  it.each([
    ['maps.geo', 'geo-maps'],
    ['cp.maps.geo', 'geo'],
    ['other.geo', 'geo'],
    ['pinpoint', 'mobiletargeting'],
    ['a.b.pinpoint', 'mobiletargeting'],
    ['sms-voice.pinpoint', 'sms-voice'],
    ['a.sms-voice.pinpoint', 'sms-voice'],
    ['b-sms-voice.pinpoint', 'mobiletargeting'],
    ['iot', 'iot'],
    ['a.iot', 'iotdata'],
    ['a.b.iot', 'iotdata'],
    ['jobs.iot', 'iot-jobs-data'],
    ['a.jobs.iot', 'iot-jobs-data'],
    ['a-jobs.iot', 'iotdata'],
    ['pinpoint.a', 'a'],
    ['xpinpoint', 'xpinpoint'],
    ['x-pinpoint', 'x-pinpoint'],
    ['constructor', 'constructor'],
    ['a..pinpoint', 'mobiletargeting'],
    ['.iot', 'iotdata'],
  ])('%s: the longest end in the table determines the service, otherwise the last label: %s', (name, service) => {
    expect(hostScope(`${name}.eu-west-1.amazonaws.com`)).toEqual({ service, region: 'eu-west-1' })
  })

  it('is not kept', () => {
    hostScope('sqs.eu-west-1.amazonaws.com')
    const keys = vi.spyOn(Map.prototype, 'set')
    for (let i = 0; i < 100; i++) hostScope(`sqs${i}.eu-west-1.amazonaws.com`)
    const { length } = keys.mock.calls
    vi.restoreAllMocks()
    expect(length).toBe(0)
  })
})

describe('hosts in botocore', () => {
  const scopes = endpointScopes()
  /** The host and the path of a line. */
  const split = (place: string): [host: string, path: string] => {
    const end = `${place}/`.indexOf('/')
    return [place.slice(0, end), place.slice(end) || '/']
  }
  /** Hosts without a scope that can be known: why, the end of the name, and how many places botocore has, by service. */
  const UNKNOWN: readonly (readonly [why: string, host: RegExp, places: Readonly<Record<string, number>>])[] = [
    ['the console, which has other domains', /(?:^|\.)signin(?:-fips)?\.[a-z\d.-]+$/, { signin: 86 }],
    [
      'a global service, outside the commercial partition, whose region its host does not contain',
      /^(?:budgets|cloudfront|iam|route53|global\.health)(?:-fips)?(?:\.global)?\.(?!amazonaws\.com$)/,
      { budgets: 24, cloudfront: 24, health: 1, iam: 16, route53: 24 },
    ],
    [
      'a global endpoint, for which AWS also accepts Signature Version 4a: its host does not contain the region',
      /^(?:partnercentral-channel|partnercentral-prm|sustainability)(?:-fips)?\.global\./,
      { partnercentral: 14, 'partnercentral-channel': 14, sustainability: 13 },
    ],
  ]

  it('are all listed', () => {
    expect(new Set([...scopes.keys()].map((place) => split(place)[0])).size).toBe(76_051)
    expect([...scopes.values()].flat().length).toBe(76_766)
    expect([...scopes.values()].filter((expected) => expected.length > 1).length).toBe(5)
  })

  it('are in every region of every partition', () => {
    const places = [...scopes.keys()]
    for (const [region, domain] of partitionDomains()) expect(places, region).toContain(`kms.${region}.${domain}`)
  })

  it('have the scope that botocore signs for, or none for a reason', () => {
    const wrong: string[] = []
    const unknown = UNKNOWN.map((): Record<string, number> => ({}))
    for (const [place, expected] of scopes) {
      const [host, path] = split(place)
      const found = hostScope(host, path)
      if (expected.includes(scope(found))) continue
      const reasons = UNKNOWN.flatMap(([, hosts], i) => (hosts.test(host) ? [i] : []))
      const [service] = expected[0]!.split(' ') as [string]
      const isRight = found.region === undefined && [undefined, service].includes(found.service)
      if (!isRight || reasons.length !== 1) wrong.push(`${place} is ${expected.join(' or ')}, not ${scope(found)}`)
      for (const i of reasons) unknown[i]![service] = (unknown[i]![service] ?? 0) + 1
    }
    expect(wrong).toEqual([])
    expect(unknown).toEqual(UNKNOWN.map(([, , places]) => places))
  })

  it('without a scope are errors that contain the host, and say what it does not identify', () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's' }
    let count = 0
    for (const [place, expected] of scopes) {
      const [host, path] = split(place)
      const found = hostScope(host, path)
      if (found.service && found.region) continue
      count++
      const argument = 'options.region'
      const fix = found.service ? '' : ' Pass service too.'
      const message = `${argument} is missing. The host ${host} does not identify it.${fix}`
      const call = (options: object) => () => presign('GET', `https://${place}`, { credentials, ...options })
      expect(call({}), place).toThrow(expect.objectContaining({ code: 'ERR_SIGV4_SCOPE_UNKNOWN', argument, message }))
      const [service, region] = expected[0]!.split(' ') as [string, string]
      expect(call({ service, region })().url, place).toContain(`%2F${region}%2F${service}%2Faws4_request`)
    }
    expect(count).toBe(86 + 89 + 41)
  })

  it('accept the region that botocore signs for, and no other if their name contains it', () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's' }
    const wrong: string[] = []
    for (const [place, expected] of scopes) {
      const [host] = split(place)
      const call = (region: string) => presign('GET', `https://${place}`, { credentials, region, service: 'a' })
      for (const each of expected) {
        const [, region] = each.split(' ') as [string, string]
        call(region)
        if (expected.length > 1 || !host.includes(`.${region}.`)) continue
        try {
          call(region === 'eu-west-9' ? 'eu-west-8' : 'eu-west-9')
          wrong.push(place)
        } catch (error) {
          expect(error).toMatchObject({ argument: 'options.region', reason: 'mismatch' })
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it.each([
    ['maps.geo.eu-west-1.amazonaws.com/maps/v0/maps/m/tiles/1/2/3', 'geo'],
    ['maps.geo.eu-west-1.amazonaws.com/v2/tiles/vector/1/2/3', 'geo-maps'],
    ['maps.geo.eu-west-1.amazonaws.com/maps/v01/maps', 'geo-maps'],
    ['maps.geo.eu-west-1.amazonaws.com/v2/maps/v0/maps', 'geo-maps'],
    ['routes.geo.eu-west-1.amazonaws.com/routes/v0/calculators/c/calculate/route?key=v1', 'geo'],
    ['places.geo.eu-west-1.amazonaws.com/v2/geocode?a=.geo/places/v0/', 'geo-places'],
    ['sqs.eu-west-1.amazonaws.com/x.geo/maps/v0/', 'sqs'],
    ['a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/mqtt', 'iotdevicegateway'],
    ['a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/mqtt?a=b', 'iotdevicegateway'],
    ['data.ats.iot.eu-west-1.api.aws/mqtt', 'iotdevicegateway'],
    ['a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/topics/mqtt', 'iotdata'],
    ['a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com/mqtt/a', 'iotdata'],
    ['iot.eu-west-1.amazonaws.com/mqtt', 'iot'],
    ['a1b2c3d4e5f6g7.jobs.iot.eu-west-1.amazonaws.com/mqtt', 'iot-jobs-data'],
    ['sqs.eu-west-1.amazonaws.com/a.iot/mqtt', 'sqs'],
    // not in the endpoint rules: the sandbox of Mechanical Turk, and a host that also accepts bearer tokens
    ['mturk-requester-sandbox.us-east-1.amazonaws.com/', 'mturk-requester'],
    ['account-access-runtime.eu-west-1.api.aws/access', 'account-access'],
    ['importexport.us-west-2.api.aws/', 'IngestionService'],
  ])('%s is signed for %s', (place, service) => {
    const [, , region] = /(^|\.)([a-z]+-[a-z]+-\d)\./.exec(place)!
    const own = service === 'IngestionService' ? 'us-east-1' : region
    const { url } = presign('GET', `https://${place}`, {
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's' },
    })
    expect(new URL(url).searchParams.get('X-Amz-Credential')).toMatch(`/${own}/${service}/aws4_request`)
  })

  it('are distinguished from S3 hosts', () => {
    for (const [place, expected] of scopes) {
      const [host] = split(place)
      const services = expected.map((scope) => scope.split(' ')[0]!)
      if (services.some(isS3)) expect(expected, host).toContain(scope(s3HostScope(host)))
      else expect(scope(s3HostScope(host)), host).toBe('- -')
    }
  })
})

describe('the grammar of a region', () => {
  it.each([
    ['us-east-1', true],
    ['us-gov-west-1', true],
    ['eusc-de-east-1', true],
    ['us-east-10', true],
    ['auto', false],
    ['us-east', false],
    ['US-EAST-1', false],
    ['europe-west-1', false],
  ])('is the same in a name and in a host: %s', (region, isRegion) => {
    expect(isAwsRegion(region)).toBe(isRegion)
    expect(hostScope(`sqs.${region}.amazonaws.com`).region === region).toBe(isRegion)
    expect(hostScope(`photos.s3.${region}.amazonaws.com`).region === region).toBe(isRegion)
  })
})

describe('a host that serves several regions', () => {
  it.each([
    ['abc.mrap.accesspoint.s3-global.amazonaws.com', 's3'],
    ['ABC.mrap.accesspoint.s3-global.amazonaws.com:443', 's3'],
    ['abc.endpoint.events.amazonaws.com', 'events'],
    ['abc.endpoints.email.amazonaws.com', 'ses'],
    ['abc.endpoints.email.global.amazonaws.com', 'ses'],
    ['abc.endpoints.email.us-gov.amazonaws.com', 'ses'],
    ['abc.cloudfront-kvs.global.api.aws', 'cloudfront-keyvaluestore'],
    ['partnercentral-channel.global.api.aws', 'partnercentral-channel'],
    ['partnercentral-prm.us-gov.api.aws', 'partnercentral'],
    ['sustainability.global.api.aws', 'sustainability'],
  ])('%s belongs to %s, but not with another label before the domain', (host, service) => {
    expect(globalService(host)).toBe(service)
    expect(globalService(host.replace(/(?=\.amazonaws\.com|\.api\.aws)/, '.x'))).toBeUndefined()
  })

  it.each([
    's3.eu-west-1.amazonaws.com',
    'mrap.accesspoint.s3-global.amazonaws.com',
    'abc.mrap.accesspoint.s3-global.example.com',
    'abc.mrap.accesspoint.s3-global.amazonaws.com.example.com',
    'abc.mrap.accesspoint.s3-global.x.amazonaws.com',
    'x.partnercentral-prm.us-gov.api.aws',
    'x.partnercentral-channel.global.api.aws',
    'x.sustainability.global.api.aws',
    'sustainability.global.x.api.aws',
    'amazonaws.com',
    '',
  ])('is not %j', (host) => {
    expect(globalService(host)).toBeUndefined()
  })
})

it('a region is required, and has the form of one', () => {
  expect(checkRegion('eu-west-1', 'Pass region.')).toBe('eu-west-1')
  const code = 'ERR_SIGV4_SCOPE_UNKNOWN'
  const rejected = (region: unknown, argument?: string) => () => checkRegion(region as string, 'Pass region.', argument)
  const missing = { code, argument: 'target.region', message: 'target.region is missing. Pass region.' }
  for (const region of [undefined, '']) expect(rejected(region)).toThrow(expect.objectContaining(missing))
  for (const region of ['aws-global', 'EU-WEST-1', 1, ['eu-west-1']])
    expect(rejected(region, 'options.region')).toThrow(
      expect.objectContaining({ code, argument: 'options.region', message: 'options.region is not valid.' }),
    )
})
