import { parseArgs } from 'node:util'

/** What the maintainer has passed. */
export interface Options {
  readonly bucket: string
  readonly region: string
  /** A server other than AWS. */
  readonly endpoint: string | undefined
  readonly profile: string | undefined
  readonly otherRegionBucket: string | undefined
  readonly express: string | undefined
  readonly accessPoint: string | undefined
  readonly multiRegion: string | undefined
  readonly services: boolean
  /** Rows whose name starts with it. */
  readonly only: string | undefined
  /** Also runs what the server is known not to support, which fails. */
  readonly all: boolean
  readonly yes: boolean
  /** File for the report. */
  readonly report: string | undefined
}

/** Wrong use of the program, reported without a stack. */
export class UsageError extends Error {}

export const HELP = `Sends each kind of request to an S3 bucket on AWS, and prints a report.

npm run aws -- --bucket NAME [options]

  --bucket NAME                     General purpose bucket without versioning
  --region REGION                   Region of the bucket (default AWS_REGION)
  --profile NAME                    Profile with an access key (default: the environment)
  --other-region-bucket NAME        Bucket in another region, of which an empty list is read
  --express BUCKET                  S3 Express directory bucket in the same region
  --access-point ARN                Access point for the bucket, or its alias
  --multi-region-access-point ARN   Multi-Region Access Point, which requires Signature Version 4a
  --services                        Also sends GetCallerIdentity to STS, and ListTables to DynamoDB
  --endpoint URL                    A server other than AWS, such as serve or MinIO
  --only TEXT                       Only rows whose name starts with it
  --all                             Also runs what serve and MinIO are known not to support
  --report FILE                     Also writes the report to a file
  --yes                             Does not ask
`

/** Reads the arguments; `undefined` if they ask for the help. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parse({
    args: [...args],
    options: {
      ...{ bucket: text, region: text, endpoint: text, profile: text, only: text, report: text },
      ...{ express: text, 'access-point': text, 'multi-region-access-point': text, 'other-region-bucket': text },
      ...{ services: flag, all: flag, yes: flag, help: flag },
    },
  })
  if (values.help) return undefined
  const { bucket, endpoint } = values
  const region = values.region || env.AWS_REGION || env.AWS_DEFAULT_REGION
  if (!bucket) throw new UsageError('--bucket is missing. Pass the name of a bucket, preferably an empty one.')
  if (!region) throw new UsageError('--region is missing. Pass the region of the bucket, or set AWS_REGION.')
  if (endpoint !== undefined && !(URL.canParse(endpoint) && new URL(endpoint).pathname === '/'))
    throw new UsageError('--endpoint must be a URL without a path.')
  return {
    ...{ bucket, region, endpoint: endpoint?.replace(/\/$/, ''), profile: values.profile, only: values.only },
    ...{ express: values.express, accessPoint: values['access-point'], report: values.report },
    ...{ multiRegion: values['multi-region-access-point'], otherRegionBucket: values['other-region-bucket'] },
    ...{ services: values.services, all: values.all, yes: values.yes },
  }
}

const parse: typeof parseArgs = (config) => {
  try {
    return parseArgs(config)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
