// Bar charts as SVG, for light and dark pages.

export interface Bar {
  name: string
  value: number
  label: string
  isOurs: boolean
}

const THEMES = {
  light: { text: '#1f2328', muted: '#59636e', ours: '#0969da', other: '#afb8c1' },
  dark: { text: '#f0f6fc', muted: '#9198a1', ours: '#4493f8', other: '#3d444d' },
}
export type Theme = keyof typeof THEMES
export const themes = Object.keys(THEMES) as Theme[]

const [WIDTH, LEFT, RIGHT, TOP, ROW, BAR] = [760, 230, 110, 44, 30, 18]
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

export function barChart(title: string, bars: readonly Bar[], theme: Theme): string {
  const { text, muted, ours, other } = THEMES[theme]
  const largest = Math.max(...bars.map(({ value }) => value))
  const height = TOP + bars.length * ROW + 8
  const rows = bars.flatMap(({ name, value, label, isOurs }, i) => {
    const y = TOP + i * ROW
    const width = Math.max(1, Math.round(((WIDTH - LEFT - RIGHT) * value) / largest))
    const baseline = y + BAR - 4
    return [
      `<text x="${LEFT - 10}" y="${baseline}" text-anchor="end" fill="${text}"${isOurs ? ' font-weight="600"' : ''}>${escapeXml(name)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="3" fill="${isOurs ? ours : other}"/>`,
      `<text x="${LEFT + width + 8}" y="${baseline}" fill="${muted}">${escapeXml(label)}</text>`,
    ]
  })
  const description = escapeXml(`${title}: ${bars.map(({ name, label }) => `${name} ${label}`).join(', ')}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${description}" font-family="system-ui, sans-serif" font-size="13">`,
    `<text x="0" y="20" fill="${text}" font-size="15" font-weight="600">${escapeXml(title)}</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n')
}
