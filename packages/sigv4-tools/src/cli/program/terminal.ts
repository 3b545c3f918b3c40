import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { escapeCharacter, UNPRINTABLE } from '../../redaction/unprintable.ts'

/** An output, such as a `WriteStream`. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** The environment of the program, except files. */
export interface Terminal {
  /** Arguments after the program name. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's home directory. */
  readonly home: string
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined }
  /** Returns whether standard input is a file or a pipe of a shell, which ends. */
  readonly isPiped: () => boolean
  readonly stdout: Output
  readonly stderr: Output
  /** Reads a file of this package, relative to the program. */
  readonly readOwn: (name: string) => Buffer
  /** Resolves when the user presses Ctrl-C or the system stops the program. */
  readonly interrupted: () => Promise<void>
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'cyan'
export type Paint = (style: Style, text: string) => string

/** Marks the color codes of this program. Random, so that input cannot contain one. */
const COLOR = randomUUID()

/** An output that escapes everything a terminal would interpret or hide, except newlines, tabs, and the result of `paint`. */
export function safeOutput(output: Output): Output {
  const colorOrUnprintable = new RegExp(`${COLOR}(\\d+);|${UNPRINTABLE.source}`, 'gu')
  const visible = (found: string, color?: string): string =>
    color ? `\x1b[${color}m` : found === '\n' || found === '\t' ? found : escapeCharacter(found)
  return {
    write: (text) => output.write(text.replace(colorOrUnprintable, visible)),
    isTTY: output.isTTY,
    columns: output.columns,
  }
}

/** A line at the end of a terminal that is replaced, and must be cleared before other output. */
export interface StatusLine {
  readonly show: (text: string) => void
  readonly clear: () => void
}

/** Returns the status line of an output; `undefined` if the output cannot erase a line. */
export function statusLine(output: Output, { TERM }: Terminal['env']): StatusLine | undefined {
  if (!output.isTTY || TERM === 'dumb') return undefined
  const safe = safeOutput(output)
  let isShown = false
  const clear = (): void => {
    if (isShown) output.write('\r\x1b[K')
    isShown = false
  }
  return {
    clear,
    show(text) {
      clear()
      if (text === '') return
      safe.write(text.slice(0, Math.min(output.columns || 80, 80) - 1)) // in the last column, the line would be wrapped
      isShown = true
    },
  }
}

/** Colors for a safe output: as FORCE_COLOR and NO_COLOR specify, otherwise for terminals only. */
export function painter(output: Output, env: Terminal['env'], allowed: boolean): Paint {
  const { FORCE_COLOR: forced, NO_COLOR: disabled, TERM } = env
  const isForced = forced !== undefined && !/^(?:0|false)$/.test(forced)
  const isColored = allowed && (isForced || (output.isTTY === true && !disabled && !forced && TERM !== 'dumb'))
  return (style, text) => {
    const [open, close] = inspect.colors[style]!
    return isColored ? `${COLOR}${open};${text}${COLOR}${close};` : text
  }
}

/** The number of characters per line. */
export function widthOf({ isTTY, columns }: Output): number {
  return Math.max(40, Math.min(isTTY && columns ? columns : 80, 100))
}

/** Breaks a string into lines between words; a longer word gets a separate line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line += (line === '' ? '' : ' ') + word
  }
  return [...lines, line]
}

/** Wraps the lines of a message for a terminal. Indented lines and quoted commands stay whole, because they are copied. */
export function wrapMessage(text: string, output: Output): string {
  if (!output.isTTY) return text
  const joined = text.replace(/'npx [^']*'/g, (command) => command.replaceAll(' ', '\0'))
  const lines = joined.split('\n').flatMap((line) => (line.startsWith(' ') ? [line] : wrap(line, widthOf(output))))
  return lines.join('\n').replaceAll('\0', ' ')
}

/** Formats names and values in two columns. Rows without a value are omitted. A long word starts further left. */
export function table(
  all: readonly (readonly [name: string, value: string | undefined])[],
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const rows = all.filter(([, value]) => value !== undefined)
  const longest = Math.max(...rows.map(([name]) => name.length))
  const room = width - longest - 4
  return rows
    .flatMap(([name, value]) =>
      wrap(value!, room).map((line, i) => {
        const label = i ? '' : name
        return line.length > room
          ? `${label && `  ${paint('dim', label)}\n`}    ${line}\n`
          : `  ${paint('dim', label.padEnd(longest))}  ${line}\n`
      }),
    )
    .join('')
}
