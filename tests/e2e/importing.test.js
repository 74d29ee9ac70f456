// Letters come in from files, and go out into files.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { openPractice, openSettings } from './harness/steps.js'

const calendar = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//example//EN',
  'METHOD:REQUEST',
  'BEGIN:VEVENT',
  'UID:opening@example.org',
  'DTSTAMP:20261101T100000Z',
  'DTSTART:20261209T180000Z',
  'DTEND:20261209T193000Z',
  'SUMMARY:Opening of the reading room',
  'LOCATION:2 Harbour Street',
  'ORGANIZER;CN=Anna:mailto:anna@example.org',
  'ATTENDEE;CN=You;PARTSTAT=NEEDS-ACTION:mailto:you@practice.test',
  'END:VEVENT',
  'END:VCALENDAR',
]

function letter(number, headers, body) {
  return [
    'From anna@example.org Sun Nov  1 10:00:00 2026',
    'From: Anna <anna@example.org>',
    'To: you@practice.test',
    `Date: Sun, 1 Nov 2026 10:00:0${number} +0000`,
    `Message-ID: <kept-${number}@example.org>`,
    ...headers,
    '',
    ...body,
    '',
  ]
}

const mbox = [
  ...letter(1, ['Subject: A kept plan'], ['The first of those that were kept.']),
  ...letter(2, ['Subject: Another kept plan'], ['The second.']),
  ...letter(
    3,
    ['Subject: Come to the opening', 'MIME-Version: 1.0', 'Content-Type: text/calendar; method=REQUEST; charset=utf-8'],
    calendar,
  ),
].join('\n')

test('an mbox file is brought in once, an invitation in it is shown as one, and a mailbox is written into a file', async (t) => {
  const home = newHome('importing')
  const file = join(home, 'kept.mbox')
  const target = join(home, 'written.mbox')
  writeFileSync(file, mbox)
  const app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)

  const bringIn = async () => {
    await openSettings(app, 'Import and export')
    await app.fill(/^File or folder$/, file)
    await app.click('button', /^Look$/)
    await app.find('checkbox', /kept, 3 letters/)
    await app.screenshot('import-chosen')
    await app.click('button', 'Bring in 3 letters')
  }
  await bringIn()
  await app.see(/3 letters were brought in\./, { patience: 60_000 })
  await app.screenshot('import-done')
  await bringIn()
  await app.see(/0 letters were brought in; 3 were there already\./, { patience: 60_000 })

  await app.click('button', /^kept/)
  await app.click('option', 'Come to the opening')
  const card = await app.find('region', /^Invitation$/)
  await app.see(/Opening of the reading room[^]*Wednesday 9 December 2026/, { of: () => card })
  await app.screenshot('invitation')

  await openSettings(app, 'Import and export')
  await app.choose(/^Mailbox/, 'kept, 3 letters')
  await app.fill(/^Write to$/, target)
  await app.click('button', /^Export$/)
  await app.see(/3 letters were written\./, { patience: 60_000 })
  const written = readFileSync(target, 'utf8')
  for (const subject of ['A kept plan', 'Another kept plan', 'Come to the opening']) {
    assert.match(written, new RegExp(`^Subject: ${subject}\r?$`, 'm'))
  }

  await app.fill(/^Write to$/, target)
  await app.click('button', /^Export$/)
  await app.see(/is there already/)
})
