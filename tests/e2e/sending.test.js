// From the welcome to the last word of every server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { compose, openPractice, openSent, openWaiting, recipient } from './harness/steps.js'

/** The undo window, the 30 s that greylist.test asks for, and time to spare on a slow machine. */
const THROUGH_GREYLISTING = 120_000

test('a letter to three servers ends in three ways, each shown in the window', async (t) => {
  const app = await App.start(newHome('three-ways'))
  t.after(() => app.stop())

  await app.find('heading', 'Welcome to Postrider')
  await app.screenshot('welcome')
  await openPractice(app)
  await app.screenshot('inbox')

  const to = ['anna@prompt.test', 'ben@greylist.test', 'cleo@nobody.test']
  await compose(app, { to, subject: 'Three doors', text: 'One of you will read this at once.' })
  await app.screenshot('composer')
  await app.click('button', /^Send$/)
  await app.see(/In the outbox/)
  await openWaiting(app, 'Three doors')
  await app.screenshot('in-the-outbox')

  await recipient(app, 'anna@prompt.test', 'Accepted', { patience: 40_000 })
  await recipient(app, 'cleo@nobody.test', 'Failed')
  await recipient(app, 'ben@greylist.test', 'Deferred')
  await app.see(/1 was refused/)
  await app.see(/1 is waiting/)
  await app.screenshot('three-ways')

  await app.click('button', /^ben@greylist\.test, Deferred/)
  await app.see(/451/)
  await app.screenshot('greylisted')

  await recipient(app, 'ben@greylist.test', 'Accepted', { patience: THROUGH_GREYLISTING })
  await app.screenshot('greylisted-then-accepted')
})

test('a letter that waits still arrives when the program is killed and started again', async (t) => {
  const home = newHome('killed')
  let app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await compose(app, { to: ['ben@greylist.test'], subject: 'Through the dark', text: 'Still there?' })
  await app.click('button', /^Send$/)
  await openWaiting(app, 'Through the dark')
  await recipient(app, 'ben@greylist.test', 'Deferred', { patience: 40_000 })

  await app.kill()
  assert.equal(app.isRunning, false)
  app = await App.start(home)

  await openWaiting(app, 'Through the dark')
  await recipient(app, 'ben@greylist.test', 'Accepted', { patience: THROUGH_GREYLISTING })
  await openSent(app, 'Through the dark')
  await app.screenshot('killed-then-accepted')
})
