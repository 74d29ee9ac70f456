// Letters on paper: the system's own dialog, and what comes out of it.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { hasDialog, pressInDialog } from './harness/desktop.js'
import { textOf } from './harness/pdf.js'
import { PostOffice } from './harness/post-office.js'

const SUBJECT = 'The keys to the lighthouse'
/** What the program has around a letter, on the screen and nowhere else. */
const FRAME = ['Compose', 'Inbox', 'Outbox', 'Drafts', 'Search letters', 'Reply', 'Deliverability', 'Up to date']

const letter = [
  'From: Edda Brink <edda@example.org>',
  'To: you@practice.test',
  'Cc: Cleo <cleo@example.org>',
  `Subject: ${SUBJECT}`,
  `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
  'Message-ID: <keys@example.org>',
  'MIME-Version: 1.0',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>They hang behind the <b>blue</b> door.</p><p>Mind the third step.</p>',
  '<blockquote>Where are they?</blockquote>',
  '',
].join('\r\n')

test('a letter is printed by the system, with its head and all of its text, and nothing of the window', async (t) => {
  const home = newHome('printing')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.append(letter)
  const app = await App.start(home)
  t.after(() => app.stop())
  const { pid } = app
  // Where the system's printer that writes files puts them.
  const paper = join(home, 'output.pdf')
  await app.click('option', SUBJECT, { patience: 60_000 })

  const print = async () => {
    await app.click('button', /^More$/)
    await app.click('menuitem', /^Print/)
    await app.until('dialog of the system', () => hasDialog(pid), 30_000)
  }
  const gone = () => app.until('end of the dialog', async () => !(await hasDialog(pid)))

  await t.test('whoever leaves the dialog prints nothing, and is told of no fault', async () => {
    await print()
    await pressInDialog(pid, 'Escape')
    await gone()
    assert.deepEqual(await app.all('alert'), [])
    assert.equal(existsSync(paper), false)
  })

  await t.test('whoever prints gets the letter', async () => {
    await print()
    // From the tabs to the printers, of which this computer has the one that writes a file.
    await pressInDialog(pid, 'Tab', 'Down', 'Return')
    await gone()
    const text = await app.until('printed letter', () => existsSync(paper) && textOf(paper), 30_000)
    const year = String(new Date().getFullYear())
    const said = ['Edda Brink', 'edda@example.org', 'you@practice.test', 'Cleo', SUBJECT, year]
    const written = ['They hang behind the blue door.', 'Mind the third step.', 'Where are they?']
    for (const words of [...said, ...written]) assert.ok(text.includes(words), `“${words}” is not in: ${text}`)
    for (const words of FRAME) assert.ok(!text.includes(words), `“${words}” is in: ${text}`)
  })

  await t.test('and so does whoever saves it as a PDF', async () => {
    const saved = join(home, 'saved.pdf')
    await app.chooses(saved)
    await app.click('button', /^More$/)
    await app.click('menuitem', 'Save as PDF')
    await app.see(/saved as PDF/, { patience: 30_000 })
    const words = async (path) => (await textOf(path)).split(/\s+/)
    assert.deepEqual(await words(saved), await words(paper))
  })
})
