// The warnings that have a name: found before a letter is sent, and met by a letter that was; what their pages say and do.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'
import { compose, openPractice, openSent, openWaiting, recipient, sendAtOnce } from './harness/steps.js'

/** An application that practises, with nothing that waits for being taken back. */
async function practising(t, name) {
  const home = newHome(name)
  const app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await sendAtOnce(app)
  return { app, home }
}

/** Lets the letter in the composer go direct only. */
async function chooseDirect(app) {
  await app.click('button', /^Route: /)
  await app.click('menuitemradio', /^Direct/)
}

/** Sees the banner of the letter in the composer, and opens the page that it leads to. */
async function openFromBanner(app, name) {
  await app.find('region', 'Before you send', { patience: 20_000 })
  await app.screenshot(`warning-${name}-banner`)
  await app.click('button', /^More about this$/)
}

/** Sends a letter that may go direct only. */
async function sendDirect(app, letter) {
  await compose(app, letter)
  await chooseDirect(app)
  await app.click('button', /^Send$/)
  await openWaiting(app, letter.subject)
}

/** Clicks in the page of a warning, and not on what it lies over. */
async function clickInPage(app, name) {
  const page = await app.find('dialog')
  return app.click('button', name, { within: page })
}

/** Looks around, and opens the page of a finding. */
async function findAndOpen(app, title) {
  await app.click('button', /Deliverability/)
  await app.click('button', /^Check (now|again)$/)
  return app.click('button', title, { patience: 30_000 })
}

async function close(app) {
  await app.press(Key.ESCAPE)
  await app.until('closed page', async () => (await app.all('dialog')).length === 0)
}

test('greylisting is explained while a letter waits, and the letter is handed over where one will not wait', async (t) => {
  const { app } = await practising(t, 'warned-greylisting')
  await sendDirect(app, { to: ['layla@greylist.test'], subject: 'In some minutes', text: 'No hurry, or is there?' })
  await recipient(app, 'layla@greylist.test', 'Deferred', { patience: 40_000 })

  await app.click('button', /^More about this: greylist\.test asks us to come back/)
  await app.find('dialog', /^Greylisting/)
  await app.see(/Nothing is wrong/)
  await app.see(/451 4\.7\.1/)
  await app.see(/Next try \d/)
  await app.screenshot('warning-greylisting-after')

  await t.test('Esc leads back to where one was', async () => {
    await close(app)
    assert.match(await app.focused(), /^More about this/)
  })

  await app.click('button', /^More about this: greylist\.test asks us to come back/)
  await clickInPage(app, /^Hand over to /)
  await app.until('closed page', async () => (await app.all('dialog')).length === 0)
  await recipient(app, 'layla@greylist.test', 'Relayed', { patience: 40_000 })
  await app.screenshot('warning-greylisting-handed-over')

  await t.test('the composer warns of it when somebody else there is written to', async () => {
    await sendDirect(app, { to: ['ben@greylist.test'], subject: 'In its own time', text: 'There is no hurry.' })
    await recipient(app, 'ben@greylist.test', 'Deferred', { patience: 40_000 })
    await app.until('accepted letter', () => app.all('option', 'In its own time').then((rows) => rows.length === 0), 120_000)
    await openSent(app, 'In its own time')
    await app.click('button', /^ben@greylist\.test, Accepted/)
    await app.click('button', /^More about this: greylist\.test asks us to come back/)
    await app.see(/was taken on a later try/)
    await app.screenshot('warning-greylisting-over')
    await close(app)

    await compose(app, { to: ['cleo@greylist.test'], subject: 'For the first time', text: 'Will it wait?' })
    await openFromBanner(app, 'greylisting')
    await app.find('dialog', /^Greylisting/)
    await app.see(/greylist\.test lets new senders wait/)
    await app.screenshot('warning-greylisting-before')
    await clickInPage(app, 'Send this letter through practice')
    await app.find('button', /^Route: .*practice/)
  })
})

test('a missing name of the address is found before sending, and explained when a letter was refused for it', async (t) => {
  const { app, home } = await practising(t, 'warned-reverse-dns')
  await command(home, ['practice', 'switch', 'reverse-dns', 'missing'])
  await findAndOpen(app, /^More about this: .* has no name/)
  await app.find('dialog', /^Reverse DNS/)
  await app.find('button', /^Copy: Request to your provider/)
  await app.screenshot('warning-reverse-dns-found')
  await clickInPage(app, 'Check this network')
  await app.see(/Looked again: it is still so/, { patience: 30_000 })
  await close(app)

  await t.test('the composer says it to whoever wants to send direct', async () => {
    await compose(app, { to: ['anna@prompt.test'], subject: 'Nameless', text: 'Guess who.' })
    await chooseDirect(app)
    await openFromBanner(app, 'reverse-dns')
    await app.find('dialog', /^Reverse DNS/)
    await app.see(/has no name/)
    await app.screenshot('warning-reverse-dns-before')
    await clickInPage(app, 'Send this letter through practice')
    await app.find('button', /^Route: practice/)
    await app.press(Key.ESCAPE)
  })

  await findAndOpen(app, /^More about this: .* has no name/)
  await command(home, ['practice', 'switch', 'reverse-dns', 'confirmed'])
  await clickInPage(app, 'Check this network')
  await app.see(/Looked again: nothing of the kind was found/, { patience: 30_000 })
  await app.screenshot('warning-reverse-dns-mended')
  await close(app)

  await sendDirect(app, { to: ['anna@nordns.test'], subject: 'From nowhere', text: 'Who is calling?' })
  await recipient(app, 'anna@nordns.test', 'Failed', { patience: 40_000 })
  await app.click('button', /^More about this: /)
  await app.find('dialog', /^Reverse DNS/)
  await app.see(/refused the letter to anna@nordns\.test/)
  await app.screenshot('warning-reverse-dns-after')
  await clickInPage(app, /^Hand over to /)
  await recipient(app, 'anna@nordns.test', 'Relayed', { patience: 40_000 })
})

test('a blocked port 25 is found before sending, and what waits for it is handed over at once', async (t) => {
  const { app, home } = await practising(t, 'warned-port-25')
  await command(home, ['practice', 'switch', 'port-25', 'blocked'])
  await findAndOpen(app, /^More about this: Port 25/)
  await app.find('dialog', /^Port 25 is blocked/)
  await app.see(/It seems to be/)
  await clickInPage(app, /^Copy: Request to/)
  await app.see(/Copied/)
  await app.screenshot('warning-port-25-found')
  await close(app)

  await t.test('the composer says it to whoever wants to send direct', async () => {
    await compose(app, { to: ['anna@prompt.test'], subject: 'Out of here', text: 'If only.' })
    await chooseDirect(app)
    await openFromBanner(app, 'port-25')
    await app.find('dialog', /^Port 25 is blocked/)
    await app.screenshot('warning-port-25-before')
    await clickInPage(app, 'Send this letter through practice')
    await app.find('button', /^Route: practice/)
    await app.press(Key.ESCAPE)
  })

  const to = ['anna@prompt.test', 'ben@slow.test', 'cleo@large.test', 'dora@fjordpost.test']
  await sendDirect(app, { to, subject: 'Out of here', text: 'If only.' })
  await recipient(app, 'dora@fjordpost.test', 'Deferred', { patience: 60_000 })
  await app.click('button', /^dora@fjordpost\.test, Deferred/)
  await app.click('button', /^More about this: /)
  await app.find('dialog', /^Port 25 is blocked/)
  await app.see(/waits here and is safe/)
  await app.screenshot('warning-port-25-after')
  await clickInPage(app, /^Hand over to practice, for 4 recipients$/)
  for (const address of to) await recipient(app, address, 'Relayed', { patience: 40_000 })
  await app.screenshot('warning-port-25-handed-over')
})

test('without a smart host the page opens the form for one, and then hands the letter over to it', async (t) => {
  const home = newHome('warned-no-smart-host')
  const office = await PostOffice.start(home, { direct: true })
  t.after(() => office.stop())
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })
  await sendAtOnce(app)
  await compose(app, { to: ['anna@dynamic.test'], subject: 'From home', text: 'Where else.' })
  await app.click('button', /^Send$/)
  await openWaiting(app, 'From home')
  await recipient(app, 'anna@dynamic.test', 'Failed', { patience: 40_000 })
  await app.click('button', /^More about this: /)
  await app.find('dialog', /^An address as homes have it/)
  await app.screenshot('warning-dynamic-address')

  await t.test('the page is read on with the keys, and leads to the web only after a question', async () => {
    const page = await app.find('dialog')
    const top = () => app.script((it) => it.querySelector('h3').getBoundingClientRect().top, page)
    const before = await top()
    await app.press(Key.PAGE_DOWN)
    await app.until('scrolled page', async () => (await top()) < before)
    await app.click('link', 'https://check.spamhaus.org/', { within: page })
    await app.until('question', async () => (await app.all('dialog')).length === 2)
    await app.press(Key.ESCAPE)
    await app.until('closed question', async () => (await app.all('dialog')).length === 1)
  })

  await clickInPage(app, 'Add a smart host')

  await t.test('Esc closes the form alone', async () => {
    await app.find('dialog', /^Add a smart host to /)
    await app.press(Key.ESCAPE)
    await app.until('closed form', async () => (await app.all('dialog')).length === 1)
    assert.match(await app.focused(), /^Add a smart host/)
  })

  await clickInPage(app, 'Add a smart host')
  const { host, port, user, password } = office.submission
  await app.choose(/^Provider/, 'Postfix')
  await app.fill(/^Server/, host)
  await app.fill(/^Port/, port, { role: 'spinbutton' })
  await app.choose(/^Encryption/, 'STARTTLS')
  await app.fill(/^Login name/, user)
  await app.fill(/^Password/, password)
  await app.click('button', 'Test and add')
  await app.until('closed form', async () => (await app.all('dialog')).length === 1, 30_000)
  await clickInPage(app, 'Hand over to Postfix')
  await recipient(app, 'anna@dynamic.test', 'Relayed', { patience: 40_000 })
})
