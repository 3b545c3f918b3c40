import type { SessionTokenPlacement, SigningOptions } from '../../core/signing/options.ts'
import type { Call } from '../program/command.ts'
import { got, usage } from '../program/errors.ts'
import type { CliTarget } from './target.ts'
import { dateOption } from './values.ts'

/** Returns the options that presigning and signing share. */
export function signingOptions(call: Call, { region, service: known }: CliTarget): Omit<SigningOptions, 'credentials'> {
  return {
    region,
    service: call.value('service') || known,
    payloadHash: call.value('payload-hash'),
    signingDate: dateOption(call, 'signing-date'),
    sessionTokenPlacement: placementOption(call),
  }
}

export function placementOption(call: Call): SessionTokenPlacement | undefined {
  const placement = call.value('session-token-placement')
  if (placement === undefined || placement === 'signed' || placement === 'appended') return placement
  return usage(`--session-token-placement must be signed or appended${got(placement)}.`)
}
