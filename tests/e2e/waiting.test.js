// What waits, what failed, and what may only go one way.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'
import { compose, openPractice, openSettings, openWaiting, recipient, sendAtOnce } from './harness/steps.js'

test('a letter that is late says for how long, and those that failed are tried again alone', async (t) => {
  const home = newHome('late')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await command(home, ['config', 'set', 'outbound.delay_notice', '2s'])
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })
  await sendAtOnce(app)
  const to = ['anna@full.test', 'ben@nobody.test']
  await compose(app, { to, subject: 'In its own time', text: 'There is no hurry.' })
  await app.click('button', /^Send$/)
  await openWaiting(app, 'In its own time')
  await recipient(app, 'anna@full.test', 'Deferred', { patience: 40_000 })
  await recipient(app, 'ben@nobody.test', 'Failed')
  await pause(2500)
  await openWaiting(app, 'In its own time')
  await recipient(app, 'anna@full.test', 'Deferred, on its way for 1 min')
  await app.find('option', 'Late')
  await app.screenshot('late')

  const attempts = async () => (await app.all('listitem', /^Attempt /)).length
  await app.click('button', /^ben@nobody\.test, Failed/)
  await app.until('first attempt', async () => (await attempts()) === 1)
  await app.click('button', 'Try the failed ones again')
  await app.until('second attempt', async () => (await attempts()) === 2, 40_000)
  await recipient(app, 'ben@nobody.test', 'Failed', { patience: 40_000 })
  await app.click('button', /^ben@nobody\.test, Failed/)
  await app.click('button', /^anna@full\.test, Deferred/)
  assert.equal(await attempts(), 1, 'the one that waits is left as it is')

  await openSettings(app, 'Destinations')
  const learned = await app.find('listitem', 'full.test')
  assert.match(await app.text(learned), /Last taken:?\s*never.*Encryption:?\s*TLSv1\.[23]/s)
  await app.screenshot('destinations')
  await app.click('button', 'Forget what was learned of full.test')
  await app.until('forgotten', async () => (await app.all('listitem', 'full.test')).length === 0)
})

test('a letter that may only go over verified encryption stays here where that is not to be had', async (t) => {
  const app = await App.start(newHome('verified'))
  t.after(() => app.stop())
  await openPractice(app)
  await sendAtOnce(app)
  await compose(app, { to: ['anna@notls.test'], subject: 'For your eyes', text: 'And no others.' })
  await app.click('button', /^Route: /)
  await app.click('menuitemcheckbox', 'Only over verified encryption')
  await app.screenshot('only-verified')
  await app.find('button', /^Route: .*, only over verified encryption$/)
  await app.click('button', /^Send$/)
  await openWaiting(app, 'For your eyes')
  await recipient(app, 'anna@notls.test', '(Failed|Deferred)', { patience: 40_000 })
  await app.see(/Only over verified encryption \(REQUIRETLS\)/)
  await app.screenshot('not-verified')
})
