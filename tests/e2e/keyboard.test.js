// Everything in the settings, and on the pages beside the letters, can be reached and done without a pointer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'
import { openPractice, openSettings } from './harness/steps.js'

const PAGES = ['Accounts', 'Sending', 'Signing', 'Destinations', 'Images', 'Import and export', 'Passwords']
const CONTROLS = 'button:not(:disabled), input:not(:disabled), select, textarea, summary, a[href], [tabindex="0"]'

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
      const wanted = await app.script(controls, panel, CONTROLS)
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

test('every control of the other pages is reached with Tab, and Esc leads back from what lies over them', async (t) => {
  const app = await App.start(newHome('keyboard-pages'))
  t.after(() => app.stop())
  await openPractice(app)
  for (const page of ['Practice post office', 'Contacts', 'Deliverability']) {
    await t.test(page, async () => {
      await app.click('button', new RegExp(`^${page}`))
      await app.find('heading', page)
      if (page === 'Deliverability') {
        await app.click('button', /^Check (now|again)$/)
        await app.see(/As you@practice\.test: [^]*Checks of this network/, { patience: 30_000 })
      }
      await goThrough(app, await app.find('main'))
    })
  }

  await t.test('and so is the page of a warning, which keeps the keyboard until it is left', async () => {
    const more = await app.find('button', /^More about this: practice\.test has no DMARC/)
    await app.script((it) => it.focus(), more)
    await app.press(Key.ENTER)
    await goThrough(app, await app.find('dialog'))
    await app.press(Key.ESCAPE)
    await app.until('closed page', async () => (await app.all('dialog')).length === 0)
    assert.match(await app.focused(), /^More about this/)
  })
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

/** Goes with Tab from the first control of a place to its last, and misses none. */
async function goThrough(app, place) {
  const wanted = await app.script(beginAt, place, CONTROLS)
  const reached = [await app.script(whereItIs)]
  while (reached.length < wanted.length) {
    await app.press(Key.TAB)
    reached.push(await app.script(whereItIs))
  }
  assert.deepEqual(reached, wanted)
}

// Runs in the window: gives the keyboard to the first control, and keeps them all, since the page may grow meanwhile. Of
// choices that exclude each other one is reached, and the arrows lead to the others.
function beginAt(place, selector) {
  const isReached = (it) => it.tabIndex >= 0 && (it.type !== 'radio' || it.checked) && it.checkVisibility()
  window.controls = [...place.querySelectorAll(selector)].filter(isReached)
  window.controls[0].focus()
  return window.controls.map((it) => it.getAttribute('aria-label') ?? (it.innerText || it.name))
}

// Runs in the window: what has the keyboard, by its name where it is one of the controls.
function whereItIs() {
  const { activeElement: it } = document
  if (!window.controls.includes(it)) return `not a control: ${it.outerHTML.slice(0, 120)}`
  return it.getAttribute('aria-label') ?? (it.innerText || it.name)
}

/** Goes on with Tab until the control of this name has the keyboard. */
async function focus(app, name) {
  for (let tabs = 0; tabs < 80; tabs += 1) {
    if ((await app.focused()).startsWith(name)) return
    await app.press(Key.TAB)
  }
  throw new Error(`Tab does not lead to “${name}”`)
}

// Runs in the window: where the controls stand among all elements of the panel.
function controls(panel, selector) {
  const all = [...panel.querySelectorAll('*')]
  return all.flatMap((it, at) => (it.matches(selector) && it.checkVisibility() ? [at] : []))
}
