// A letter that was made to watch its reader sees nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { App, newHome } from './harness/app.js'
import { Counter } from './harness/counter.js'
import { PostOffice } from './harness/post-office.js'

const SUBJECT = 'A letter that acts'

/** Script, image, style, form, refresh and link, each leading to the counter under a name of its own. */
function letter(counter) {
  const html = `<html><head><script src="${counter.url('script-src')}"></script>
<meta http-equiv="refresh" content="1;url=${counter.url('refresh')}">
<link rel="stylesheet" href="${counter.url('stylesheet')}">
<style>body { background: url(${counter.url('background')}) } @import "${counter.url('import')}";</style></head>
<body onload="fetch('${counter.url('onload')}')">
<h1>Look what I can do</h1>
<script>fetch('${counter.url('script')}'); document.title = 'taken over'</script>
<img src="${counter.url('image')}" alt="a picture" width="300" height="200">
<img src="${counter.url('pixel')}" width="1" height="1">
<img src="x" onerror="fetch('${counter.url('onerror')}')">
<iframe src="${counter.url('frame')}"></iframe>
<object data="${counter.url('object')}"></object>
<form action="${counter.url('form')}" method="post"><input name="secret" value="1"><button>Win a prize</button></form>
<p><a href="${counter.url('link')}">Read more about it</a></p>
</body></html>`
  return [
    'From: Mallory <mallory@example.org>',
    'To: you@practice.test',
    `Subject: ${SUBJECT}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'Message-ID: <acts@example.org>',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    '',
    ...html.split('\n'),
    '',
  ].join('\r\n')
}

test('a letter with a script, a remote image and a form does nothing', async (t) => {
  const home = newHome('acts')
  const counter = await Counter.start()
  t.after(() => counter.stop())
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.append(letter(counter))

  const app = await App.start(home)
  t.after(() => app.stop())
  await app.click('option', SUBJECT, { patience: 60_000 })
  const frame = await app.find('frame', SUBJECT)
  await app.inFrame(frame, async (driver) => {
    await app.see(/Look what I can do/)
    for (const button of await driver.findElements({ css: 'button, input' })) {
      await button.click().catch(() => {})
    }
  })
  await pause(2500)
  await app.screenshot('a-letter-that-acts')
  assert.deepEqual(counter.hits, [], 'nothing may have been asked for')

  await t.test('a click on its link says where it leads, and goes nowhere', async () => {
    await app.inFrame(frame, async (driver) => (await driver.findElement({ linkText: 'Read more about it' })).click())
    await app.find('dialog', 'This link leads to')
    await app.see(new RegExp(counter.url('link')))
    await app.screenshot('link')
    assert.deepEqual(counter.hits, [])
    await app.click('button', /^(Cancel|Close)/)
  })

  await t.test('its images come when the reader asks for them, and its pixel never', async () => {
    await app.see(/2 remote images are not loaded/)
    await app.click('button', 'Load once')
    await app.until('images', async () => counter.hits.length > 1)
    await pause(1000)
    assert.deepEqual(counter.hits.sort(), ['background', 'image'])
    await app.screenshot('image-loaded')
  })
})

test('new mail appears by itself', async (t) => {
  const home = newHome('new-mail')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.find('option', '', { patience: 60_000 })
  await app.find('status', 'Up to date', { patience: 60_000 })

  await office.append(letter({ url: (name) => `http://127.0.0.1:9/${name}` }))
  await app.find('option', SUBJECT, { patience: 20_000 })
  await app.screenshot('new-mail')
})
