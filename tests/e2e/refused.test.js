// What was refused: reported, explained, and not forgotten.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { compose, openPractice, openWaiting, recipient, sendAtOnce } from './harness/steps.js'

test('a refusal leaves a report to read and pass on, and a warning for the next time', async (t) => {
  const app = await App.start(newHome('refused'))
  t.after(() => app.stop())
  await openPractice(app)
  await sendAtOnce(app)
  await compose(app, { to: ['cleo@nobody.test'], subject: 'Are you there', text: 'Nobody is.' })
  await app.click('button', /^Send$/)
  await openWaiting(app, 'Are you there')
  await recipient(app, 'cleo@nobody.test', 'Failed', { patience: 40_000 })

  await app.click('button', /^Open the report: Not delivered to cleo@nobody\.test/, { patience: 40_000 })
  const frame = await app.find('frame', /^Report: Not delivered to cleo@nobody\.test/)
  await app.inFrame(frame, () => app.see(/cleo@nobody\.test/))
  await app.screenshot('report')
  await app.click('button', 'Show source')
  await app.see(/multipart\/report/)
  await app.see(/message\/delivery-status/)
  await app.click('button', /^Close$/)
  await app.click('button', 'Back to the letter')
  await app.find('frame', /^Content of Are you there/)

  await t.test('which can be forwarded', async () => {
    await app.click('button', /^Forward the report/)
    await app.find('list', 'Attachments')
    await app.screenshot('report-forwarded')
    await app.click('button', /^Close and keep as draft/)
  })

  await t.test('and the address warns in the next letter', async () => {
    await compose(app, { to: ['cleo@nobody.test', 'anna@prompt.test'], subject: 'Once more', text: 'Are you?' })
    await app.find('listitem', 'cleo@nobody.test, was refused before')
    await app.see(/550/)
    assert.deepEqual(await app.all('listitem', 'anna@prompt.test, was refused'), [])
    await app.screenshot('refused-before')
  })
})
