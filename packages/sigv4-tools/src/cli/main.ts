import { shownKeyId } from '../redaction/find.ts'
import { hideShapes } from '../redaction/hide.ts'
import { COMMAND_NAMES, loadCommand, loadCommands } from './commands.ts'
import { type Arguments, parseArguments } from './program/arguments.ts'
import type { Command } from './program/command.ts'
import { describe, hideSecrets, shown, UsageError, usage } from './program/errors.ts'
import { manual, overview } from './program/help.ts'
import { nearest } from './program/nearest.ts'
import { ownVersion } from './program/own.ts'
import {
  type Output,
  painter,
  safeOutput,
  statusLine,
  type Terminal,
  widthOf,
  wrapMessage,
} from './program/terminal.ts'

/** 0 success, 1 rejected, 2 usage error. */
export type ExitCode = 0 | 1 | 2

/** Runs the command in the arguments. Never throws. */
export async function main(terminal: Terminal): Promise<ExitCode> {
  const { args, env } = terminal
  const status = statusLine(terminal.stderr, env)
  const withoutStatus = (output: Output): Output => ({
    isTTY: output.isTTY,
    columns: output.columns,
    write(text) {
      status?.clear()
      return output.write(text)
    },
  })
  const stdout = safeOutput(withoutStatus(terminal.stdout))
  const stderr = safeOutput(withoutStatus(terminal.stderr))
  const { AWS_ACCESS_KEY_ID: keyId = '', AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env
  const secrets = [AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, shownKeyId(keyId) === keyId ? undefined : keyId]
  const wantsColor = !args.includes('--no-color')
  const paint = painter(stdout, env, wantsColor)
  const paintNote = painter(stderr, env, wantsColor)
  let command: Command | undefined
  let parsed: Arguments | undefined
  try {
    const [first, ...rest] = args.filter((argument, at) => argument !== '--no-color' || at > 0)
    if (first === undefined) {
      stderr.write(overview(await loadCommands(), paintNote, widthOf(stderr)))
      return 2
    }
    if (first === '--version' || first === '-V') {
      stdout.write(`${ownVersion(terminal)}\n`)
      return 0
    }
    const isHelp = /^(?:--help|-h|help)$/.test(first)
    const name = isHelp ? rest.find((argument) => !argument.startsWith('-')) : first
    if (name === undefined) {
      stdout.write(overview(await loadCommands(), paint, widthOf(stdout)))
      return 0
    }
    command = await findCommand(name)
    if (isHelp || requestsHelp(rest)) {
      stdout.write(manual(command, paint, widthOf(stdout)))
      return 0
    }
    const call = parseArguments(command, rest)
    parsed = call
    const inputs = [call.value('credentials'), call.value('data-file')]
    if (inputs.every((input) => input === '-')) usage('--credentials and --data-file cannot both read standard input.')
    const note = (text: string): void => void stderr.write(wrapMessage(hideSecrets(text, secrets), stderr))
    const dim = (text: string): void =>
      void stderr.write(`${paintNote('dim', wrapMessage(hideSecrets(text, secrets), stderr))}\n`)
    return await command.run({
      ...call,
      name: command.name,
      terminal,
      secrets,
      print: (text) => void stdout.write(text),
      note,
      detail: (text) => call.has('verbose') && dim(text),
      status: status?.show,
      paint,
      width: widthOf(stdout),
    })
  } catch (error) {
    const help =
      error instanceof UsageError || command ? ` See 'npx sigv4-tools ${command ? `${command.name} ` : ''}--help'.` : ''
    const message = hideShapes(hideSecrets(describe(error, { readValue: parsed?.value }), secrets))
    const text = wrapMessage(`sigv4-tools: ${message}${help}`, stderr)
    stderr.write(`${text.replace('sigv4-tools', paintNote('red', 'sigv4-tools'))}\n`)
    return 2
  }
}

/** Returns whether the arguments request help, even if others are invalid. */
function requestsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((argument) => argument === '--help' || argument === '-h')
}

async function findCommand(name: string): Promise<Command> {
  const found = await loadCommand(name)
  if (found) return found
  if (name.startsWith('-')) usage('the command must precede its options.')
  const suggestion = nearest(name, COMMAND_NAMES)
  return usage(
    `unknown command${shown(name)}. ${suggestion ? `Did you mean ${suggestion}?` : `The commands are ${COMMAND_NAMES.join(', ')}.`}`,
  )
}
