// Tokens to log in with: presigned URLs that services accept as passwords.

/** What a token is for. */
export interface Token {
  /** The service that accepts it. */
  readonly name: string
  /** A parameter that is added after signing. */
  readonly unsigned?: string
  /** How long it is valid, in seconds, if that is not how long its URL is. */
  readonly lives?: number
}

/** The tokens, by the service and the action that they are signed for. */
const TOKENS: readonly (Token & { readonly signed: RegExp })[] = [
  { signed: /^rds-db connect$/, name: 'Amazon RDS' },
  { signed: /^dsql DbConnect(?:Admin)?$/, name: 'Aurora DSQL' },
  { signed: /^elasticache connect$/, name: 'Amazon ElastiCache' },
  { signed: /^memorydb connect$/, name: 'Amazon MemoryDB' },
  { signed: /^kafka-cluster kafka-cluster:Connect$/, name: 'Amazon MSK', unsigned: 'User-Agent' },
  { signed: /^bedrock CallWithBearerToken$/, name: 'Amazon Bedrock', unsigned: 'Version' },
  { signed: /^sts GetCallerIdentity x-k8s-aws-id$/, name: 'Amazon EKS', lives: 900 },
]

/** What a presigned URL is a token for; `undefined` for any other. `action`: its parameter of that name. */
export function tokenOf(
  service: string | undefined,
  action: string | undefined,
  signedHeaders: readonly string[],
): Token | undefined {
  const cluster = signedHeaders.includes('x-k8s-aws-id') ? ' x-k8s-aws-id' : ''
  return TOKENS.find(({ signed }) => signed.test(`${service} ${action}${cluster}`))
}
