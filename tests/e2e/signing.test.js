// Keys to sign with: made, shown, and copied as they have to stand in DNS.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { PostOffice } from './harness/post-office.js'
import { openSettings } from './harness/steps.js'

test('keys are made, their records copied, and they wait until DNS shows them', async (t) => {
  const home = newHome('signing')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })

  await openSettings(app, 'Signing')
  await app.click('button', 'Make keys for practice.test')
  const keys = await app.find('list', 'Keys of practice.test', { patience: 60_000 })
  const rsa = await app.find('listitem', /^RSA 2048, /, { within: keys })
  const ed25519 = await app.find('listitem', /^Ed25519, /, { within: keys })
  assert.match(await app.text(rsa), /Waiting/)
  assert.match(await app.text(ed25519), /Waiting/)
  const [name, value] = await app.script((it) => [...it.querySelectorAll('code')].map((code) => code.textContent), rsa)
  assert.match(name, /\._domainkey\.practice\.test\.?$/)
  assert.match(value, /^v=DKIM1;.*k=rsa;.*p=[A-Za-z0-9+/]{300,}/)
  await app.screenshot('keys')

  for (const [button, expected] of [[/^Copy the name of RSA/, name], [/^Copy the value of RSA/, value]]) {
    await app.click('button', button)
    await app.see(/Copied/)
    assert.equal(await pasted(app), expected)
    await openSettings(app, 'Signing')
  }

  await app.click('button', 'Check practice.test now')
  await app.see(/checked \d\d:\d\d/, { patience: 30_000 })
  await app.see(/Waiting/)
  await app.screenshot('keys-waiting')
})

/** What is in the clipboard, as it comes out in a field that takes anything. */
async function pasted(app) {
  await app.click('button', /^Compose/)
  const subject = await app.find('textbox', /^Subject$/)
  await subject.click()
  await app.chord(Key.CONTROL, 'v')
  const text = await app.until('pasted text', () => subject.getProperty('value'))
  await app.click('button', 'Throw away')
  if ((await app.all('dialog')).length > 0) await (await app.all('button', 'Throw away')).at(-1).click()
  return text
}
