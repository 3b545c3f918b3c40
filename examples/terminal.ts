import { styleText } from 'node:util'

const { stdout } = process
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
// hasColors evaluates NO_COLOR and FORCE_COLOR.
const hasColors = stdout.isTTY && stdout.hasColors()

type Style = Parameters<typeof styleText>[0]

export function paint(style: Style, text: string): string {
  return hasColors ? styleText(style, text) : text
}

/** Prints a line below the last step. */
export function detail(text: string): void {
  console.log(`    ${paint('dim', text)}`)
}

/**
 * Runs a step and prints a line: its current action while it runs, then its result and duration.
 *
 * @param work receives a function that reports the current action
 * @param describe formats the result
 */
export async function step<T>(
  label: string,
  work: (action: (what: string) => void) => Promise<T>,
  describe: (result: T) => string,
): Promise<T> {
  const started = performance.now()
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  const line = (sign: string, text: string, time = '') => `${sign} ${label.padEnd(10)}  ${text}${time}`
  let action = ''
  let frame = 0
  const draw = () => {
    const sign = paint('cyan', FRAMES[frame++ % FRAMES.length]!)
    // Truncated, because a wrapped line cannot be redrawn.
    const text = `${elapsed()}  ${action}`.slice(0, stdout.columns - 15)
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
      action = what
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
