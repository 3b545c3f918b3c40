import { styleText } from 'node:util'

const { stdout } = process
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
// hasColors knows NO_COLOR, FORCE_COLOR and terminals without any.
const colours = stdout.isTTY && stdout.hasColors()

type Style = Parameters<typeof styleText>[0]

export function paint(style: Style, text: string): string {
  return colours ? styleText(style, text) : text
}

/** Prints a line under the step that was last done. */
export function detail(text: string): void {
  console.log(`    ${paint('dim', text)}`)
}

/**
 * Runs one step and prints one line about it: what is being done while it lasts, what came of it, how long it took.
 *
 * @param work is given a function that says what is being done
 * @param describe tells the result
 */
export async function step<T>(
  label: string,
  work: (doing: (what: string) => void) => Promise<T>,
  describe: (result: T) => string,
): Promise<T> {
  const started = performance.now()
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  const line = (sign: string, text: string, time = '') => `${sign} ${label.padEnd(10)}  ${text}${time}`
  let doing = ''
  let frame = 0
  const draw = () => {
    const sign = paint('cyan', FRAMES[frame++ % FRAMES.length]!)
    // Cut off, because a line that wraps cannot be drawn over.
    const text = `${elapsed()}  ${doing}`.slice(0, stdout.columns - 15)
    stdout.write(`\r\x1b[K${line(sign, text)}`)
  }
  const spinner = stdout.isTTY ? setInterval(draw, 100) : undefined
  const finish = (text: string) => {
    clearInterval(spinner)
    if (stdout.isTTY) stdout.write('\r\x1b[K')
    console.log(text)
  }

  try {
    const result = await work((what) => {
      doing = what
      if (!stdout.isTTY) console.log(line('…', what))
    })
    const time = performance.now() - started > 1000 ? paint('dim', `  ${elapsed()}`) : ''
    finish(line(paint('green', '✓'), describe(result), time))
    return result
  } catch (error) {
    finish(line(paint('red', '✗'), 'failed'))
    throw error
  }
}
