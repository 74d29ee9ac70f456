// Everything in the settings can be reached and done without a pointer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'
import { openSettings } from './harness/steps.js'

const PAGES = ['Accounts', 'Sending', 'Signing', 'Destinations', 'Images', 'Import and export', 'Passwords']

test('every control of the settings is reached with Tab, in the order in which it stands', async (t) => {
  const home = newHome('keyboard')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })
  await openSettings(app, 'Accounts')
  await app.click('button', /^you@practice\.test/)
  await app.click('tab', 'Accounts')

  for (const page of PAGES) {
    await t.test(page, async () => {
      assert.equal(await app.focused(), page)
      const panel = await app.find('tabpanel', page)
      const wanted = await app.script(controls, panel)
      const reached = []
      for (let at = 0; at < wanted.length; at += 1) {
        await app.press(Key.TAB)
        reached.push(await app.script((it) => [...it.querySelectorAll('*')].indexOf(document.activeElement), panel))
      }
      assert.deepEqual(reached, wanted)
      await app.script((it) => it.focus(), await app.find('tab', page))
      await app.press(Key.ARROW_RIGHT)
    })
  }
})

test('sending is paused, and smart hosts change places, with the keyboard alone', async (t) => {
  const home = newHome('order')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const { host, port, user, password } = office.submission
  const other = ['you@practice.test', `${host}:${port}`, '--name', 'Other', '--user', user, '--security', 'starttls']
  await command(home, ['account', 'smart-host', 'add', ...other, '--password-stdin'], password)
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })

  await openSettings(app, 'Sending')
  await focus(app, 'Pause sending')
  await app.press(Key.ENTER)
  await app.find('status', 'Sending is paused')
  await focus(app, 'Resume sending')
  await app.press(Key.ENTER)
  await app.find('button', 'Pause sending')

  await app.click('tab', 'Accounts')
  await focus(app, 'you@practice.test')
  await app.press(Key.ENTER)
  await focus(app, 'Move Other up')
  await app.press(Key.ENTER)
  await app.until('new order', async () => /^Move Other down/.test(await app.focused()))
  const list = await app.find('list', 'Smart hosts')
  assert.match(await app.text(list), /^1\s+Other/)
  await app.screenshot('smart-hosts-in-order')
})

/** Goes on with Tab until the control of this name has the keyboard. */
async function focus(app, name) {
  for (let tabs = 0; tabs < 80; tabs += 1) {
    if ((await app.focused()).startsWith(name)) return
    await app.press(Key.TAB)
  }
  throw new Error(`Tab does not lead to “${name}”`)
}

// Runs in the window: where the controls stand among all elements of the panel.
function controls(panel) {
  const all = [...panel.querySelectorAll('*')]
  const wanted = 'button:not(:disabled), input:not(:disabled), select, textarea, summary, a[href], [tabindex="0"]'
  return all.flatMap((it, at) => (it.matches(wanted) && it.checkVisibility() ? [at] : []))
}
