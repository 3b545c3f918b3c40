import * as util from 'node:util'

/** Where text goes. A `WriteStream` fits. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Everything outside of the program but the files. */
export interface Terminal {
  /** What was typed behind the name of the program. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's home directory. */
  readonly home: string
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  /** Ends when the user presses Ctrl-C, or the system asks the program to stop. */
  readonly interrupted: () => Promise<void>
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'cyan'
export type Paint = (style: Style, text: string) => string

/** Colours for an output: as FORCE_COLOR and NO_COLOR say, else for terminals only. */
export function painter(output: Output, env: Terminal['env'], wanted: boolean): Paint {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM } = env
  const isForced = forced !== undefined && !/^(?:0|false)$/.test(forced)
  const isColoured = wanted && (isForced || (output.isTTY === true && !refused && !forced && TERM !== 'dumb'))
  // Node before 20.12 has no styleText; from 22.13 on it would look at the stream once more
  const styleText = util.styleText as ((style: Style, text: string, how: object) => string) | undefined
  return (style, text) => (isColoured && styleText ? styleText(style, text, { validateStream: false }) : text)
}

/** How many characters go on a line. */
export function widthOf({ isTTY, columns }: Output): number {
  return Math.max(40, Math.min(isTTY && columns ? columns : 80, 100))
}

/** Breaks a text into lines between words; a longer word has its own. */
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

/** Names and values below each other, the values in one column. */
export function table(rows: readonly (readonly [name: string, value: string])[], paint: Paint): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${visible(value)}\n`).join('')
}

/** Text of somebody else, with what would steer the terminal made visible; lines stay lines. */
export function visible(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, (mark) => `\\x${mark.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
