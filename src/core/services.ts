// Exceptions of services to the general rules. There is one table per rule, and not one row per service, so that a
// program contains only the rules that it uses.

/**
 * Services that follow S3's rules: paths name objects, are encoded once and not normalized; presigned payloads are unsigned,
 * and `x-amz-content-sha256` is required.
 */
const S3 = /^s3(?:express|-outposts|-object-lambda)?$/

/** Services other than S3 with requests whose signature does not cover the body, such as those that stream it. */
const UNSIGNED_PAYLOADS = /^(?:ebs|lex|mediastore|omics|vpc-lattice-svcs)$/

/**
 * Services other than S3 that require `x-amz-content-sha256`: OpenSearch Serverless, in requests with a body. `sign`, `trace`,
 * and `explain`, which has their names, use it; `presign` and `verify` follow {@link S3} alone.
 */
const PAYLOAD_HASH_HEADERS = /^aoss$/

/** Services that require the session token of a URL after its signature: AWS IoT, for MQTT. */
const APPENDED_TOKENS = /^iotdevicegateway$/

/** Services that the AWS SDKs retry differently: DynamoDB and its streams. */
const RETRIES: ReadonlyMap<string | undefined, RetryRules> = /* @__PURE__ */ new Map([
  ['dynamodb', { attempts: 4, baseDelay: 25 }],
])

/** Maximum number of attempts, and maximum milliseconds before the first retry. */
export interface RetryRules {
  readonly attempts: number
  readonly baseDelay: number
}

/** Returns whether a service follows S3's rules. */
export function isS3(service: string | undefined): boolean {
  return S3.test(service ?? '')
}

/** Returns whether a service defines requests whose signature does not cover the body. */
export function acceptsUnsignedPayload(service: string): boolean {
  return isS3(service) || UNSIGNED_PAYLOADS.test(service)
}

/**
 * Returns whether a request must contain `x-amz-content-sha256`. Every service requires it for a body that is signed in
 * pieces.
 */
export function requiresPayloadHash(service: string, payloadHash = ''): boolean {
  return PAYLOAD_HASH_HEADERS.test(service) || isS3(service) || payloadHash.startsWith('STREAMING-')
}

/** Returns whether the session token of a URL follows its signature. */
export function appendsToken(service: string | undefined): boolean {
  return APPENDED_TOKENS.test(service ?? '')
}

/** Returns the rules by which the AWS SDKs retry requests to a service. */
export function retryRules(service: string | undefined): RetryRules {
  return RETRIES.get(service) ?? { attempts: 3, baseDelay: 50 }
}
