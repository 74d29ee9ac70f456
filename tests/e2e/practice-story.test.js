// The story of the practice page, played to its end as a newcomer plays it, and its switches.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { command } from './harness/post-office.js'
import { openPractice, recipient } from './harness/steps.js'

const SOON = { patience: 30_000 }

/** Writes the letter that a step of the story asks for, from the practice page and back to it. */
async function playLetter(app, address, subject) {
  await app.click('button', new RegExp(`^Write to ${address.replaceAll('.', '\\.')}$`))
  await app.fill(/^Subject$/, subject)
  await app.click('button', /^Send$/)
  await app.find('heading', 'Practice post office')
}

async function toThePage(app) {
  await app.click('button', /^Practice post office/)
  await app.find('heading', 'A story in three minutes')
}

test('a newcomer plays the story in three minutes: a wait, a detour, and the open road', async (t) => {
  const home = newHome('practice-story')
  await command(home, ['config', 'set', 'outbound.undo_seconds', '0'])
  const app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await toThePage(app)
  await app.screenshot('practice-story-begins')

  await playLetter(app, 'anna@greylist.test', 'Are you there?')
  await app.see(/The letter waits\. It goes by itself at/, SOON)
  await app.screenshot('practice-story-waits')

  await app.click('button', 'Block port 25')
  await app.find('status', 'Turned by you')
  await app.see(/Port 25 is blocked here, by you\./)
  await playLetter(app, 'anna@prompt.test', 'By another way')
  await app.see(/so it went through the smart host/, SOON)
  await app.screenshot('practice-story-detour')
  await app.click('button', 'See what happened: A network that blocks port 25')
  await app.find('region', /^Delivery$/)
  await (await recipient(app, 'anna@prompt.test', 'Relayed')).click()
  await app.see(/Through practice: .*port 25/)
  await app.screenshot('practice-story-why')

  await toThePage(app)
  await app.click('button', 'Open port 25')
  await app.until('port 25, open', async () => (await app.all('status', 'Turned by you')).length === 0)
  await playLetter(app, 'anna@prompt.test', 'On the open road')
  await app.see(/It went direct again/, SOON)
  assert.deepEqual(await app.all('status', 'Turned by you'), [], 'nothing is left turned')

  // Whoever does not want to wait for half a minute lets the world sleep.
  await app.click('button', 'Sleep for an hour')
  await app.see(/It has slept for 1 hour so far/)
  await app.see(/It waited, came back by itself, and was taken/, SOON)
  await app.see(/That was the story/)
  await app.screenshot('practice-story-played')
})

test('a switch that is on is not forgotten, whoever turned it, and is off again at the next start', async (t) => {
  const home = newHome('practice-switches')
  let app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await toThePage(app)
  await app.click('radio', 'One of thousands')
  await app.see(/Your address has a name like one of thousands here, by you\./)
  await command(home, ['practice', 'switch', 'portal', 'on'])
  await app.see(/A login page stands before everything here, by you\./)
  await app.screenshot('practice-switches')
  await app.click('button', /^Inbox/)
  await app.find('button', /^Practice post office, .*A login page stands before everything here, by you\./)

  await toThePage(app)
  await app.click('button', 'Turn everything off')
  await app.until('off', async () => (await app.all('status', 'Turned by you')).length === 0)
  await app.click('radio', 'For spam')
  await app.find('status', 'Turned by you')
  await app.stop()
  app = await App.start(home)
  await app.find('button', /^Practice post office$/, { patience: 60_000 })
  await toThePage(app)
  const none = await app.find('radio', 'On none')
  assert.ok(await app.script((it) => it.checked, none))
})

test('the page fits a small window', async (t) => {
  const app = await App.start(newHome('practice-small'))
  t.after(() => app.stop())
  await openPractice(app)
  await toThePage(app)
  await app.resize(800, 560)
  await app.click('radio', 'Blocked')
  await app.find('status', 'Turned by you')
  await app.screenshot('practice-small')
  const wide = await app.script(() => document.scrollingElement.scrollWidth > window.innerWidth)
  assert.equal(wide, false)
})
