// Public projects that depend on a package that an alias replaces. Nothing of them is in this repository: they are cloned.

export type Replaced = 'aws4' | 'aws4fetch' | '@smithy/signature-v4'

interface Common {
  readonly name: string
  /** What its package.json says, or the file of the license. */
  readonly license: string
  readonly replaces: Replaced
  /** What a reader must know about the result. */
  readonly remark?: string
}

/** A project whose own tests run, from its repository. Nothing is built. */
export interface Suite extends Common {
  /** The path on github.com. */
  readonly repository: string
  readonly commit: string
  /** The folder of the package in the repository. @default the root */
  readonly folder?: string
  /** Checks out only these files, in the patterns of `.gitignore`, for large repositories. */
  readonly only?: readonly string[]
  /** @default `npm install`, without scripts */
  readonly install?: string
  /** Without what only measures or checks the style. */
  readonly test: string
  readonly environment?: Readonly<Record<string, string>>
  /** Starts an S3 server that verifies signatures, and returns the variables by which the tests find it. */
  readonly server?: (server: Bucket) => Readonly<Record<string, string>>
}

/** A project without tests that sign: our program calls its public API with a fixed clock, and prints what it sends. */
export interface Driven extends Common {
  /** Packages of npm, with their versions. The first is the project. */
  readonly packages: readonly string[]
  /** A file in `drivers/`. */
  readonly driver: string
  /** What runs it. @default 'node' */
  readonly program?: string
}

export type Project = Suite | Driven

export interface Bucket {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export const PROJECTS: readonly Project[] = [
  {
    name: 'dynalite',
    repository: 'architect/dynalite',
    commit: 'c5e5b46ef5e51e7d907411c001db7839dd146088',
    license: 'Apache-2.0',
    replaces: 'aws4',
    install:
      'npm install --ignore-scripts --no-audit --no-fund && npm pack dynalite@4.0.0 && tar xzf dynalite-4.0.0.tgz --strip-components=1 package/db',
    test: 'mocha --require should --reporter dot -t 10s',
  },
  {
    name: 'kinesalite',
    repository: 'mhart/kinesalite',
    commit: 'c76689da192ab96c87c5db8f95c1e3fba1985433',
    license: 'MIT',
    replaces: 'aws4',
    test: 'mocha --require should --reporter dot -t 10s',
  },
  {
    name: 'aws-lite',
    repository: 'architect/aws-lite',
    commit: 'f073823f951cb9020c7d034ee1cfd41ecee55776',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: "tape 'test/unit/**/*-test.mjs'",
  },
  {
    name: 'opensearch-js',
    repository: 'opensearch-project/opensearch-js',
    commit: '37773578662a7aad904b273184077ae4388bdeb6',
    license: 'Apache-2.0',
    replaces: 'aws4',
    only: ['/*.*', '/api', '/lib', '/test/unit', '/test/utils', '/test/fixtures/https.*'],
    test: 'tap --no-coverage -R tap test/unit/lib/aws/*.test.js',
  },
  {
    name: 'aws4-axios',
    repository: 'jamesmbourne/aws4-axios',
    commit: '15f33033fae9d0ce890c0554391617e4da13f930',
    license: 'MIT',
    replaces: 'aws4',
    test: 'jest',
  },
  {
    name: 'httpyac',
    repository: 'AnWeber/httpyac',
    commit: '89a439dfd99841f4d6874472b8782261b5430c06',
    license: 'MIT',
    replaces: 'aws4',
    test: 'node --experimental-vm-modules node_modules/.bin/jest aws',
  },
  {
    name: 'aws-elasticsearch-connector',
    repository: 'compwright/aws-elasticsearch-connector',
    commit: 'd0afe4457eb4491fb304b1eb7d5e2cebeb6b1bc3',
    license: 'MIT',
    replaces: 'aws4',
    test: 'mocha tests/Amazon*.test.js',
    environment: { AWS_PROFILE: 'null' },
  },
  {
    name: 'elasticdump',
    repository: 'elasticsearch-dump/elasticsearch-dump',
    commit: '00a6d9a131b802f22f8c95a3688cbd22762ae40d',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: 'mocha test/aws4signing.js',
  },
  {
    name: 'gremlin-aws-sigv4',
    repository: 'shutterstock/gremlin-aws-sigv4',
    commit: 'eb5460bde6ce80ff9f98b0d35e88c4b89a7dcc95',
    license: 'MIT',
    replaces: 'aws4',
    test: 'jest test/unit',
  },
  {
    name: 'node-vault-client',
    repository: 'namecheap/node-vault-client',
    commit: 'd31d726853edabc3ee68f2a683e937b829ba307c',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: 'mocha --exit "test/*.test.mjs"',
  },
  {
    name: 'postman-runtime',
    repository: 'postmanlabs/postman-runtime',
    commit: 'f34ef2a4ff48e5af3c64de3467f07b996cd7d72c',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: 'mocha test/unit/auth-handlers.test.js',
  },
  {
    name: 'request',
    repository: 'request/request',
    commit: '3c0cddc7c8eb60b470e9519da85896ed7ee0081e',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: 'tape tests/test-aws.js',
  },
  {
    name: '@cypress/request',
    repository: 'cypress-io/request',
    commit: 'e783d900ea0d2582f387079650a570c4546522c5',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: 'tape tests/test-aws.js',
  },
  {
    name: 'postman-request',
    repository: 'postmanlabs/postman-request',
    commit: 'bbc0e4e1f261b146f81bb06f0886e344e95f4292',
    license: 'Apache-2.0',
    replaces: 'aws4',
    test: 'tape tests/test-aws.js',
  },
  {
    name: 'acuris-aws-es-connection',
    repository: 'mergermarket/acuris-aws-es-connection',
    commit: '25a206e3e335a6f3b607cb343b538953c496ee21',
    license: 'MIT',
    replaces: 'aws4',
    test: 'jest',
    remark: 'its tests need an AWS host; its Jest 27 does not read `exports`, and does not find `sigv4/aws4`',
  },
  {
    name: 'better-upload',
    repository: 'Nic13Gamer/better-upload',
    commit: '9aac971be5b9aa2b06189ae5e2b7f629d9749eac',
    license: 'MIT',
    replaces: 'aws4fetch',
    folder: 'packages/server',
    install:
      "npm pkg delete 'devDependencies.@repo/tsconfig' && rm tsconfig.json && npm install --ignore-scripts --no-audit --no-fund",
    test: 'vitest run',
  },
  {
    name: 'unstorage',
    repository: 'unjs/unstorage',
    commit: 'afbb66ec266e0cec613cb087b49f75bf4deaaa41',
    license: 'MIT',
    replaces: 'aws4fetch',
    test: 'vitest run test/drivers/s3.test.ts',
    remark: 'with MinIO, which rejects one test: it signs for no service',
    server: ({ endpoint, region, bucket, credentials }) => ({
      VITE_S3_ENDPOINT: endpoint,
      VITE_S3_REGION: region,
      VITE_S3_BUCKET: bucket,
      VITE_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      VITE_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }),
  },
  {
    name: 'aws-sigv4-sign',
    repository: 'zirkelc/aws-sigv4-fetch',
    commit: '6fe93d2bb0efb2d9b2fc726021cc77200c359827',
    license: 'MIT',
    replaces: '@smithy/signature-v4',
    install: 'npx --yes pnpm@9.3.0 install --frozen-lockfile --ignore-scripts',
    test: 'vitest run --project unit/aws-sigv4-sign --project unit/aws-sigv4-fetch',
  },
  {
    name: 'kafkajs-msk-iam-authentication-mechanism',
    repository: 'jmaver-plume/kafkajs-msk-iam-authentication-mechanism',
    commit: '557502c77bf5c254e4f6df0fcca6c272b86eda15',
    license: 'MIT',
    replaces: '@smithy/signature-v4',
    test: 'jest',
  },
  {
    name: 'aws-msk-iam-sasl-signer-js',
    repository: 'aws/aws-msk-iam-sasl-signer-js',
    commit: '0839cd6b0ca84fcab48aeb9d66ca78f16fb8aa7a',
    license: 'Apache-2.0',
    replaces: '@smithy/signature-v4',
    test: 'jest',
  },
  {
    name: 'mcp-sigv4-proxy',
    repository: 'deotio/mcp-sigv4-proxy',
    commit: '72a16ebdb8e835835dd0e38b411bfc077770fffa',
    license: 'Apache-2.0',
    replaces: '@smithy/signature-v4',
    test: "node --experimental-vm-modules node_modules/.bin/jest -t '^(?!integration:)'",
    remark: 'without the 26 tests of the compiled program',
  },
  {
    name: 'kinesis',
    license: 'MIT',
    replaces: 'aws4',
    packages: ['kinesis@1.2.2'],
    driver: 'kinesis.mjs',
  },
  {
    name: '@ai-sdk/amazon-bedrock',
    license: 'Apache-2.0',
    replaces: 'aws4fetch',
    packages: ['@ai-sdk/amazon-bedrock@5.0.101', 'zod@4.1.12'],
    driver: 'ai-sdk.mjs',
  },
  {
    name: '@opennextjs/aws',
    license: 'MIT',
    replaces: 'aws4fetch',
    packages: ['@opennextjs/aws@4.1.16', 'tsx@4.20.6'],
    driver: 'opennext.mjs',
    program: 'tsx',
  },
  {
    name: '@anthropic-ai/bedrock-sdk',
    license: 'MIT',
    replaces: '@smithy/signature-v4',
    packages: ['@anthropic-ai/bedrock-sdk@1.2.0'],
    driver: 'anthropic-bedrock.mjs',
  },
  {
    name: '@anthropic-ai/aws-sdk',
    license: 'MIT',
    replaces: '@smithy/signature-v4',
    packages: ['@anthropic-ai/aws-sdk@1.1.2'],
    driver: 'anthropic-aws.mjs',
  },
  {
    name: '@aws-sdk/s3-request-presigner',
    license: 'Apache-2.0',
    replaces: '@smithy/signature-v4',
    packages: ['@aws-sdk/s3-request-presigner@3.1169.0', '@aws-sdk/client-s3@3.1175.0'],
    driver: 's3.mjs',
  },
  {
    name: '@aws-sdk/lib-dynamodb',
    license: 'Apache-2.0',
    replaces: '@smithy/signature-v4',
    packages: ['@aws-sdk/lib-dynamodb@3.1169.0', '@aws-sdk/client-dynamodb@3.1169.0'],
    driver: 'dynamodb.mjs',
  },
  {
    name: '@aws-sdk/rds-signer',
    license: 'Apache-2.0',
    replaces: '@smithy/signature-v4',
    packages: ['@aws-sdk/rds-signer@3.1175.0'],
    driver: 'rds.mjs',
  },
  {
    name: '@aws-sdk/dsql-signer',
    license: 'Apache-2.0',
    replaces: '@smithy/signature-v4',
    packages: ['@aws-sdk/dsql-signer@3.1142.0'],
    driver: 'dsql.mjs',
  },
]
