// Nothing leaves while sending is paused, and the window says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { App, newHome } from './harness/app.js'
import { compose, openPractice, openSent, openWaiting, recipient, sendAtOnce } from './harness/steps.js'

/** Longer than the runner needs for a letter that may go. */
const LONG_ENOUGH = 4000

test('a letter waits while sending is paused, also through another start, and leaves when it goes on', async (t) => {
  const home = newHome('paused')
  let app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await sendAtOnce(app)

  await app.click('button', /^Outbox/)
  await app.click('button', 'Pause sending')
  await app.find('status', 'Sending is paused')
  await compose(app, { to: ['anna@prompt.test'], subject: 'Not yet', text: 'This can wait.' })
  await app.click('button', /^Send$/)
  await openWaiting(app, 'Not yet')
  await recipient(app, 'anna@prompt.test', 'Queued')
  await app.see(/In the outbox\. Sending is paused\./)
  await pause(LONG_ENOUGH)
  await recipient(app, 'anna@prompt.test', 'Queued')
  await app.screenshot('paused')

  await app.stop()
  app = await App.start(home)
  await openWaiting(app, 'Not yet')
  await pause(LONG_ENOUGH)
  await recipient(app, 'anna@prompt.test', 'Queued')

  await app.click('button', 'Resume sending')
  await recipient(app, 'anna@prompt.test', 'Accepted', { patience: 40_000 })
  assert.deepEqual(await app.all('button', 'Resume sending'), [])
  await openSent(app, 'Not yet')
  await app.screenshot('resumed')
})
