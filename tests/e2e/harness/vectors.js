// The table of what strangers try, as crates/message/tests/vectors/vectors.txt has it, made into letters.

import { readFileSync } from 'node:fs'

const TABLE = new URL('../../../crates/message/tests/vectors/vectors.txt', import.meta.url)

/** Every attack as `{ name, html }`, aimed at a counter; what it asks for there begins with its number. */
export function vectors(counter) {
  const attacks = []
  for (const line of readFileSync(TABLE, 'utf8').split('\n')) {
    if (line === '#' || line.startsWith('# ') || line.startsWith('!= ')) continue
    if (line.startsWith('== ')) attacks.push({ name: line.slice(3), lines: [] })
    else attacks.at(-1)?.lines.push(line)
  }
  return attacks.map(({ name, lines }, number) => ({ name, html: aimed(lines.join('\n').trimEnd(), counter, number) }))
}

function aimed(html, counter, number) {
  const web = counter.url(`${number}`)
  return html
    .replaceAll('{web}', web)
    .replaceAll('{host}', web.replace('http://', ''))
    .replaceAll('{js}', code(counter, number))
    .replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
}

/** Code that would be noticed, without quotes and spaces, so that it stands in any attribute. */
export function code(counter, number) {
  const spelled = (text) => `String.fromCharCode(${[...text].map((c) => c.charCodeAt(0))})`
  const told = `top.postMessage(${number},${spelled('*')})`
  return `void(${told},document.title=${number},fetch(${spelled(counter.url(`${number}-script`))}))`
}
