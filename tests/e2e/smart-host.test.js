// A smart host from the settings to the timeline.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { PostOffice } from './harness/post-office.js'
import { compose, openSent, openSettings, recipient, sendAtOnce } from './harness/steps.js'

test('a smart host is added from what is known of its kind, tried, and used by a rule', async (t) => {
  const home = newHome('smart-host')
  const office = await PostOffice.start(home, { direct: true })
  t.after(() => office.stop())
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })
  await sendAtOnce(app)

  await openSettings(app, 'Accounts')
  await app.click('button', /^you@practice\.test/)
  await app.click('button', /^Add a smart host$/)
  const { host, port, user, password } = office.submission
  await app.choose(/^Provider/, 'Postfix')
  await app.find('note', 'Postfix')
  await app.fill(/^Server/, host)
  await app.fill(/^Port/, port, { role: 'spinbutton' })
  await app.choose(/^Encryption/, 'STARTTLS')
  await app.fill(/^Login name/, user)

  await t.test('a login that is refused is told in the server’s words, and adds nothing', async () => {
    await app.fill(/^Password/, 'not the password')
    await app.click('button', 'Test and add')
    await app.see(/Login did not work/, { patience: 30_000 })
    await app.see(/535/)
    await app.screenshot('smart-host-refused')
    assert.deepEqual(await app.all('listitem', 'Postfix'), [])
  })

  await app.fill(/^Password/, password)
  await app.click('button', 'Test and add')
  await app.until('closed dialog', async () => (await app.all('dialog')).length === 0, 30_000)
  await app.find('button', 'Change Postfix')

  await app.fill(/^Recipient domain/, 'prompt.test')
  await app.choose(/^Route/, 'Postfix')
  await app.click('button', 'Add rule')
  await app.find('button', 'Remove the rule for prompt.test')
  await app.screenshot('smart-host-added')

  await compose(app, { to: ['anna@prompt.test'], subject: 'By way of', text: 'Handed over.' })
  await app.find('button', /^Route: Auto · Postfix/)
  await app.click('button', /^Send$/)
  await openSent(app, 'By way of')
  await recipient(app, 'anna@prompt.test', 'Relayed', { patience: 40_000 })
  await app.click('button', /^anna@prompt\.test, Relayed/)
  await app.click('button', 'Details and transcript')
  await app.see(/through Postfix/)
  await app.see(/Verified by an authority/)
  await app.screenshot('relayed')
})
