import { createHider } from '../../packages/sigv4-tools/src/redaction/hide.ts'
import type { SecretCredentials } from '../../src/credentials.ts'
import type { Options } from './options.ts'

/** Hides what must not be in a report: keys, tokens, names of buckets, and account IDs. More secrets can be added. */
export class Hider {
  readonly #secrets: string[] = []
  readonly #names: readonly string[]

  constructor({ bucket, express, accessPoint, multiRegion, otherRegionBucket }: Options) {
    const names = [
      bucket,
      express,
      accessPoint,
      multiRegion,
      otherRegionBucket,
      nameIn(accessPoint),
      nameIn(multiRegion),
    ]
    this.#names = names.filter((name) => name !== undefined).sort((one, other) => other.length - one.length)
  }

  add({ accessKeyId, secretAccessKey, sessionToken }: SecretCredentials): void {
    this.#secrets.push(secretAccessKey, accessKeyId, ...(sessionToken ? [sessionToken] : []))
  }

  hideSecrets(text: string): string {
    return createHider(this.#secrets)(text)
  }

  hide(text: string): string {
    const withoutSecrets = this.hideSecrets(text)
    const withoutNames = this.#names.reduce((shown, name) => shown.replace(wholeName(name), '[name]'), withoutSecrets)
    return withoutNames.replace(/(?<!\d)\d{12}(?!\d)/g, '[account]')
  }
}

/** The last part of an ARN, which its host contains. */
function nameIn(arn: string | undefined): string | undefined {
  return arn && /[/:]([\w-]+)(?:\.mrap)?$/.exec(arn)?.[1]
}

/** A name that is not a part of a word: a bucket may be called `check`. Before it, there may be an escape. */
function wholeName(name: string): RegExp {
  return RegExp(`(?<=^|[^A-Za-z\\d]|%[\\dA-F]{2})${name.replace(/[^\w]/g, '\\$&')}(?![A-Za-z\\d])`, 'gi')
}
