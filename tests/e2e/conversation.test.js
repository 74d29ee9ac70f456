// A conversation: letters one below the other, answers from Sent among them, and each as tall as what it says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { PostOffice } from './harness/post-office.js'

const SUBJECT = 'The bees on the roof'
const HOUR = 3600_000

/** Letter `number` of the conversation, an answer to the one before. */
function letter(number, from, to, headers, body) {
  const before = Array.from({ length: number - 1 }, (_, at) => `<bees-${at + 1}@example.org>`)
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${number === 1 ? '' : 'Re: '}${SUBJECT}`,
    `Date: ${new Date(Date.now() - (10 - number) * HOUR).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <bees-${number}@example.org>`,
    ...(number === 1 ? [] : [`In-Reply-To: ${before.at(-1)}`, `References: ${before.join(' ')}`]),
    'MIME-Version: 1.0',
    ...headers,
    '',
    ...body,
    '',
  ].join('\r\n')
}

const ANNA = 'Anna Bergström <anna@example.org>'
const BEN = 'Ben Okafor <ben@example.org>'
const YOU = 'You <you@practice.test>'
const TEXT = ['Content-Type: text/plain; charset=utf-8']
const HTML = ['Content-Type: text/html; charset=utf-8']

const first = letter(1, ANNA, YOU, TEXT, ['The swarm has settled under the eaves.', '', 'May it stay?'])
const answer = letter(2, YOU, ANNA, TEXT, [
  'It may.',
  '',
  'On Monday, Anna Bergström wrote:',
  '> The swarm has settled under the eaves.',
  '>',
  '> May it stay?',
])
const paragraphs = Array.from(
  { length: 5 },
  (_, at) => `<p>Point ${at + 1}. ${'The hive needs shade in the afternoon and water near by. '.repeat(3)}</p>`,
)
const third = letter(3, BEN, `${YOU}, ${ANNA}`, HTML, [
  '<h2>What they need</h2>',
  ...paragraphs,
  '<ul><li>Sugar</li><li>Frames</li><li>A veil</li></ul>',
  '<div class="gmail_quote"><div>On Tuesday, You wrote:</div><blockquote>It may.',
  ...Array.from({ length: 12 }, (_, at) => `<p>Quoted line ${at + 1}</p>`),
  '</blockquote></div>',
])
const fourth = letter(4, ANNA, `${YOU}, ${BEN}`, TEXT, ['I have a veil to spare.'])

test('a conversation is read from its list to its last letter', async (t) => {
  const home = newHome('conversation')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.put('INBOX', [first], '\\Seen')
  await office.put('Sent', [answer], '\\Seen')
  await office.append(third)
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })

  const articles = () => app.all('article', /^Letter from/)
  const article = async (at) => (await app.until(`letter ${at + 1}`, async () => (await articles())[at]))
  const isOpen = async (at) => (await app.all('frame', SUBJECT, { within: await article(at) })).length === 1
  const row = () => app.find('option', SUBJECT)
  const place = async () => app.script((it) => it.getBoundingClientRect().top, await article(2))

  await t.test('its row names everybody who wrote, and it opens at what is not read', async () => {
    await app.see(/Anna.*you.*Ben/s, { of: row })
    await app.find('option', /conversation of 3/)
    await app.click('option', SUBJECT)
    await app.find('region', `Conversation: ${SUBJECT}`)
    assert.equal((await articles()).length, 3)
    await app.until('the newest letter, open', () => isOpen(2))
    assert.deepEqual([await isOpen(0), await isOpen(1)], [false, false])
    await app.screenshot('conversation')
  })

  await t.test('what was answered from here is part of it, and unfolds', async () => {
    const sent = await article(1)
    assert.match(await app.text(sent), /Sent/)
    await app.click('button', /^Letter from You/)
    const frame = await app.find('frame', SUBJECT, { within: sent })
    await app.inFrame(frame, () => app.see(/It may\./))
  })

  await t.test('each frame is as tall as what it says, until what is quoted is unfolded', async () => {
    await app.click('button', 'Unfold all')
    await app.until('every letter, open', async () => (await isOpen(0)) && (await isOpen(1)) && (await isOpen(2)))
    for (const at of [0, 1, 2]) {
      const frame = await app.find('frame', SUBJECT, { within: await article(at) })
      const [needed, has] = await app.inFrame(frame, () => app.until('page', () => heights(app)))
      assert.ok(has >= needed && has - needed <= 48, `letter ${at + 1} needs ${needed} px and has ${has} px`)
    }
    await app.screenshot('conversation-unfolded')
    const frame = await app.find('frame', SUBJECT, { within: await article(2) })
    await app.script((it) => it.scrollIntoView({ block: 'end' }), frame)
    await app.inFrame(frame, async (driver) => {
      assert.doesNotMatch(await app.text(), /Quoted line 12/)
      await (await driver.findElement({ css: 'summary' })).click()
      await app.see(/Quoted line 12/)
    })
  })

  await t.test('keys go from letter to letter', async () => {
    await app.click('button', 'Fold read ones')
    await app.click('option', SUBJECT)
    await app.press('p')
    await app.until('the second letter, open', () => isOpen(1))
    await app.press('p')
    await app.until('the first letter, open', () => isOpen(0))
    await app.press('n', 'n')
    await app.until('the last letter, in hand', async () =>
      app.script((it) => it.classList.contains('current'), await article(2)),
    )
  })

  await t.test('what is done to its row is done to all of it', async () => {
    // It counts as read only after a moment, and `u` would say so earlier.
    await app.find('option', new RegExp(`^(?!.*Unread).*${SUBJECT}`, 's'))
    await app.press('s')
    await app.find('button', 'Remove flag')
    await app.press('u')
    await app.find('button', 'Mark as read')
    await app.press('u')
    await app.find('button', 'Mark as unread')
  })

  await t.test('it grows while one reads, and nothing moves that is read', async () => {
    const top = await settled(place)
    await office.append(fourth)
    await app.until('four letters', async () => (await articles()).length === 4, 20_000)
    await app.see(/4 letters/)
    await app.find('option', /conversation of 4/)
    await app.until('the new letter, open', () => isOpen(3))
    assert.equal(await settled(place), top)
    assert.equal(await app.script((it) => it.getAttribute('aria-selected'), await row()), 'true')
    await app.screenshot('conversation-grown')
  })

  await t.test('an answer goes to the letter in hand', async () => {
    await app.press('n')
    await app.press('r')
    await app.find('button', 'Remove anna@example.org')
    await app.press(Key.ESCAPE)
  })
})

/** What `probe` gives once it gives the same twice: a list that rolls is on its way. */
async function settled(probe) {
  for (let before = await probe(); ; ) {
    await pause(100)
    const now = await probe()
    if (now === before) return now
    before = now
  }
}

/** How tall the page in a frame is, and how tall the frame. */
async function heights(app) {
  return app.script(() => {
    const { body, documentElement } = document
    return body ? [Math.ceil(body.getBoundingClientRect().bottom), documentElement.clientHeight] : null
  })
}
