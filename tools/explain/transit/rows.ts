import { createHash } from 'node:crypto'
import type { RequestName } from './requests.ts'

// What proxies change, each row with the thread or page that shows it.

export interface Row {
  name: string
  /** What changes between the client and the server. */
  says: string
  source: string
  /** The content of a server block of nginx. The upstream server is `storage`, and `UPSTREAM` its address. */
  nginx: string
  sends: readonly RequestName[]
  /** The host as the client has it, for the port on which nginx listens. */
  outside?: (port: number) => string
  /** The path of the bucket as the client has it. */
  bucketPath?: string
  /** Clients connect with TLS, and the proxy connects to the server without it. */
  isTls?: true
}

const NGINX = 'https://nginx.org/en/docs/http'
const GITHUB = 'https://github.com'
const MINIO = `${GITHUB}/minio/minio/issues`

const HOST = 'proxy_set_header Host $http_host;'
const PASS = 'proxy_pass http://storage;'

/** A server that forwards everything, with directives in its location. */
const forwarding = (directives: string): string => `location / { ${HOST} ${directives} ${PASS} }`

const PUBLIC = 'storage.example.net'

const HOST_ROWS: readonly Row[] = [
  {
    name: 'host-not-set',
    says: 'Host is the name of the upstream server, because nothing sets it',
    source: `${MINIO}/5298`,
    nginx: `location / { ${PASS} }`,
    sends: ['get-cli', 'put-go', 'presigned-get'],
  },
  {
    name: 'host-is-address-of-server',
    says: 'Host is the address of the upstream server and its port',
    source: `${GITHUB}/usnistgov/dioptra/pull/347`,
    nginx: 'location / { proxy_http_version 1.1; proxy_pass http://UPSTREAM; }',
    sends: ['get-minio-go', 'put-cli', 'presigned-put'],
  },
  {
    name: 'host-without-port',
    says: '$host does not contain the port',
    source: `${MINIO}/8624`,
    nginx: `location / { proxy_set_header Host $host; ${PASS} }`,
    sends: ['get-cli', 'list-cli', 'presigned-get-name'],
  },
  {
    name: 'host-kept',
    says: 'nothing that is signed',
    source: 'https://min.io/docs/minio/linux/integrations/setup-nginx-proxy-with-minio.html',
    nginx: `location / {
      ${HOST}
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      ${PASS}
    }`,
    sends: ['get-cli', 'put-go', 'presigned-get'],
  },
  {
    name: 'host-fixed-public',
    says: 'Host is always the public name, also for clients in the internal network',
    source: `${GITHUB}/OFFIS-RIT/kiwi/pull/71`,
    nginx: `location / { proxy_set_header Host ${PUBLIC}; ${PASS} }`,
    sends: ['put-js', 'presigned-get'],
  },
  {
    name: 'host-fixed-internal',
    says: 'Host is the internal name (upstream-vhost of an ingress)',
    source: `${MINIO}/16214`,
    nginx: `location / { proxy_set_header Host minio:9000; ${PASS} }`,
    sends: ['get-js', 'presigned-get'],
    outside: () => PUBLIC,
  },
  {
    name: 'host-with-port-of-proxy',
    says: '$host:$server_port adds the port on which the proxy listens; clients use a different one',
    source: `${GITHUB}/minio/minio/issues/20765`,
    nginx: `location / { proxy_set_header Host $host:$server_port; ${PASS} }`,
    sends: ['get-cli', 'presigned-put-type'],
    outside: () => PUBLIC,
  },
  {
    name: 'host-mapped-port-dropped',
    says: 'clients use a mapped port, which $host does not contain',
    source: `${MINIO}/6853`,
    nginx: `location / {
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Port $server_port;
      ${PASS}
    }`,
    sends: ['get-go', 'delete-cli', 'presigned-get'],
    outside: () => `${PUBLIC}:9443`,
  },
  {
    name: 'host-lower-case',
    says: '$host is in lower case',
    source: `${NGINX}/ngx_http_core_module.html#var_host`,
    nginx: `location / { proxy_set_header Host $host; ${PASS} }`,
    sends: ['get-s3cmd', 'presigned-get'],
    outside: () => 'Storage.Example.NET',
  },
  {
    name: 'host-default-port-dropped',
    says: 'the client signs the default port, which $host does not contain',
    source: `${MINIO}/9169`,
    nginx: `location / { proxy_set_header Host $host; ${PASS} }`,
    sends: ['get-s3cmd', 'presigned-get'],
    outside: () => `${PUBLIC}:80`,
  },
  {
    name: 'host-only-forwarded',
    says: 'the host is only in X-Forwarded-Host, which the server does not read',
    source: `${MINIO}/3462`,
    nginx: `location / {
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      ${PASS}
    }`,
    sends: ['get-s3cmd', 'put-minio-java'],
    outside: () => PUBLIC,
  },
  {
    name: 'host-bucket-moved-to-path',
    says: 'the bucket in the host is moved to the path',
    source: `${GITHUB}/seaweedfs/seaweedfs/wiki/S3-Nginx-Proxy`,
    nginx: `location / {
      rewrite ^/(.*)$ /transit/$1 break;
      proxy_set_header Host s3.localhost;
      ${PASS}
    }`,
    sends: ['get-cli-host-style', 'presigned-get-host-style'],
  },
  {
    name: 'host-bucket-dropped',
    says: 'Host does not contain the bucket',
    source: `${MINIO}/11218`,
    nginx: `location / { proxy_set_header Host s3.localhost:$server_port; ${PASS} }`,
    sends: ['get-cli-host-style', 'presigned-get-host-style'],
  },
  {
    name: 'host-redirected',
    says: 'a redirect to the canonical domain, which clients follow with the signature for the first one',
    source: `${GITHUB}/minio/minio-go/issues/867`,
    nginx: `if ($host != www.${PUBLIC}) { return 301 http://www.${PUBLIC}$request_uri; } ${forwarding('')}`,
    sends: ['get-minio-go', 'presigned-get'],
    outside: () => PUBLIC,
  },
  {
    name: 'tls-terminated',
    says: 'nothing that is signed: the server receives http instead of https',
    source: `${MINIO}/1315`,
    nginx: forwarding('proxy_set_header X-Forwarded-Proto $scheme;'),
    sends: ['get-cli', 'presigned-put'],
    outside: () => PUBLIC,
    isTls: true,
  },
  {
    name: 'tls-host-not-set',
    says: 'Host is the name of the upstream server, and https becomes http',
    source: `${GITHUB}/minio/minio-js/issues/1301`,
    nginx: `location / { proxy_set_header X-Forwarded-Proto $scheme; ${PASS} }`,
    sends: ['put-minio-java', 'presigned-get'],
    outside: () => PUBLIC,
    isTls: true,
  },
  {
    name: 'tls-default-port-dropped',
    says: 'the client signs port 443, which $host does not contain',
    source: `${GITHUB}/minio/minio/pull/9937`,
    nginx: `location / { proxy_set_header Host $host; ${PASS} }`,
    sends: ['get-minio-go', 'presigned-get'],
    outside: () => `${PUBLIC}:443`,
    isTls: true,
  },
]

const PATH_ROWS: readonly Row[] = [
  {
    name: 'prefix-stripped',
    says: 'location and proxy_pass with a URI remove the first part of the path',
    source: `${MINIO}/6546`,
    nginx: `location ^~ /dash/store/ { ${HOST} proxy_pass http://storage/; }`,
    sends: ['get-cli', 'put-go', 'presigned-get-name'],
    bucketPath: '/dash/store/transit',
  },
  {
    name: 'prefix-rewritten',
    says: 'rewrite removes the first part of the path',
    source: `${MINIO}/5947`,
    nginx: `location /v2 { rewrite /v2/(.*) /$1 break; ${HOST} ${PASS} }`,
    sends: ['get-js', 'list-cli'],
    bucketPath: '/v2/transit',
  },
  {
    name: 'prefix-of-ingress',
    says: 'rewrite-target of an ingress removes the first part of the path, and upstream-vhost changes the host',
    source: `${GITHUB}/kubernetes/ingress-nginx/issues/6210`,
    nginx: `location ~* "^/s3(/|$)(.*)" {
      rewrite "(?i)/s3(/|$)(.*)" /$2 break;
      proxy_set_header Host minio:9000;
      ${PASS}
    }`,
    sends: ['get-minio-java', 'presigned-put'],
    bucketPath: '/s3/transit',
  },
  {
    name: 'bucket-replaces-prefix',
    says: 'proxy_pass replaces the first part of the path by the bucket',
    source:
      'https://gerrit1999.github.io/2025/minio-%E9%A2%84%E7%AD%BE%E5%90%8D-url-%E6%8A%A5%E9%94%99-signaturedoesnotmatch-%E7%9A%84%E6%8E%92%E6%9F%A5%E5%A4%8D%E7%9B%98',
    nginx: `location /oss/ { ${HOST} proxy_pass http://storage/transit/; }`,
    sends: ['get-cli', 'presigned-get'],
    bucketPath: '/oss',
  },
  {
    name: 'bucket-added',
    says: 'the proxy adds the bucket to the path',
    source: `${MINIO}/9964`,
    nginx: `location / { ${HOST} proxy_pass http://storage/transit/; }`,
    sends: ['put-cli', 'presigned-get'],
    bucketPath: '',
  },
  {
    name: 'path-normalized',
    says: 'proxy_pass with a URI decodes and encodes the path',
    source: `${MINIO}/5571`,
    nginx: `location / { ${HOST} proxy_pass http://storage/; }`,
    sends: ['get-go-spaces', 'get-cli-unicode', 'presigned-get-equals', 'presigned-get-colon', 'get-cli'],
  },
  {
    name: 'path-as-sent',
    says: 'nothing that is signed: the path of $request_uri is as sent',
    source: `${GITHUB}/quiltdata/quilt/pull/1339`,
    nginx: `location / { ${HOST} proxy_pass http://storage$request_uri; }`,
    sends: ['get-go-spaces', 'presigned-get-equals'],
  },
  {
    name: 'slashes-merged',
    says: 'merge_slashes and proxy_pass with a URI turn // into /',
    source: `${GITHUB}/suitenumerique/drive/pull/361`,
    nginx: `location / { ${HOST} proxy_pass http://storage/; }`,
    sends: ['get-cli-slashes'],
  },
  {
    name: 'slash-added-by-redirect',
    says: 'a redirect to the path with a slash, which clients follow with the signature for the first one',
    source: `${GITHUB}/nginx/nginx-s3-gateway/pull/519`,
    nginx: `location /transit/ { ${HOST} ${PASS} } location / { return 404; }`,
    sends: ['list-cli', 'list-go'],
  },
  {
    name: 'slash-added',
    says: 'a rewrite adds a slash to the bucket',
    source: `${GITHUB}/quiltdata/quilt/pull/3148`,
    nginx: forwarding('rewrite ^(/[^/]+)$ $1/ break;'),
    sends: ['list-cli', 'delete-cli'],
  },
  {
    name: 'slash-removed',
    says: 'a rewrite removes the slash at the end',
    source: `${GITHUB}/nginx/nginx-s3-gateway/pull/43`,
    nginx: forwarding('rewrite ^/(.+)/$ /$1 break;'),
    sends: ['list-s3cmd-slash'],
  },
  {
    name: 'index-page',
    says: 'a rewrite adds the name of the index page',
    source: `${GITHUB}/nginx/nginx-s3-gateway/pull/42`,
    nginx: forwarding('rewrite ^(.*)/$ $1/index.html break;'),
    sends: ['list-s3cmd-slash'],
  },
  {
    name: 'path-lower-case',
    says: 'a rewrite turns a part of the path into lower case',
    source: `${NGINX}/ngx_http_rewrite_module.html#rewrite`,
    nginx: forwarding('rewrite ^/transit/Reports/(.*)$ /transit/reports/$1 break;'),
    sends: ['get-cli-report'],
  },
  {
    name: 'folder-added-to-key',
    says: 'the proxy keeps the objects of all clients in a folder',
    source: `${GITHUB}/nginx/nginx-s3-gateway/pull/585`,
    nginx: forwarding('rewrite ^/transit/(.+)$ /transit/tenant-a/$1 break;'),
    sends: ['get-minio-go', 'presigned-put'],
  },
  {
    name: 'path-from-capture',
    says: 'a capture of location is decoded, and the query is dropped',
    source: `${GITHUB}/anomalizer/ngx_aws_auth/issues/17`,
    nginx: `location ~ ^/transit/(.*)$ { ${HOST} proxy_pass http://storage/transit/$1; }`,
    sends: ['get-go-spaces', 'get-go', 'presigned-get'],
  },
  {
    name: 'path-from-uri-variable',
    says: '$uri is decoded',
    source: `${GITHUB}/anomalizer/ngx_aws_auth/issues/87`,
    nginx: `location / { ${HOST} proxy_pass http://storage$uri$is_args$args; }`,
    sends: ['get-go-spaces', 'get-cli-unicode', 'presigned-get-equals'],
  },
  {
    name: 'extension-removed',
    says: 'a rewrite for short URLs removes the extension',
    source: `${NGINX}/ngx_http_rewrite_module.html`,
    nginx: forwarding('rewrite ^(.*)\\.txt$ $1 break;'),
    sends: ['get-minio-go', 'presigned-put-meta'],
  },
]

const QUERY_ROWS: readonly Row[] = [
  {
    name: 'query-dropped',
    says: 'proxy_pass with $uri drops the query',
    source: `${GITHUB}/kaltura/nginx-aws-auth-module/issues/8`,
    nginx: `location / { ${HOST} proxy_pass http://storage$uri; }`,
    sends: ['get-go', 'list-cli', 'presigned-get'],
  },
  {
    name: 'query-tracking-added',
    says: 'a parameter for statistics is added',
    source: `${GITHUB}/aws/aws-sdk-go/issues/3380`,
    nginx: forwarding('set $args $args&utm_source=newsletter;'),
    sends: ['list-go', 'presigned-get'],
  },
  {
    name: 'query-operation-removed',
    says: 'x-id, which SDKs add, is removed from the query to cache objects once',
    source: `${GITHUB}/seaweedfs/seaweedfs/issues/6598`,
    nginx: `if ($args ~ ^x-id=[A-Za-z]+$) { set $args ""; } ${forwarding('')}`,
    sends: ['get-go', 'put-js'],
  },
  {
    name: 'query-response-header-removed',
    says: 'response-content-disposition is removed from the query',
    source: `${GITHUB}/gaul/s3proxy/pull/178`,
    nginx: `if ($args ~ ^response-content-disposition=[^&]*&(.*)$) { set $args $1; } ${forwarding('')}`,
    sends: ['presigned-get-name', 'presigned-get'],
  },
  {
    name: 'query-by-rewrite',
    says: 'a rewrite adds a parameter before the others',
    source: `${GITHUB}/anomalizer/ngx_aws_auth/issues/73`,
    nginx: forwarding('rewrite ^/(.*)$ /$1?via=proxy break;'),
    sends: ['get-minio-go', 'multipart-minio-go', 'presigned-get'],
  },
  {
    name: 'query-decoded',
    says: 'the credential in the query is decoded',
    source: `${GITHUB}/boto/botocore/issues/2363`,
    nginx: `if ($args ~ ^(.*Credential=[^%]*)%2F([^%]*)%2F(.*)$) { set $args $1/$2/$3; } ${forwarding('')}`,
    sends: ['presigned-get', 'presigned-put'],
  },
]

const HEADER_ROWS: readonly Row[] = [
  {
    name: 'accept-encoding-removed',
    says: 'Accept-Encoding is removed, so that responses can be edited',
    source: `${NGINX}/ngx_http_sub_module.html`,
    nginx: forwarding('proxy_set_header Accept-Encoding "";'),
    sends: ['get-go', 'put-minio-java', 'get-cli', 'presigned-get'],
  },
  {
    name: 'accept-encoding-gzip',
    says: 'Accept-Encoding is gzip, as Cloudflare sends it',
    source: `${GITHUB}/hashicorp/terraform/issues/36412`,
    nginx: forwarding('proxy_set_header Accept-Encoding gzip;'),
    sends: ['list-go', 'get-minio-java', 'get-minio-go'],
  },
  {
    name: 'accept-encoding-extended',
    says: 'Accept-Encoding contains a second value',
    source: `${GITHUB}/rclone/rclone/issues/6670`,
    nginx: forwarding('proxy_set_header Accept-Encoding "$http_accept_encoding,gzip(gfe)";'),
    sends: ['get-go', 'put-go'],
  },
  {
    name: 'user-agent-replaced',
    says: 'User-Agent is that of the proxy',
    source: `${GITHUB}/FantasticFiasco/aws-signature-version-4/pull/1231`,
    nginx: forwarding('proxy_set_header User-Agent "Amazon CloudFront";'),
    sends: ['get-java', 'get-cpp', 'get-cli'],
  },
  {
    name: 'user-agent-extended',
    says: 'User-Agent contains the name of the proxy, too',
    source: `${GITHUB}/aws/aws-sdk-cpp/issues/323`,
    nginx: forwarding('proxy_set_header User-Agent "$http_user_agent via-proxy/2.1";'),
    sends: ['put-cpp', 'put-java'],
  },
  {
    name: 'range-removed-by-cache',
    says: 'a cache requests the complete object without Range',
    source: `${GITHUB}/aws/aws-sdk-go-v2/issues/2722`,
    nginx: forwarding('proxy_cache cache; proxy_cache_key $request_id;'),
    sends: ['get-go-range', 'get-cli-range'],
  },
  {
    name: 'range-of-slice',
    says: 'a cache requests slices with a Range of its own',
    source: `${MINIO}/4120`,
    nginx: forwarding(
      'slice 1m; proxy_cache cache; proxy_cache_key $request_id$slice_range; proxy_set_header Range $slice_range;',
    ),
    sends: ['get-go-range', 'get-cli'],
  },
  {
    name: 'conditions-removed-by-cache',
    says: 'a cache evaluates If-None-Match and does not forward it',
    source: `${GITHUB}/JaneliaSciComp/x2s3/pull/27`,
    nginx: forwarding('proxy_cache cache; proxy_cache_key $request_id;'),
    sends: ['get-go-if-none-match', 'get-go'],
  },
  {
    name: 'expect-consumed',
    says: 'nginx responds to Expect and does not forward it',
    source: `${GITHUB}/open-io/swift3/pull/80`,
    nginx: forwarding(''),
    sends: ['put-ruby-expect', 'get-minio-go-expect', 'put-cli'],
  },
  {
    name: 'te-removed',
    says: 'TE is for one connection only and is not forwarded',
    source: `${GITHUB}/mhart/aws4/issues/155`,
    nginx: forwarding('proxy_http_version 1.1;'),
    sends: ['get-aws4-te'],
  },
  {
    name: 'connection-closed',
    says: 'Connection is for one connection only, and nginx sends its own',
    source: `${GITHUB}/inreachventures/aws-signing-request-interceptor/issues/23`,
    nginx: forwarding(''),
    sends: ['get-apache-connection'],
  },
  {
    name: 'connection-upgraded',
    says: 'Connection and Upgrade for WebSockets are sent with each request',
    source: `${GITHUB}/aws/aws-sdk-go-v2/issues/2593`,
    nginx: forwarding(
      'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";',
    ),
    sends: ['get-apache-connection', 'get-cli'],
  },
  {
    name: 'content-type-forced',
    says: 'Content-Type is the same for all requests',
    source: `${MINIO}/3672`,
    nginx: forwarding('proxy_set_header Content-Type application/octet-stream;'),
    sends: ['put-js', 'presigned-put-type', 'put-minio-java'],
  },
  {
    name: 'content-type-charset',
    says: 'Content-Type contains a charset, too',
    source: `${GITHUB}/gaul/s3proxy/issues/392`,
    nginx: forwarding('proxy_set_header Content-Type "$content_type;charset=UTF-8";'),
    sends: ['put-go', 'presigned-put-type'],
  },
  {
    name: 'content-type-removed',
    says: 'Content-Type is removed',
    source: `${GITHUB}/ENCODE-DCC/encoded/pull/2244`,
    nginx: forwarding('proxy_set_header Content-Type "";'),
    sends: ['put-cli', 'get-java'],
  },
  {
    name: 'content-md5-removed',
    says: 'Content-MD5 is removed',
    source: `${GITHUB}/awslabs/aws-sigv4-proxy/issues/45`,
    nginx: forwarding('proxy_set_header Content-MD5 "";'),
    sends: ['put-cli', 'post-js'],
  },
  {
    name: 'content-hash-removed',
    says: 'X-Amz-Content-Sha256 is removed',
    source: `${GITHUB}/FantasticFiasco/aws-signature-version-4/issues/1067`,
    nginx: forwarding('proxy_set_header X-Amz-Content-Sha256 "";'),
    sends: ['get-s3cmd', 'put-go', 'presigned-get'],
  },
  {
    name: 'only-listed-headers',
    says: 'only the headers in a list are forwarded',
    source: `${GITHUB}/kobotoolbox/kobo-docker/issues/234`,
    nginx: forwarding(
      'proxy_pass_request_headers off; proxy_set_header Authorization $http_authorization; proxy_set_header X-Amz-Date $http_x_amz_date; proxy_set_header X-Amz-Content-Sha256 $http_x_amz_content_sha256;',
    ),
    sends: ['get-go', 'get-cli', 'put-cli-meta'],
  },
  {
    name: 'metadata-removed',
    says: 'headers that the proxy does not know are removed',
    source: `${GITHUB}/apache/trafficserver/pull/13528`,
    nginx: forwarding('proxy_set_header X-Amz-Meta-Owner "";'),
    sends: ['put-cli-meta', 'presigned-put-meta'],
  },
  {
    name: 'header-with-underscore-dropped',
    says: 'nginx drops headers with an underscore in their name',
    source: `${NGINX}/ngx_http_core_module.html#underscores_in_headers`,
    nginx: forwarding(''),
    sends: ['put-cli-meta-underscore'],
  },
  {
    name: 'header-with-dot-dropped',
    says: 'nginx drops headers with a dot in their name, without ignore_invalid_headers off',
    source: `${MINIO}/5571`,
    nginx: `location / { ${HOST} proxy_buffering off; proxy_redirect off; ${PASS} }`,
    sends: ['put-minio-go-xdg'],
  },
  {
    name: 'header-with-dot-kept',
    says: 'nothing that is signed',
    source: 'https://min.io/docs/minio/linux/integrations/setup-nginx-proxy-with-minio.html',
    nginx: `ignore_invalid_headers off; ${forwarding('')}`,
    sends: ['put-minio-go-xdg', 'put-cli-meta-underscore'],
  },
  {
    name: 'repeated-header-once',
    says: 'of two headers of the same name, only the first is forwarded',
    source: `${NGINX}/ngx_http_core_module.html#var_http_`,
    nginx: forwarding('proxy_set_header X-Amz-Meta-Tag $http_x_amz_meta_tag;'),
    sends: ['put-js-meta-twice'],
  },
  {
    name: 'acl-added',
    says: 'X-Amz-Acl is added',
    source: `${GITHUB}/anomalizer/ngx_aws_auth/issues/4`,
    nginx: forwarding('proxy_set_header X-Amz-Acl private;'),
    sends: ['put-cli', 'presigned-put'],
  },
  {
    name: 'token-added',
    says: 'the proxy adds a security token of its own',
    source: `${GITHUB}/demarche-numerique/ds_proxy/pull/164`,
    nginx: forwarding('proxy_set_header X-Amz-Security-Token "IQoJb3JpZ2luX2VjEXAMPLETOKEN==";'),
    sends: ['get-cli', 'presigned-get'],
  },
  {
    name: 'cloudfront-id-added',
    says: 'CloudFront adds X-Amz-Cf-Id',
    source: `${GITHUB}/anomalizer/ngx_aws_auth/issues/6`,
    nginx: forwarding('proxy_set_header X-Amz-Cf-Id "5ZxaxPOoKEPPe3gLsvEXAMPLE==";'),
    sends: ['get-cli', 'presigned-get'],
  },
  {
    name: 'content-encoding-removed',
    says: 'Content-Encoding: aws-chunked is removed',
    source: `${GITHUB}/trinodb/aws-proxy/issues/124`,
    nginx: forwarding('proxy_set_header Content-Encoding "";'),
    sends: ['put-go-trailer'],
  },
  {
    name: 'via-extended',
    says: 'the proxy adds itself to Via',
    source: `${GITHUB}/jetbridge/cdk-nextjs/issues/265`,
    nginx: forwarding('proxy_set_header Via "$http_via, 1.1 cdn";'),
    sends: ['get-gateway-via'],
  },
  {
    name: 'forwarded-for-extended',
    says: 'the proxy adds an address to X-Forwarded-For',
    source: `${GITHUB}/rancher/rancher/pull/17983`,
    nginx: forwarding('proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;'),
    sends: ['get-gateway', 'get-cli'],
  },
  {
    name: 'forwarding-headers-added',
    says: 'nothing that is signed: headers of an ingress are added',
    source: `${MINIO}/20429`,
    nginx: forwarding(
      'proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Request-ID $request_id;',
    ),
    sends: ['get-go', 'put-js'],
  },
  {
    name: 'cookie-removed',
    says: 'the cookie for the load balancer is not forwarded',
    source: `${GITHUB}/iterate-ch/cyberduck/issues/15983`,
    nginx: forwarding('proxy_set_header Cookie "";'),
    sends: ['get-cyberduck-cookie'],
  },
  {
    name: 'authorization-removed',
    says: 'Authorization is removed',
    source: `${GITHUB}/alphagov/govuk-puppet/pull/7678`,
    nginx: forwarding('proxy_set_header Authorization "";'),
    sends: ['get-cli', 'put-go', 'presigned-get'],
  },
  {
    name: 'authorization-replaced',
    says: 'Authorization contains the password of the website',
    source: `${MINIO}/14354`,
    nginx: forwarding('proxy_set_header Authorization "Basic dmlzaXRvcjpjaGFuZ2VtZQ==";'),
    sends: ['get-js', 'presigned-get'],
  },
  {
    name: 'content-length-removed',
    says: 'Content-Length of a request without a body is removed',
    source: `${GITHUB}/pgbackrest/pgbackrest/issues/1340`,
    nginx: forwarding('proxy_pass_request_body off; proxy_set_header Content-Length "";'),
    sends: ['list-pgbackrest', 'list-cli'],
  },
  {
    name: 'accept-replaced',
    says: 'Accept is the same for all requests, so that a cache contains one variant',
    source: `${GITHUB}/aws/mcp-proxy-for-aws/issues/313`,
    nginx: forwarding('proxy_set_header Accept "*/*";'),
    sends: ['get-mcp', 'get-cpp'],
  },
  {
    name: 'date-removed',
    says: 'X-Amz-Date is removed',
    source: `${GITHUB}/mirkokiefer/aws-lib/issues/62`,
    nginx: forwarding('proxy_set_header X-Amz-Date "";'),
    sends: ['get-cli', 'presigned-get'],
  },
]

const METHOD_ROWS: readonly Row[] = [
  {
    name: 'head-becomes-get',
    says: 'a cache requests HEAD as GET',
    source: `${GITHUB}/rustfs/docs.rustfs.com/pull/81`,
    nginx: forwarding('proxy_cache cache; proxy_cache_key $request_id;'),
    sends: ['head-js', 'presigned-head'],
  },
  {
    name: 'head-kept-by-cache',
    says: 'nothing that is signed: proxy_cache_convert_head is off',
    source: `${MINIO}/14484`,
    nginx: forwarding('proxy_cache cache; proxy_cache_convert_head off; proxy_cache_key $request_id;'),
    sends: ['head-minio-go', 'presigned-head'],
  },
  {
    name: 'method-forced',
    says: 'all requests are forwarded as GET, because the proxy was meant for downloads',
    source: `${GITHUB}/markusahlstrand/cloudworker-proxy/issues/119`,
    nginx: forwarding('proxy_method GET;'),
    sends: ['put-cli', 'head-cli', 'presigned-put'],
  },
  {
    name: 'post-becomes-put',
    says: 'the method is replaced by PUT',
    source: `${NGINX}/ngx_http_proxy_module.html#proxy_method`,
    nginx: forwarding('proxy_method PUT;'),
    sends: ['post-js', 'multipart-minio-go'],
  },
]

const BODY_ROWS: readonly Row[] = [
  {
    name: 'body-serialized-again',
    says: 'the body is written again, as a body parser does it',
    source: `${GITHUB}/chimurai/http-proxy-middleware/issues/320`,
    nginx: forwarding('client_body_in_single_buffer on; proxy_set_body "$request_body\\n";'),
    sends: ['put-go', 'delete-cli', 'presigned-put-type'],
  },
  {
    name: 'body-replaced',
    says: 'the body is replaced',
    source: `${GITHUB}/villadora/express-http-proxy/pull/439`,
    nginx: forwarding('proxy_set_body "{}";'),
    sends: ['put-js', 'put-minio-java'],
  },
  {
    name: 'body-dropped',
    says: 'the body is not forwarded',
    source: `${GITHUB}/chimurai/http-proxy-middleware/issues/741`,
    nginx: forwarding('proxy_pass_request_body off; proxy_set_header Content-Length "";'),
    sends: ['put-cli', 'post-js', 'presigned-put'],
  },
  {
    name: 'upstream-http-1.0',
    says: 'nothing that is signed: the body is sent with HTTP/1.0',
    source: `${NGINX}/ngx_http_proxy_module.html#proxy_http_version`,
    nginx: forwarding('proxy_http_version 1.0;'),
    sends: ['put-go', 'copy-js', 'put-go-trailer'],
  },
]

const ALL = [...HOST_ROWS, ...PATH_ROWS, ...QUERY_ROWS, ...HEADER_ROWS, ...METHOD_ROWS, ...BODY_ROWS]

const hash = (name: string): string => createHash('sha256').update(name).digest('hex')
const aside = new Set(
  [...ALL]
    .sort((a, b) => (hash(a.name) < hash(b.name) ? -1 : 1))
    .slice(0, ALL.length / 3)
    .map(({ name }) => name),
)

/** A third is set aside by the hash of its name, and looked at last. */
export const ROWS: readonly (Row & { isSetAside: boolean })[] = ALL.map((row) => ({
  ...row,
  isSetAside: aside.has(row.name),
}))
