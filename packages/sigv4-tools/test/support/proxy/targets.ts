const ALIAS = 'arn:aws:lambda:eu-west-1:123456789012:function:notes:live'
const PROFILE = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-3-haiku-20240307-v1:0'

/** Paths of services in which other proxies encode a character differently than the service expects. */
export const TARGETS = [
  ['es', '/logs-*,-logs-old/_search?q=user:%22a%20b%22&expand_wildcards=open,hidden'],
  ['es', '/%3Clogs-%7Bnow%2Fd-1d%7D%3E/_msearch?max_concurrent_shard_requests=5'],
  ['es', '/<logs-{now/d}>/_search'],
  ['es', '/_all/_field_caps?fields=*&include_unmapped'],
  ['es', '/logs/_doc/a%2Fb%25c%20d+e?refresh=true'],
  ['es', '/%E6%97%A5%E8%AA%8C-2026/_doc/na%C3%AFve'],
  ['es', '/_dashboards/api/saved_objects/_find?fields=title&fields=type&search=a%2A'],
  ['aoss', '/logs-*/_search?scroll=1m'],
  ['aoss', '/%3Clogs-%7Bnow%2Fd%7D%3E/_doc/a:b'],
  ['execute-api', '/prod/@connections/L0SM9cOFvHcCIhw='],
  ['execute-api', '/prod/@connections/L0SM9cOFvHcCIhw%3D'],
  ['execute-api', '/prod/pets/a%2Fb/c?tag=a&tag=A&tag=&flag'],
  ['execute-api', '/$default/{proxy+}'],
  ['aps', '/workspaces/ws-0123/api/v1/remote_write'],
  ['aps', '/workspaces/ws-0123/api/v1/query?query=up{job=%22node%22}&time=1690000000.5'],
  ['aps', '/workspaces/ws-0123/api/v1/query_range?query=sum%20by%20(le)(rate(a:b[5m]))&step=15'],
  ['aps', '/workspaces/ws-0123/api/v1/series?match[]=up&match[]=a%7Bb%3D~%22c%7Cd%22%7D'],
  ['bedrock', '/model/anthropic.claude-3-haiku-20240307-v1:0/converse-stream'],
  ['bedrock', '/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke'],
  ['bedrock', `/model/${encodeURIComponent(PROFILE)}/invoke-with-response-stream`],
  ['lambda', `/2015-03-31/functions/${ALIAS}/invocations?Qualifier=$LATEST`],
  ['lambda', `/2015-03-31/functions/${encodeURIComponent(ALIAS)}/invocations`],
  ['lambda', '/2021-11-15/functions/notes%3Alive/response-streaming-invocations'],
] as const
