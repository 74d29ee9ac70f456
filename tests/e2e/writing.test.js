// What is being written is never lost, and nothing leaves by accident.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, newHome, startAgain } from './harness/app.js'
import { compose, openPractice } from './harness/steps.js'

test('a draft is there again after the program was killed', async (t) => {
  const home = newHome('draft')
  let app = await App.start(home)
  t.after(() => app.stop())
  await openPractice(app)
  await compose(app, { to: ['anna@prompt.test'], subject: 'Half a thought', text: 'It began with the bees' })
  await app.find('status', 'Draft saved')
  await app.kill()

  app = await App.start(home)
  await app.click('button', /^Drafts/)
  await app.click('option', 'Half a thought')
  const body = await app.find('textbox', /^Letter$/)
  assert.match(await app.text(body), /It began with the bees/)
  await app.see(/anna@prompt\.test/)
  await app.screenshot('draft-after-kill')
})

test('a letter can be taken back before it leaves', async (t) => {
  const app = await App.start(newHome('undo'))
  t.after(() => app.stop())
  await openPractice(app)
  await compose(app, { to: ['anna@prompt.test'], subject: 'Too soon', text: 'I did not mean to send this yet' })
  await app.click('button', /^Send$/)
  await app.click('button', /^Undo$/)
  const body = await app.find('textbox', /^Letter$/)
  assert.match(await app.text(body), /I did not mean to send this yet/)
  await app.until('empty outbox', async () => (await app.all('button', /^Outbox, /)).length === 0)
  await app.screenshot('taken-back')
})

test('a mailto: link opens the composer, at the first start and at a second', async (t) => {
  const home = newHome('mailto')
  const before = await App.start(home)
  await openPractice(before)
  await before.stop()

  const app = await App.start(home, ['mailto:anna@prompt.test?subject=First'])
  t.after(() => app.stop())
  await written(app, 'First', 'anna@prompt.test')

  await startAgain(home, ['mailto:ben@prompt.test?subject=Second&body=Hello'])
  await written(app, 'Second', 'ben@prompt.test')
  await app.screenshot('mailto')
})

/** Waits until the composer holds a letter with this subject and recipient. */
async function written(app, subject, address) {
  await app.until(`letter “${subject}”`, async () => {
    const [field] = await app.all('textbox', /^Subject$/)
    return field && (await field.getProperty('value')) === subject
  })
  await app.find('button', `Remove ${address}`)
}
