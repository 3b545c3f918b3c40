import type { SigningOptions } from '../core/options.ts'
import type { Call } from './command.ts'
import { usage } from './failure.ts'
import type { CliTarget } from './target.ts'
import { parseDate } from './values.ts'

/** The options that presigning and signing share. */
export function signingOptions(call: Call, { region, service: known }: CliTarget): Omit<SigningOptions, 'credentials'> {
  const [service, payloadHash] = [call.value('service') || known, call.value('payload-hash')]
  const [date, placement] = [call.value('signing-date'), call.value('session-token-placement')]
  if (placement !== undefined && placement !== 'signed' && placement !== 'appended')
    usage('--session-token-placement must be signed or appended')
  return {
    ...(region && { region }),
    ...(service && { service }),
    ...(payloadHash !== undefined && { payloadHash }),
    ...(date !== undefined && { signingDate: parseDate('--signing-date', date) }),
    ...(placement && { sessionTokenPlacement: placement }),
  }
}
