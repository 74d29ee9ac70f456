// People: whoever writes is offered when an address is typed, and may be kept.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { openPractice } from './harness/steps.js'

test('whoever wrote is offered while an address is typed, and a name is enough', async (t) => {
  const app = await App.start(newHome('contacts'))
  t.after(() => app.stop())
  await openPractice(app)

  await app.click('button', /^Contacts$/)
  await app.see(/\d+ people/)
  await app.screenshot('contacts')
  await app.click('button', 'New contact')
  const dialog = await app.find('dialog', 'New contact')
  await app.fill(/^Name$/, 'Zora Quist', { within: dialog })
  await app.fill(/^Addresses/, 'zora@prompt.test', { within: dialog })
  await app.click('button', /^Keep$/)
  await app.see(/Zora Quist is kept/)
  await app.find('button', 'Open Zora Quist')

  await app.click('button', /^Compose/)
  const field = await app.find('combobox', /^To$/)
  await field.sendKeys('quis')
  await app.find('option', 'Zora Quist')
  await app.screenshot('suggestions')
  await field.sendKeys(Key.ENTER)
  await app.find('button', 'Remove zora@prompt.test')
  await field.sendKeys('someone@slow.test', Key.ENTER)
  await app.find('button', 'Remove someone@slow.test')

  await app.click('button', /^Contacts$/)
  await app.fill(/^Find a contact$/, 'zora', { role: 'searchbox' })
  await app.see(/1 person/)
  await app.click('button', 'Open Zora Quist')
  await app.click('button', /^Remove$/)
  await app.click('button', /^Remove$/)
  await app.see(/Nobody whose name or address begins with “zora”/)
  assert.equal((await app.all('button', 'Open Zora Quist')).length, 0)
})
