// Leaving while letters wait: what is said, what can be chosen, and that nobody is kept.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Key } from 'selenium-webdriver'
import { App, binary, newHome, processOf, startAgain } from './harness/app.js'
import { isShown, pressClose, Tray } from './harness/desktop.js'
import { command, PostOffice } from './harness/post-office.js'
import { openSent, openSettings, openWaiting, recipient } from './harness/steps.js'

/**
 * A home with a letter to `to`, which the server there did not take yet, and the window on it; `prepare` is done before the
 * window opens.
 */
async function withOneWaiting(t, name, to, { direct = true, subject = 'Tea on Thursday', prepare = () => {} } = {}) {
  const home = newHome(name)
  const office = await PostOffice.start(home, { direct })
  t.after(() => office.stop())
  await prepare(home, office)
  const args = ['send', '--to', to, '--subject', subject, '--route', 'direct']
  await command(home, args, 'At four, as always?\n')
  const app = await App.start(home)
  t.after(() => app.stop())
  await openWaiting(app, subject)
  await recipient(app, to, 'Deferred', { patience: 40_000 })
  return { home, office, app }
}

const quit = (app) => app.chord(Key.CONTROL, 'q')
const asked = (app) => app.find('dialog', '1 letter is still waiting')
/** Answers with what hides the window or ends the program, either of which the driver of the page does not outlive. */
const answer = async (app, name) => {
  const button = await app.find('button', name)
  await app.script((it) => void setTimeout(() => it.click(), 100), button)
}
const ended = (app) => app.until('end of the program', () => !app.isRunning, 15_000)
const names = (app, role) => app.all(role).then((all) => Promise.all(all.map((one) => app.text(one))))

test('before the program ends it says what waits and until when, and nothing is lost by quitting', async (t) => {
  const { home, app } = await withOneWaiting(t, 'closing', 'anna@greylist.test')
  await quit(app)
  const dialog = await asked(app)
  const said = await app.text(dialog)
  assert.match(said, /Tea on Thursday to anna@greylist\.test/)
  assert.match(said, /Next try \d\d:\d\d \(in \d+:\d\d\)|To be tried now/)
  assert.match(said, /Tried until .*\d\d:\d\d, if this computer stays on line/)
  const choices = await names(app, 'group')
  assert.match(choices.join(), /Keep running without a window.*Quit, and send when next on/s)
  assert.doesNotMatch(choices.join(), /Hand over|tray/, 'there is neither a smart host nor a tray')
  assert.equal(await app.focused(), 'Keep running without a window')
  await app.screenshot('closing')

  await t.test('it is left with Esc, and nobody leaves', async () => {
    await app.press(Key.ESCAPE)
    await app.until('closed dialog', async () => (await app.all('dialog')).length === 0)
    assert.ok(app.isRunning)
  })

  await t.test('the close button asks the same', async () => {
    await pressClose(app.pid)
    await asked(app)
  })

  await answer(app, 'Quit, and send when next on')
  await ended(app)
  const again = await App.start(home)
  t.after(() => again.stop())
  await openSent(again, 'Tea on Thursday').catch(() => openWaiting(again, 'Tea on Thursday'))
  await recipient(again, 'anna@greylist.test', 'Accepted', { patience: 90_000 })
})

test('what waits is handed over to the smart host, which is told before the program ends', async (t) => {
  const { home, app } = await withOneWaiting(t, 'closing-handed', 'anna@full.test', { direct: false })
  await pressClose(app.pid)
  await asked(app)
  await app.screenshot('closing-smart-host')
  await app.click('button', /^Hand over to .* now$/)
  await app.see(/has 1 letter now/, { patience: 30_000 })
  await app.screenshot('closing-handed-over')
  await ended(app)
  const [letter] = JSON.parse(await command(home, ['--json', 'queue', 'list']))
  assert.match(letter.recipients[0].state, /relayed|delayed/, 'the smart host may have told that it is late')
})

test('what the smart host does not take stays queued, and is said', async (t) => {
  const { home, office, app } = await withOneWaiting(t, 'closing-refused', 'anna@full.test', { direct: false })
  await office.stop()
  await quit(app)
  await asked(app)
  await app.click('button', /^Hand over to .* now$/)
  await app.find('dialog', '1 letter was not taken', { patience: 60_000 })
  await app.see(/It stays queued here/)
  await app.screenshot('closing-not-taken')
  await app.click('button', 'Stay open')
  await app.until('closed dialog', async () => (await app.all('dialog')).length === 0)
  assert.ok(app.isRunning)
  const [letter] = JSON.parse(await command(home, ['--json', 'queue', 'list']))
  assert.equal(letter.recipients[0].state, 'deferred')
})

/** A smart host of the account, which answers when it is added and lets whoever comes later wait for its greeting. */
async function mute(t, home, account) {
  let visited = () => {}
  let greets = true
  const server = createServer((socket) => {
    socket.on('error', () => {})
    if (!greets) return visited()
    socket.write('220 relay.test\r\n')
    socket.on('data', (line) => socket.write(/^quit/i.test(line) ? '221 Bye\r\n' : '250 relay.test\r\n'))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = `127.0.0.1:${server.address().port}`
  await command(home, ['account', 'smart-host', 'add', account, address, '--name', 'relay', '--no-login', '--security', 'none'])
  greets = false
  return { visited: new Promise((resolve) => (visited = resolve)) }
}

/** The ways that were tried for the one letter in the queue. */
async function routes(home) {
  const [{ id }] = JSON.parse(await command(home, ['--json', 'queue', 'list']))
  const shown = JSON.parse(await command(home, ['--json', 'queue', 'show', String(id)]))
  return shown.recipients[0].attempts.map(({ route }) => route)
}

for (const [way, leave] of [
  ['quits without waiting', (app) => answer(app, 'Quit without waiting')],
  ['is killed', (app) => app.kill()],
]) {
  test(`who ${way} while it is handed over finds every letter on its own way`, async (t) => {
    const name = `closing-${way.split(' ')[0]}-handing`
    let host
    const prepare = async (home, office) => (host = await mute(t, home, office.reading.address))
    const { home, app } = await withOneWaiting(t, name, 'anna@full.test', { prepare })
    await quit(app)
    await asked(app)
    await app.click('button', 'Hand over to relay now')
    await app.find('button', 'Quit without waiting')
    await host.visited
    await app.screenshot(name)
    await leave(app)
    await ended(app)
    assert.deepEqual(await routes(home), ['direct'])

    const again = await App.start(home)
    t.after(() => again.stop())
    const last = async () => (await routes(home)).slice(-2).join()
    await again.until('try by its own way', async () => (await last()) === 'relay,direct', 40_000)
    await openWaiting(again, 'Tea on Thursday')
    await recipient(again, 'anna@full.test', 'Deferred')
    assert.deepEqual(await routes(home), ['direct', 'relay', 'direct'], 'the smart host was asked that once')
  })
}

test('the end of the session asks nothing, also where a question is open', async (t) => {
  const { app } = await withOneWaiting(t, 'closing-session', 'anna@full.test')
  await quit(app)
  await asked(app)
  const before = Date.now()
  await app.stop()
  assert.ok(Date.now() - before < 8000, 'it leaves within its seconds')
})

test('a window that does not answer keeps nobody from quitting', async (t) => {
  const { app } = await withOneWaiting(t, 'closing-hung', 'anna@full.test')
  await app.script(() => {
    setTimeout(() => {
      for (;;);
    }, 1000)
  })
  await pause(2000)
  await pressClose(app.pid)
  await ended(app)
})

test('a choice is remembered until it is taken back in the settings', async (t) => {
  const { home, app } = await withOneWaiting(t, 'closing-remembered', 'anna@full.test')
  await quit(app)
  await asked(app)
  await app.click('checkbox', 'Do this every time, without asking')
  await app.screenshot('closing-remember')
  await answer(app, 'Quit, and send when next on')
  await ended(app)

  const again = await App.start(home)
  t.after(() => again.stop())
  await openWaiting(again, 'Tea on Thursday')
  await quit(again)
  await ended(again)

  const last = await App.start(home)
  t.after(() => last.stop())
  await openSettings(last, 'Sending')
  const closing = await last.find('combobox', 'When Postrider is closed while letters wait')
  assert.equal(await closing.getAttribute('value'), 'quit')
  await last.click('button', 'Back to usual: When Postrider is closed while letters wait')
  await last.screenshot('closing-settings')
  await quit(last)
  await asked(last)
  await last.stop()
})

test('with a tray one stays there, and comes back', async (t) => {
  const tray = await Tray.begin()
  t.after(() => tray.end())
  const { home, app } = await withOneWaiting(t, 'closing-tray', 'anna@full.test')
  await pressClose(app.pid)
  await asked(app)
  await app.screenshot('closing-tray')
  await answer(app, 'Stay in the tray')
  await app.until('hidden window', async () => !(await isShown(app.pid)))
  assert.ok(app.isRunning)
  await startAgain(home, [])
  await app.until('window', () => isShown(app.pid))
})

test('without a tray it runs on without a window until nothing waits, and then ends', async (t) => {
  const { home, app } = await withOneWaiting(t, 'closing-runs-on', 'anna@greylist.test')
  await quit(app)
  await asked(app)
  await answer(app, 'Keep running without a window')
  await app.until('end of the program', () => !app.isRunning, 90_000)
  const [letter] = JSON.parse(await command(home, ['--json', 'queue', 'list']))
  assert.equal(letter.recipients[0].state, 'accepted')
})

test('with nothing waiting it closes without a question', async (t) => {
  const app = await App.start(newHome('closing-at-once'))
  t.after(() => app.stop())
  await app.find('heading', 'Welcome to Postrider')
  await pressClose(app.pid)
  await ended(app)
})

test('it starts with the session where that is wanted, and shows what the system has', async (t) => {
  const home = newHome('at-login')
  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const app = await App.start(home)
  t.after(() => app.stop())
  await openSettings(app, 'Sending')
  const place = join(process.env.XDG_CONFIG_HOME, 'autostart')
  const checked = async () => (await app.find('checkbox', 'Start Postrider when I log in')).isSelected()
  assert.equal(await checked(), false)
  await app.click('checkbox', 'Start Postrider when I log in')
  await app.until('entry', () => existsSync(place) && readdirSync(place).length === 1)
  const file = join(place, readdirSync(place)[0])
  assert.match(readFileSync(file, 'utf8'), /^Exec=".*postrider-desktop" "--home" ".*at-login" "--hidden"$/m)
  await app.screenshot('at-login')

  unlinkSync(file)
  await app.script(() => window.dispatchEvent(new Event('focus')))
  await app.until('what the system has', async () => !(await checked()))
  await app.click('checkbox', 'Start Postrider when I log in')
  await app.until('entry', () => existsSync(file))
  await app.click('checkbox', 'Start Postrider when I log in')
  await app.until('no entry', () => !existsSync(file))
})

test('it starts with the session from a path with spaces, from where an upgrade put it, and not when switched off', async (t) => {
  const home = newHome('at-login-installed')
  const [first, second] = ['Post Rider 1', 'Post Rider 2'].map((version) => join(dirname(home), version, 'bin $x', 'postrider'))
  mkdirSync(dirname(first), { recursive: true })
  mkdirSync(dirname(second), { recursive: true })
  copyFileSync(binary, first)
  const place = join(process.env.XDG_CONFIG_HOME, 'autostart')
  const entries = () => (existsSync(place) ? readdirSync(place) : []).map((file) => join(place, file))
  const option = 'Start Postrider when I log in'

  const office = await PostOffice.start(home)
  t.after(() => office.stop())
  const app = await App.start(home, [], { POSTRIDER_DESKTOP: first })
  t.after(() => app.stop())
  await openSettings(app, 'Sending')
  await app.click('checkbox', option)
  await app.until('entry', () => entries().length === 1)
  await app.stop()
  const [file] = entries()

  await t.test('a desktop that reads the entry starts it', async () => {
    execFileSync('gio', ['launch', file], { stdio: 'ignore' })
    const started = () => processOf(first, ['--home', home, '--hidden'])
    await app.until('program that the session starts', () => started() !== undefined)
    const pid = started()
    t.after(() => started() && process.kill(pid, 'SIGKILL'))
    await startAgain(home, [])
    assert.equal(started(), pid, 'it runs, and takes what a second start is for')
    process.kill(pid, 'SIGTERM')
    await app.until('end of it', () => started() === undefined)
  })

  renameSync(first, second)
  const upgraded = await App.start(home, [], { POSTRIDER_DESKTOP: second })
  t.after(() => upgraded.stop())
  assert.match(readFileSync(file, 'utf8'), /Post Rider 2/)
  await openSettings(upgraded, 'Sending')
  assert.equal(await (await upgraded.find('checkbox', option)).isSelected(), true)

  await upgraded.click('checkbox', option)
  await upgraded.until('no entry', () => entries().length === 0)
})
