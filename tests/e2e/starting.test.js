// What the window says when there is nothing to show.

import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { App, newHome } from './harness/app.js'
import { Counter } from './harness/counter.js'

test('a program that cannot open its files says why, and goes on when it can', async (t) => {
  const home = newHome('unreadable')
  const inTheWay = join(home, 'local.db')
  mkdirSync(inTheWay)
  const app = await App.start(home)
  t.after(() => app.stop())
  await app.see(/Postrider could not start/)
  await app.see(/local\.db/)
  await app.screenshot('could-not-start')

  rmdirSync(inTheWay)
  await app.click('button', 'Try again')
  await app.find('heading', 'Welcome to Postrider')
})

test('the window keeps to its own pages', async (t) => {
  const counter = await Counter.start()
  t.after(() => counter.stop())
  const app = await App.start(newHome('own-pages'))
  t.after(() => app.stop())
  await app.find('heading', 'Welcome to Postrider')
  await app.script((url) => {
    location.href = url
  }, counter.url('elsewhere'))
  await pause(1000)
  await app.find('heading', 'Welcome to Postrider')
  assert.deepEqual(counter.hits, [])
})
