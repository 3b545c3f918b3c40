/** Draws a one-page PDF of a few hundred kilobytes: a curve of many short lines, always the same bytes. */
export function drawPdf(lines = 15_000): Uint8Array<ArrayBuffer> {
  let drawing = '0.3 w 0.8 0.3 0.1 RG\n'
  for (let i = 0; i <= lines; i++) {
    const turn = (i / lines) * 2 * Math.PI
    const x = 300 + 180 * Math.cos(13 * turn) + 80 * Math.cos(89 * turn)
    const y = 400 + 180 * Math.sin(13 * turn) - 80 * Math.sin(89 * turn)
    drawing += `${x.toFixed(3)} ${y.toFixed(3)} ${i === 0 ? 'm' : 'l'}\n`
  }
  drawing += 'S\n'

  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >>',
    `<< /Length ${drawing.length} >>\nstream\n${drawing}endstream`,
  ]
  let file = '%PDF-1.4\n'
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const [index, body] of objects.entries()) {
    table += `${String(file.length).padStart(10, '0')} 00000 n \n`
    file += `${index + 1} 0 obj\n${body}\nendobj\n`
  }
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
  return new TextEncoder().encode(file + table + trailer)
}
