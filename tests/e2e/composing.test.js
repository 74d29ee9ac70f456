// What is said while one writes: a mark on each recipient, one banner above Send, and what Auto would choose.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command } from './harness/post-office.js'
import { compose, openPractice, openSent, recipient } from './harness/steps.js'

const SOON = { patience: 30_000 }

/** An application in the practice world that sends at once. */
async function start(t, name) {
  const home = newHome(name)
  await command(home, ['config', 'set', 'outbound.undo_seconds', '0'])
  const app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  return { app, home }
}

/** Chooses in the menu of the route. */
async function route(app, choice) {
  await app.click('button', /^Route: /)
  await app.click('menuitemradio', choice)
}

async function takeAddress(app, address) {
  const field = await app.find('combobox', /^To$/)
  await field.sendKeys(address, Key.ENTER)
}

test('each recipient carries a mark that fills in while one types on', async (t) => {
  const { app } = await start(t, 'marks')
  await compose(app, { to: ['anna@prompt.test', 'ben@notls.test'], subject: 'Two plain recipients', text: 'Hello.' })
  await app.find('listitem', 'anna@prompt.test, can receive mail', SOON)
  await app.click('button', /^Send$/)
  await openSent(app, 'Two plain recipients')
  await recipient(app, 'anna@prompt.test', 'Accepted', SOON)
  await recipient(app, 'ben@notls.test', 'Accepted', SOON)

  const to = ['anna@prompt.test', 'ben@notls.test', 'dora@nullmx.test', 'emil@nowhere.test', 'finn@servfail.test']
  await compose(app, { to, subject: 'Second', text: 'Typed while names are looked up.' })
  await app.find('listitem', 'anna@prompt.test, can receive mail, encrypts and is verified', SOON)
  await app.find('listitem', 'ben@notls.test, can receive mail, does not encrypt', SOON)
  await app.find('listitem', 'dora@nullmx.test, nullmx.test takes no mail', SOON)
  await app.find('listitem', 'emil@nowhere.test, nowhere.test does not exist', SOON)
  await app.find('listitem', 'finn@servfail.test, could not be looked up now', SOON)
  await app.screenshot('marks')

  await t.test('which is explained to whoever comes near', async () => {
    const remove = await app.find('button', 'Remove dora@nullmx.test')
    await app.script((it) => it.focus(), remove)
    await app.see(/says itself that it takes no mail at all/)
    await app.screenshot('mark-explained')
    const told = await app.script((it) => document.getElementById(it.getAttribute('aria-describedby')).textContent, remove)
    assert.match(told, /^dora@nullmx\.test, nullmx\.test takes no mail$/)
  })

  await t.test('and a domain that was meant to be another is put right with one click, or one key', async () => {
    await takeAddress(app, 'you@pratcice.test')
    await app.click('button', 'Change to you@practice.test', SOON)
    await app.find('button', 'Remove you@practice.test')
    await takeAddress(app, 'me@practise.test')
    await app.find('button', 'Change to me@practice.test', SOON)
    await app.screenshot('suggestion')
    await app.chord(Key.ALT, Key.ENTER)
    await app.find('button', 'Remove me@practice.test')
    assert.deepEqual(await app.all('button', /^Change to/), [])
  })

  await t.test('also in a small window', async () => {
    await app.resize(800, 560)
    await app.screenshot('marks-small')
  })
})

test('a letter that is too large for a recipient is said to be before it is sent', async (t) => {
  const { app, home } = await start(t, 'too-large')
  await compose(app, { to: ['ida@large.test'], subject: 'Small', text: 'Fits.' })
  await app.click('button', /^Send$/)
  await openSent(app, 'Small')
  await recipient(app, 'ida@large.test', 'Accepted', SOON)

  const file = `${home}/recording.wav`
  writeFileSync(file, Buffer.alloc(1_200_000, 'x'))
  await command(home, ['send', '--to', 'ida@large.test', '--subject', 'Large', '--attach', file, '--at', '2099-01-01T00:00:00Z'])
  await app.click('button', /^Scheduled/)
  await app.click('option', 'Large')
  await app.click('button', /^Edit and send again/)
  await app.find('listitem', 'ida@large.test, too large for this recipient', SOON)
  await app.see(/This letter is too large for large\.test\./)
  await app.screenshot('too-large')
})

test('a banner says what the way means from here, and its button takes the better one', async (t) => {
  const { app, home } = await start(t, 'banner')
  await command(home, ['practice', 'switch', 'port-25', 'blocked'])
  await app.click('button', /^Deliverability/)
  await app.click('button', /^Check /)
  await app.see(/Port 25 is closed on this network/, SOON)

  await compose(app, { to: ['anna@prompt.test', 'ben@fjordpost.test'], subject: 'Which way', text: 'Let me see.' })
  await app.find('button', 'Route: Auto · practice', SOON)
  assert.deepEqual(await app.all('region', 'Before you send'), [], 'the way that Auto takes is in no trouble')
  await app.click('button', /^Route: /)
  await app.see(/What Auto chooses now/)
  await app.see(/fjordpost\.test, prompt\.test: practice/)
  await app.screenshot('auto-and-why')
  await app.click('menuitemradio', /^Direct/)

  await app.find('region', 'Before you send', SOON)
  await app.see(/Direct is blocked on this network: port 25 is closed\./)
  await app.screenshot('banner')
  await app.resize(800, 560)
  await app.screenshot('banner-small')
  await app.click('button', 'Send through practice')
  await app.find('button', 'Route: practice')
  await app.until('no banner', async () => (await app.all('region', 'Before you send')).length === 0)

  await t.test('and a way can be taken always, for an address or for a domain', async () => {
    await app.click('button', /^Route: /)
    await app.click('menuitem', /^Always through practice for letters to prompt\.test/)
    await app.see(/Letters to prompt\.test always go through practice now/)
    await route(app, /^Auto/)
    await app.click('button', /^Route: /)
    await app.see(/prompt\.test: practice\s+Through practice: your rule for prompt\.test/, SOON)
    await app.screenshot('rule-small')
  })
})
