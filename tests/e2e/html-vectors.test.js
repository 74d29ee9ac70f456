// Everything that strangers try, opened letter by letter in the real window: nothing runs, and nobody is asked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { App, newHome } from './harness/app.js'
import { Counter } from './harness/counter.js'
import { PostOffice } from './harness/post-office.js'
import { code, vectors } from './harness/vectors.js'

/** Letters whose frames are filled at the same time. */
const AT_ONCE = 50
/** Long enough for what a letter would do a little later. */
const LATER = 1500

function letter({ name, html }, number) {
  return [
    'From: Mallory <mallory@example.org>',
    'To: you@practice.test',
    `Subject: Vector ${number}: ${name}`,
    `Date: ${new Date(Date.now() - number * 1000).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <vector-${number}@example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(html).toString('base64').match(/.{1,76}/g) ?? []),
    '',
  ].join('\r\n')
}

test('nothing that strangers try runs or asks for anything', async (t) => {
  const home = newHome('vectors')
  const counter = await Counter.start()
  t.after(() => counter.stop())
  const attacks = vectors(counter)
  assert.ok(attacks.length >= 150, `${attacks.length} attacks`)
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  await office.append(...attacks.map(letter))

  const app = await App.start(home)
  t.after(() => app.stop())
  await app.click('option', 'Vector 0:', { patience: 60_000 })
  await app.find('status', 'Up to date', { patience: 60_000 })
  await app.script(watch)

  await t.test('what would run is noticed', async () => {
    await app.script(`postMessage('self-test', '*'); document.title = 'self-test'`)
    await app.until('notice', async () => (await app.script(noticed)).length === 2)
    await app.script(watch)
    assert.match(code(counter, 1), /^void\(top\.postMessage\(1,[^"' ]+$/)
  })

  const letters = await app.scriptThatTakesTime(listed)
  const opened = attacks.map((_, number) => letters.find(({ subject }) => subject.startsWith(`Vector ${number}:`)))
  assert.ok(opened.every(Boolean), 'every letter is here')
  const openAll = async (wish) => {
    for (let from = 0; from < opened.length; from += AT_ONCE) {
      const sources = opened.slice(from, from + AT_ONCE).map(({ letter }) => `letter://localhost/${letter}${wish}`)
      assert.equal(await app.scriptThatTakesTime(openBeside, sources), sources.length, 'every frame was filled')
    }
    await pause(LATER)
  }
  for (const number of [1, 2, 3, 4, 5]) {
    await app.click('option', `Vector ${number}:`)
    await app.find('frame', `Vector ${number}:`)
  }
  await openAll('')
  assert.deepEqual(await app.script(noticed), [], 'nothing ran')
  assert.deepEqual(counter.hits, [], 'nobody was asked')
  await app.screenshot('vectors')

  await t.test('with images and in the dark, images alone are asked for, by the program', async () => {
    await openAll('?remote=1&dark=1')
    assert.deepEqual(await app.script(noticed), [], 'nothing ran')
    assert.ok(counter.hits.length > 0, 'some images came')
    assert.deepEqual(counter.hits.filter((hit) => hit.includes('script')), [])
    for (const headers of counter.headers) {
      assert.deepEqual(Object.keys(headers).sort(), ['accept', 'host', 'user-agent'])
      assert.equal(headers['user-agent'], 'Mozilla/5.0', 'the web view itself asks nobody')
    }
    const asked = new Set(counter.hits.map((hit) => attacks[parseInt(hit, 10)].name))
    for (const name of asked) {
      assert.match(attacks.find((one) => one.name === name).html, /<(img|image)|background/i, name)
    }
  })
})

// Runs in the window: notes whatever a letter might do to it.
function watch() {
  const notes = []
  window.vectorNotes = notes
  document.title = 'Postrider'
  if (window.vectorWatch) return
  window.vectorWatch = true
  window.addEventListener('message', (event) => window.vectorNotes.push(`message ${event.data}`))
  window.addEventListener('error', (event) => window.vectorNotes.push(`error ${event.message}`))
  window.vectorPlace = location.href
}

// Runs in the window.
function noticed() {
  const notes = [...window.vectorNotes]
  if (document.title !== 'Postrider') notes.push(`title ${document.title}`)
  if (location.href !== window.vectorPlace) notes.push(`place ${location.href}`)
  if (document.querySelector('dialog[open]')) notes.push(`dialog ${document.querySelector('dialog[open]').innerText}`)
  return notes
}

// Runs in the window: what lies in the INBOX, as the window itself asks for it.
function listed(done) {
  const args = { source: { list: 'role', role: 'inbox' }, offset: 0, limit: 500 }
  window.__TAURI_INTERNALS__.invoke('call', { name: 'letter_list', args }).then((page) => done(page.rows), done)
}

// Runs in the window: fills frames like the reader's with these documents, until all of them are there.
function openBeside(sources, done) {
  let left = sources.length
  for (const src of sources) {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', 'allow-popups')
    frame.setAttribute('referrerpolicy', 'no-referrer')
    frame.addEventListener('load', () => {
      setTimeout(() => frame.remove(), 600)
      left -= 1
      if (left === 0) setTimeout(() => done(sources.length), 700)
    })
    frame.src = src
    document.body.append(frame)
  }
}
