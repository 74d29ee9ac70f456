// The page of Deliverability: what was found, what is kept of each network, and what a support request is given.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { openPractice } from './harness/steps.js'

const SOON = { patience: 30_000 }

async function openPage(app) {
  await app.click('button', /^Deliverability/)
  await app.find('heading', 'Deliverability')
}

/** Looks around, from the first order to the last finding. */
async function check(app) {
  await app.click('button', /^Check (now|again)$/)
  await app.until('end of the check', async () => (await app.all('status', /^Looking around/)).length === 0, 30_000)
  await app.find('region', 'This network', SOON)
}

/** How many checks of this network are listed. */
async function listed(app) {
  const [, count] = await app.see(/Checks of this network \((\d+)\)/, SOON)
  return Number(count)
}

async function rename(app, from, to) {
  await app.click('button', `Rename ${from}`)
  const field = await app.find('textbox', 'Name of the network')
  await field.sendKeys(to, Key.ENTER)
}

/** Lets the network that a home knows be another one than that which it comes back to: this computer has moved. */
function moveAway(home) {
  const script = [
    'import sqlite3, sys',
    'base = sqlite3.connect(sys.argv[1])',
    'assert base.execute("UPDATE network SET mark = randomblob(32)").rowcount == 1',
    'base.commit()',
  ]
  execFileSync('python3', ['-c', script.join('\n'), join(home, 'local.db')])
}

// Runs in the window: no line of the page is wider than the page.
function isTooWide() {
  return [...document.querySelectorAll('.page')].some((page) => page.scrollWidth > page.clientWidth)
}

test('what is kept of a network is named, looked back at, copied, and forgotten', async (t) => {
  const home = newHome('deliverability')
  let app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await openPage(app)
  await check(app)
  await app.find('region', 'As you@practice.test', SOON)
  await app.see(/Checked \d\d:\d\d, just now/)
  await app.screenshot('deliverability')

  await t.test('a network gets a name where it stands, which Esc leaves as it was', async () => {
    await app.click('button', 'Rename On this computer')
    await app.press('x', Key.ESCAPE)
    await app.find('button', 'Rename On this computer')
    assert.equal(await app.focused(), 'Rename On this computer')
    await rename(app, 'On this computer', 'The desk at home')
    await app.see(/You are here: The desk at home/)
    assert.equal(await app.focused(), 'Rename The desk at home')
  })

  await t.test('a check that is run again stands beside the earlier ones, which can be opened', async () => {
    const before = await listed(app)
    await app.click('button', /^Practice post office/)
    await app.click('radio', 'Blocked')
    await app.find('status', 'Turned by you')
    await openPage(app)
    await app.see(/This network: Blocked/, SOON)
    await check(app)
    assert.ok((await listed(app)) > before)
    await app.screenshot('deliverability-blocked')
    const history = await app.until('list of checks', () =>
      app.script(() => [...document.querySelectorAll('details')].find((it) => /^Checks of this/.test(it.textContent))),
    )
    await app.script((it) => (it.open = true), history)
    await app.script((it) => it.scrollIntoView({ block: 'end' }), history)
    await app.screenshot('deliverability-history')
    const earlier = await app.all('button', /: Good\. Open this check$/, { within: history })
    await earlier.at(-1).click()
    await app.see(/Check of .*\d\d:\d\d/)
    await app.see(/This network: Good/)
    assert.equal(await app.focused(), 'Back to the latest', 'it is read from its top')
    await app.screenshot('deliverability-earlier')
    await app.press(Key.ENTER)
    await app.see(/This network: Blocked/)
    assert.match(await app.focused(), /^Check again$/)
  })

  await t.test('it is copied as text, with every finding and no address of a correspondent', async () => {
    await app.script(() => {
      navigator.clipboard.writeText = async (text) => void (window.copied = text)
    })
    await app.click('button', 'Copy as text')
    await app.see(/Copied/)
    const text = await app.script(() => window.copied)
    assert.match(text, /This network: Blocked/)
    assert.match(text, /Port 25 is closed on this network/)
    assert.match(text, /As you@practice\.test: /)
    assert.doesNotMatch(text, /prompt\.test|neighbours\.test/)
  })

  await app.stop()
  moveAway(home)
  app = await App.start(home)
  await app.find('button', /^Practice post office/, { patience: 60_000 })
  await openPage(app)
  await check(app)

  await t.test('a network that one has left is kept with what was found there', async () => {
    const others = await app.find('region', 'Other networks')
    await app.see(/The desk at home[^]*last seen[^]*no mail server can be reached from here/, { of: () => others })
    await app.script((it) => it.scrollIntoView({ block: 'end' }), others)
    await app.screenshot('deliverability-others')
  })

  await t.test('the page fits a small window, and a narrow one', async () => {
    for (const [width, name] of [[800, 'small'], [480, 'narrow']]) {
      await app.resize(width, 600)
      await app.screenshot(`deliverability-others-${name}`)
      assert.equal(await app.script(isTooWide), false, name)
      await app.script(() => document.querySelector('.page').scrollTo(0, 0))
      await app.screenshot(`deliverability-${name}`)
    }
    await app.resize(1280, 900)
  })

  await t.test('and is forgotten only after a question', async () => {
    await app.click('button', 'Forget The desk at home')
    await app.find('dialog', 'Forget The desk at home?')
    await app.screenshot('deliverability-forgetting')
    await app.press(Key.ESCAPE)
    await app.until('closed question', async () => (await app.all('dialog')).length === 0)
    assert.equal(await app.focused(), 'Forget The desk at home')
    await app.click('button', 'Forget The desk at home')
    await app.click('button', 'Forget it')
    await app.until('no other network', async () => (await app.all('region', 'Other networks')).length === 0)
    assert.match(await app.focused(), /^Check again$/, 'the keyboard is where one goes on')
  })
})
