// Letters are found while one types, the hits are marked, and a search that is kept is beside the mailboxes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'

function letter(number, subject, text) {
  return [
    'From: Anna Bergström <anna@example.org>',
    'To: you@practice.test',
    `Subject: ${subject}`,
    `Date: ${new Date(Date.now() - number * 3600_000).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <search-${number}@example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '',
  ].join('\r\n')
}

test('a letter is found by what it says, and the search is kept', async (t) => {
  const home = newHome('search')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.append(letter(1, 'The hives', `${'Nothing of note. '.repeat(40)}The queen bee left on Tuesday.`))
  await office.append(letter(2, 'Crème brûlée', 'Sugar and cream, and patience.'))
  await office.append(letter(3, 'Minutes', 'The bridge across the river.'))

  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('option', 'Minutes', { patience: 60_000 })

  await app.fill('Search letters', 'queen be', { role: 'combobox' })
  await app.find('option', 'The hives')
  await app.see(/… .*queen bee left/)
  await app.screenshot('search-hits')
  await app.click('option', 'The hives')
  const frame = await app.find('frame', 'The hives')
  await app.inFrame(frame, async (driver) => {
    await app.see(/queen bee left/)
    const marks = await driver.findElements({ css: 'mark' })
    const texts = await Promise.all(marks.map((mark) => mark.getText()))
    assert.deepEqual(texts, ['queen', 'bee'])
  })

  await app.fill('Search letters', 'form:anna creme', { role: 'combobox' })
  await app.see(/There is no “form:”/)
  await app.fill('Search letters', 'creme', { role: 'combobox' })
  await app.find('option', 'Crème brûlée')
  await app.click('button', 'Save this search')
  await app.fill('Name of the search', 'Desserts')
  await app.click('button', /^Save$/)
  await app.click('button', 'Inbox')
  await app.click('button', 'Desserts')
  await app.find('option', 'Crème brûlée')
  await app.screenshot('search-kept')
})

test('every hit can be reached, however many there are', async (t) => {
  const home = newHome('search-many')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const numbers = Array.from({ length: 230 }, (_, index) => index + 1)
  await office.append(...numbers.map((number) => letter(number, `Report ${number}.`, 'Mind the quagmire.')))

  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('option', /Report 1\./, { patience: 60_000 })
  await app.fill('Search letters', 'quagmire', { role: 'combobox' })
  await app.see(/230 letters/, { patience: 60_000 })
  await app.click('option', /Report 1\./)
  await app.press(Key.END)
  await app.find('option', /Report 230\./)
  await app.find('frame', 'Report 230.')
  await app.screenshot('search-far-down')
})

test('what is not here is found on the server with one more key', async (t) => {
  const home = newHome('search-server')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await command(home, ['config', 'set', 'sync.bodies_days', '30'])
  const long = `${'Nothing of note, line after line.\r\n'.repeat(2000)}The ferryman of Zürich.\r\n`
  await office.put('INBOX', [letter(24 * 400, 'Of long ago', long)], '', '01-Jan-2020 10:00:00 +0000')
  await office.append(letter(2, 'Of today', 'Nothing else.'))

  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('option', 'Of today', { patience: 60_000 })
  await app.fill('Search letters', 'zürich ferryman', { role: 'combobox' })
  await app.see(/Nothing found for/)
  await app.chord(Key.CONTROL, Key.ENTER)
  await app.find('option', 'Of long ago', { patience: 30_000 })
  await app.see(/Found on the server/)
  await app.screenshot('search-server')
  await app.click('option', 'Of long ago')
  const frame = await app.find('frame', 'Of long ago')
  await app.inFrame(frame, () => app.see(/ferryman of Zürich/, { patience: 30_000 }))
})
