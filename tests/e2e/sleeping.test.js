// Sleep and shutdown of the computer, as logind tells of them: what is on the wire ends first, and nothing is lost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Key } from 'selenium-webdriver'
import { App, newHome } from './harness/app.js'
import { command, PostOffice } from './harness/post-office.js'
import { openSent, openWaiting, recipient } from './harness/steps.js'
import { SystemBus } from './harness/system-bus.js'

/** More than a wake-up takes, and less than a silence that nobody ends. */
const AT_ONCE = 15_000

/** The window on a home with a practice post office, on a computer of which the played logind tells. */
async function asleepAndAwake(t, name) {
  const bus = await SystemBus.start()
  t.after(() => bus.stop())
  const home = newHome(name)
  const office = await PostOffice.start(home, { direct: true })
  t.after(() => office.stop())
  const app = await App.start(home, [], { DBUS_SYSTEM_BUS_ADDRESS: bus.address })
  t.after(() => app.stop())
  await app.find('status', 'Up to date', { patience: 60_000 })
  await app.until('program on the bus', async () => (await bus.guests()).includes(app.pid))
  return { bus, home, app }
}

const send = (home, to, subject) =>
  command(home, ['send', '--to', to, '--subject', subject, '--route', 'direct'], 'At four, as always?\n')

/** The states of the letters in the queue, by subject. */
async function states(home) {
  const letters = JSON.parse(await command(home, ['--json', 'queue', 'list']))
  return Object.fromEntries(letters.map((letter) => [letter.subject, letter.recipients[0].state]))
}

/** Every attempt at a letter. */
async function attempts(home, subject) {
  const letters = JSON.parse(await command(home, ['--json', 'queue', 'list']))
  const { id } = letters.find((letter) => letter.subject === subject)
  return JSON.parse(await command(home, ['--json', 'queue', 'show', String(id)])).recipients[0].attempts
}

test('sleep and shutdown are held off while a letter is on the wire, and no longer', async (t) => {
  const { bus, home, app } = await asleepAndAwake(t, 'sleep-lock')
  assert.deepEqual(bus.locks, { given: 0, back: 0 }, 'nobody keeps a computer awake that has nothing to do')
  await send(home, 'anna@slow.test', 'Tea on Thursday')
  assert.deepEqual(await bus.lock(1), ['shutdown:sleep', 'Postrider', 'A letter is being handed over', 'delay'])
  assert.deepEqual(bus.locks, { given: 1, back: 0 })
  assert.equal((await states(home))['Tea on Thursday'], 'sending')

  await bus.says('sleep')
  await send(home, 'ben@prompt.test', 'Tea on Friday')
  await bus.givenBack(1)
  assert.equal((await states(home))['Tea on Thursday'], 'accepted', 'it came to its end first')
  assert.equal((await states(home))['Tea on Friday'], 'queued', 'and no other was begun')
  assert.deepEqual(bus.locks, { given: 1, back: 1 })

  await bus.says('wake')
  await openSent(app, 'Tea on Friday')
  await recipient(app, 'ben@prompt.test', 'Accepted')
  await bus.givenBack(2)
  assert.deepEqual(bus.locks, { given: 2, back: 2 })
  assert.equal((await attempts(home, 'Tea on Thursday')).length, 1, 'nobody tried it again')
})

test('what waits while the computer sleeps goes at once when it wakes', async (t) => {
  const { bus, home, app } = await asleepAndAwake(t, 'sleep-wake')
  await bus.says('sleep')
  await send(home, 'anna@prompt.test', 'Tea on Thursday')
  await openWaiting(app, 'Tea on Thursday')
  await recipient(app, 'anna@prompt.test', 'Queued')
  await app.screenshot('sleep-announced')
  assert.deepEqual(bus.locks, { given: 0, back: 0 })
  const woke = Date.now()
  await bus.says('wake')
  await app.until('letter out', async () => (await states(home))['Tea on Thursday'] === 'accepted', AT_ONCE)
  assert.ok(Date.now() - woke < AT_ONCE)
  assert.equal((await attempts(home, 'Tea on Thursday')).length, 1)
})

test('a shutdown asks nothing and loses nothing, and what waited goes at the next start', async (t) => {
  const { bus, home, app } = await asleepAndAwake(t, 'shutdown')
  await send(home, 'anna@full.test', 'For a full mailbox')
  await openWaiting(app, 'For a full mailbox')
  await recipient(app, 'anna@full.test', 'Deferred', { patience: 40_000 })
  await bus.says('shutdown')
  await send(home, 'ben@prompt.test', 'Tea on Friday')
  await send(home, 'cleo@prompt.test', 'Tea on Saturday')
  const waiting = { 'For a full mailbox': 'deferred', 'Tea on Friday': 'queued', 'Tea on Saturday': 'queued' }
  // Long enough for both to be out, if anything still went.
  await pause(2000)
  assert.deepEqual(await states(home), waiting)

  await app.chord(Key.CONTROL, 'q')
  await app.until('end of the program, without a question', () => !app.isRunning)
  assert.deepEqual(await states(home), waiting)
  assert.equal((await attempts(home, 'Tea on Friday')).length, 0)

  const again = await App.start(home, [], { DBUS_SYSTEM_BUS_ADDRESS: bus.address })
  t.after(() => again.stop())
  const arrived = async () => {
    const now = await states(home)
    return now['Tea on Friday'] === 'accepted' && now['Tea on Saturday'] === 'accepted'
  }
  await again.until('both letters out', arrived, 40_000)
  assert.equal((await attempts(home, 'Tea on Friday')).length, 1)
  assert.equal((await states(home))['For a full mailbox'], 'deferred')
})
