// Files of letters: looked at, saved, never run; letters within letters; letters on paper.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { PNG } from './harness/counter.js'
import { PostOffice } from './harness/post-office.js'
import { textOf, writePdf } from './harness/pdf.js'

const SUBJECT = 'Everything for the exhibition'
const BOUNDARY = 'between-the-files'

const invitation = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//example//EN',
  'METHOD:REQUEST',
  'BEGIN:VEVENT',
  'UID:hanging@example.org',
  'DTSTAMP:20261101T100000Z',
  'DTSTART:20261209T180000Z',
  'DTEND:20261209T193000Z',
  'SUMMARY:Hanging the pictures',
  'ORGANIZER;CN=Anna:mailto:anna@example.org',
  'ATTENDEE;CN=You;PARTSTAT=NEEDS-ACTION:mailto:you@practice.test',
  'END:VEVENT',
  'END:VCALENDAR',
]

const attached = [
  'From: Cleo <cleo@example.org>',
  'To: Anna <anna@example.org>',
  'Subject: The day of the hanging',
  'Date: Sun, 1 Nov 2026 10:00:00 +0000',
  'Message-ID: <hanging@example.org>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=inner',
  '',
  '--inner',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Bring a ladder.',
  '--inner',
  'Content-Type: text/calendar; method=REQUEST; charset=utf-8',
  '',
  ...invitation,
  '--inner',
  'Content-Type: text/plain; charset=utf-8; name="ladder.txt"',
  'Content-Disposition: attachment; filename="ladder.txt"',
  '',
  'Seven rungs.',
  '--inner--',
].join('\r\n')

/** A part that is a file. */
function file(name, type, octets) {
  return [
    `--${BOUNDARY}`,
    `Content-Type: ${type}; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(octets).toString('base64').replace(/.{76}/g, '$&\r\n'),
  ]
}

const FILES = {
  'poster.png': ['image/png', PNG],
  'notes.txt': ['text/plain', 'Öffnung at six.\nBring the catalogue.\n'],
  'catalogue.pdf': ['application/pdf', writePdf(['The catalogue', 'Its second page'])],
  // What it is called and what it says it is are not what it is.
  'invoice.pdf.exe': ['application/pdf', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
}

const letter = [
  'From: Anna Bergström <anna@example.org>',
  'To: you@practice.test',
  `Subject: ${SUBJECT}`,
  `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
  'Message-ID: <exhibition@example.org>',
  'MIME-Version: 1.0',
  `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
  '',
  `--${BOUNDARY}`,
  'Content-Type: text/plain; charset=utf-8',
  '',
  'All that we have so far.',
  '',
  'On Monday, Cleo wrote:',
  '> Is there more?',
  ...Object.entries(FILES).flatMap(([name, [type, octets]]) => file(name, type, octets)),
  `--${BOUNDARY}`,
  'Content-Type: message/rfc822',
  'Content-Disposition: attachment; filename="hanging.eml"',
  '',
  attached,
  `--${BOUNDARY}--`,
  '',
].join('\r\n')

test('files of a letter are looked at and saved, and nothing in them runs', async (t) => {
  const home = newHome('attachments')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.append(letter)
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.click('option', SUBJECT, { patience: 60_000 })
  await app.find('list', 'Attachments')
  await app.screenshot('attachments')

  const look = async (name) => {
    await app.click('button', `Look at ${name}`)
    return app.find('dialog', 'Preview of')
  }
  const close = async () => {
    await app.click('button', /^Close$/)
    await app.until('closed preview', async () => (await app.all('dialog')).length === 0)
  }

  await t.test('a picture is shown', async () => {
    const dialog = await look('poster.png')
    await app.until('drawn picture', () => app.script((it) => it.querySelector('img')?.naturalWidth === 8, dialog))
    await close()
  })

  await t.test('text is shown', async () => {
    const dialog = await look('notes.txt')
    await app.see(/Öffnung at six/, { of: () => dialog })
    await close()
  })

  await t.test('a PDF is drawn, page by page', async () => {
    const dialog = await look('catalogue.pdf')
    await app.until('drawn pages', () => app.script(inked, dialog), 30_000)
    await app.screenshot('pdf-preview')
    await close()
  })

  await t.test('a program that calls itself a PDF is saved after a warning, and opened by nothing', async () => {
    const chip = await app.find('button', 'Look at invoice.pdf.exe')
    await app.doubleClick(chip)
    const dialog = await app.find('dialog', 'Preview of invoice.pdf.exe')
    await app.see(/could run as a program/, { of: () => dialog })
    assert.deepEqual(await app.all('button', /^Open/, { within: dialog }), [])
    await app.screenshot('program-preview')
    await close()
    await app.click('button', 'Actions for invoice.pdf.exe')
    await app.click('menuitem', /^Open$/)
    await app.see(/could run as a program/)
    assert.equal(existsSync(join(home, 'opened')), false)

    await app.chooses(join(home, 'kept.exe'))
    await app.click('button', 'Actions for invoice.pdf.exe')
    await app.click('menuitem', /^Save$/)
    await app.find('dialog', 'Save invoice.pdf.exe?')
    await app.click('button', /^Cancel$/)
    assert.equal(existsSync(join(home, 'kept.exe')), false)
  })

  await t.test('one file is saved where one says, and all of them into a folder', async () => {
    const target = join(home, 'kept.txt')
    await app.chooses(target)
    await app.click('button', 'Actions for notes.txt')
    await app.click('menuitem', /^Save$/)
    await app.see(/notes\.txt was saved/)
    assert.equal(readFileSync(target, 'utf8'), FILES['notes.txt'][1])

    const folder = join(home, 'all')
    mkdirSync(folder)
    await app.chooses(folder)
    await app.click('button', /^Save all$/)
    await app.see(/5 files were saved/)
    assert.deepEqual(readdirSync(folder).sort(), [...Object.keys(FILES), 'hanging.eml'].sort())
    assert.deepEqual(readFileSync(join(folder, 'poster.png')), PNG)
  })

  await t.test('an attached letter is opened as one, with its invitation and its files', async () => {
    const dialog = await look('hanging.eml')
    await app.find('heading', 'The day of the hanging', { within: dialog })
    const card = await app.find('region', /^Invitation$/, { within: dialog })
    await app.see(/Hanging the pictures[^]*Wednesday 9 December 2026/, { of: () => card })
    const frame = await app.find('frame', 'The day of the hanging')
    await app.inFrame(frame, () => app.see(/Bring a ladder/))
    await app.screenshot('attached-letter')
    await app.click('button', 'Look at ladder.txt')
    await app.see(/Seven rungs/)
    await app.press(Key.ESCAPE)
    await app.find('heading', 'The day of the hanging')
    await close()
  })

  await t.test('it is saved as a PDF, with its head and what was folded', async () => {
    const target = join(home, 'exhibition.pdf')
    await app.chooses(target)
    await app.click('button', /^More$/)
    await app.click('menuitem', 'Save as PDF')
    await app.see(/saved as PDF/, { patience: 30_000 })
    const text = await textOf(target)
    for (const said of [SUBJECT, 'Anna Bergström', 'All that we have so far.', 'Is there more?', 'catalogue.pdf']) {
      assert.ok(text.includes(said), `“${said}” is not in: ${text}`)
    }
  })

  await t.test('it is saved as a file, as it came', async () => {
    const target = join(home, 'exhibition.eml')
    await app.chooses(target)
    await app.click('button', /^More$/)
    await app.click('menuitem', 'Save as…')
    await app.see(/The letter was saved/)
    assert.match(readFileSync(target, 'utf8'), /^From: Anna/m)
  })
})

// Runs in the window: whether both pages have something on them.
function inked(dialog) {
  const pages = [...dialog.querySelectorAll('canvas')]
  const has = (page) => {
    const { data } = page.getContext('2d').getImageData(0, 0, page.width, page.height)
    return data.some((value, at) => at % 4 === 0 && value < 128 && data[at + 3] > 128)
  }
  return pages.length === 2 && pages.some((page) => page.width > 0 && has(page))
}
