// PDFs: written as small as they can be, and read back for what they say.

import { readFileSync } from 'node:fs'
import { getDocument } from '../../../ui/node_modules/pdfjs-dist/legacy/build/pdf.mjs'

/** A PDF of a page for each text. */
export function writePdf(texts) {
  const kids = texts.map((_, at) => `${4 + at * 2} 0 R`).join(' ')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${texts.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...texts.flatMap((text, at) => {
      const drawn = `BT /F1 36 Tf 40 200 Td (${text}) Tj ET`
      const page = `/Parent 2 0 R /MediaBox [0 0 400 300] /Resources << /Font << /F1 3 0 R >> >>`
      return [
        `<< /Type /Page ${page} /Contents ${5 + at * 2} 0 R >>`,
        `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
      ]
    }),
  ]
  let file = '%PDF-1.4\n'
  const places = objects.map((object, at) => {
    const place = file.length
    file += `${at + 1} 0 obj\n${object}\nendobj\n`
    return place
  })
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  const end = `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\n`
  return Buffer.from(`${file}${end}startxref\n${file.length}\n%%EOF\n`, 'latin1')
}

/** What a PDF says, on all pages. */
export async function textOf(path) {
  const reading = getDocument({ data: new Uint8Array(readFileSync(path)), verbosity: 0 })
  const pdf = await reading.promise
  const pages = Array.from({ length: pdf.numPages }, (_, at) => pdf.getPage(at + 1))
  const texts = await Promise.all(pages.map(async (page) => (await (await page).getTextContent()).items))
  await reading.destroy()
  return texts.flat().map(({ str, hasEOL }) => (hasEOL ? `${str}\n` : str)).join('')
}
