// Mailboxes: made, renamed, deleted; letters moved into them and back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'

function letter(number) {
  return [
    'From: Anna <anna@example.org>',
    'To: you@practice.test',
    `Subject: Plan ${number}`,
    `Date: ${new Date(Date.now() - number * 60_000).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <plan-${number}@example.org>`,
    '',
    `This is plan ${number}.`,
    '',
  ].join('\r\n')
}

test('a mailbox is made, filled, renamed and deleted, and each step reaches the server', async (t) => {
  const home = newHome('mailboxes')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.append(letter(1), letter(2), letter(3))
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('option', 'Plan 1', { patience: 60_000 })

  await app.click('button', /^New mailbox in/)
  await app.fill('Name', 'Pläne & Ideen')
  await app.click('button', 'Make mailbox')
  await app.find('button', 'Pläne & Ideen')
  await app.see(/No letters here/)

  await app.click('button', /^Inbox/)
  await app.click('option', 'Plan 2')
  await app.see(/This is plan 2|Plan 2/)
  await app.press('m')
  await app.fill('Mailbox', 'plane', { role: 'combobox' })
  await app.screenshot('mailbox-chooser')
  await app.press(Key.ENTER)
  await app.see(/Moved to Pläne & Ideen/)
  await app.click('button', 'Undo')
  await app.find('option', 'Plan 2')

  await app.click('option', 'Plan 3')
  await app.press('m')
  await app.fill('Mailbox', 'plane', { role: 'combobox' })
  await app.press(Key.ENTER)
  await app.click('button', 'Pläne & Ideen')
  await app.find('option', 'Plan 3')

  await app.click('button', 'Actions for Pläne & Ideen')
  await app.click('menuitem', 'Rename')
  await app.fill('Name', 'Vorhaben')
  await app.click('button', 'Save')
  await app.find('button', 'Vorhaben')
  await app.screenshot('mailbox-renamed')

  await app.click('button', 'Actions for Vorhaben')
  await app.click('menuitem', 'Delete mailbox')
  await app.see(/The letter in it goes to Trash/)
  await app.screenshot('mailbox-delete')
  await app.click('button', 'Delete mailbox')
  await app.until('the letter to be in Trash', async () => {
    const rows = JSON.parse(await command(home, ['list', 'trash', '--json']))
    return rows.some((row) => row.subject === 'Plan 3')
  })
  const mailboxes = JSON.parse(await command(home, ['mailboxes', '--json'])).map(({ path }) => path)
  assert.ok(!mailboxes.includes('Vorhaben') && !mailboxes.includes('Pläne & Ideen'), mailboxes.join(', '))
})
