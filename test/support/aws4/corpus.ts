// Call shapes by rule: paths that signers often get wrong, and a simple call of each service that users of aws4 call.

/** A request in a call shape. */
export type Shape = Record<string, unknown>

// biome-ignore format: a table
export const ODD_PATHS = [
  '/a b', '/a%20b', '/a+b', '/a%2Bb', '/é', '/%C3%A9', '/a//b', '//', '/./a', '/a/./b/', '/a/../b', '/../a', '/a/..', '/a%2Fb',
  "/!'()*", '/;,:@&=$', '/~._-', '/😀', '/a%zz', '/100%', '/%', '/a#b', '/a?b', '/?a=1&b=2', '/?b=2&a=1&a=0', '/?a', '/?', '/?a=b=c',
  '/?a+b=c+d', '/?%61=%62', '/?a=%zz', '/?=x', '/?&&', "/?a=!'()*", '/?a=%2F&b=é', '/?a=%e9', '/?10=a&9=b&x=c', '/?__proto__=1&a=2',
  '/?x=1&x=1&X=2', '/a b%2Bc?d=%2F', '', 'a', '?a=b', '/\u2028', '/"<>\\^`{|}', '/a%2fb?c=%2f', '/%2e%2e/a', '/.', '/..', '/...',
  '/a\ud800', '/a b%', '/?a=%f0%9f%98&b=%c3', '/?a=%ed%a0%80%41',
]

// biome-ignore format: a table
const REGIONAL = [
  'acm', 'apigateway', 'appsync', 'athena', 'cloudformation', 'cloudtrail', 'codecommit', 'config', 'dynamodb', 'ec2', 'ecs', 'eks',
  'elasticache', 'elasticloadbalancing', 'elasticmapreduce', 'es', 'events', 'firehose', 'glacier', 'glue', 'kinesis', 'kms', 'lambda',
  'logs', 'monitoring', 'rds', 'redshift', 'sagemaker', 'secretsmanager', 'sns', 'sqs', 'ssm', 'states', 'storagegateway', 'swf',
  'sts', 'ses', 'ecr', 's3', 'sdb',
]

/** Services with one region only, or with unusual hosts. */
const HOSTS = [
  'iam.amazonaws.com',
  'cloudfront.amazonaws.com',
  'route53.amazonaws.com',
  'importexport.amazonaws.com',
  'email.us-east-1.amazonaws.com',
  'photos.s3.amazonaws.com',
  'photos.s3-eu-west-1.amazonaws.com',
  's3.cn-north-1.amazonaws.com.cn',
  'search-logs-abc.us-east-1.es.amazonaws.com',
  'abc.us-east-1.aoss.amazonaws.com',
  'abc.execute-api.us-east-1.amazonaws.com',
]

function both(shape: Shape): Shape[] {
  return [shape, { ...shape, signQuery: true }]
}

/**
 * All shapes: an unusual path for S3 and a different service, and calls of services, in the header and in the query.
 */
export const corpus: Shape[] = [
  ...ODD_PATHS.flatMap((path) =>
    ['s3', 'sagemaker'].flatMap((service) => both({ service, region: 'eu-west-1', path })),
  ),
  ...REGIONAL.flatMap((service) => both({ service, path: '/?Action=List&Version=2015-01-01' })),
  ...REGIONAL.map((service) => ({
    service,
    region: 'eu-west-1',
    body: 'Action=List',
    headers: { Accept: 'text/xml' },
  })),
  ...HOSTS.flatMap((host) => both({ host, path: '/a/b' })),
  { service: 'codecommit', host: 'git-codecommit.us-east-1.amazonaws.com', path: '/v1/repos/a', method: 'GIT' },
  { service: 's3', host: 'abc.r2.cloudflarestorage.com', region: 'auto', path: '/photos/cat.jpg' },
  { service: 'es', host: 'localhost', port: 9200, path: '/_search', body: '{"query":{}}', doNotEncodePath: true },
]
