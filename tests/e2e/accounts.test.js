// An account, from its address to its end.

import assert from 'node:assert/strict'
import { connect } from 'node:tls'
import { test } from 'node:test'
import { App, newHome } from './harness/app.js'
import { Names } from './harness/names.js'
import { command, PostOffice } from './harness/post-office.js'
import { openSettings } from './harness/steps.js'

test('an account is added from its address, renamed, and removed', async (t) => {
  const home = newHome('adding')
  const office = await PostOffice.start(home, { account: false })
  t.after(() => office.stop())
  const { address, password, port } = office.reading
  const names = await Names.start(office.dns, {
    '_imaps._tcp.practice.test': { host: 'imap.practice.test', port: Number(port) },
    '_submission._tcp.practice.test': { host: 'smtp.practice.test', port: Number(office.submission.port) },
    '_imaps._tcp.prompt.test': { host: 'imap.practice.test', port: Number(port) },
  })
  t.after(() => names.stop())
  await command(home, ['config', 'set', 'net.dns', names.address])
  const app = await App.start(home)
  t.after(() => app.stop())

  await t.test('no password goes where unsigned DNS alone sends it, before one has said so', async () => {
    await app.click('button', 'Add your account')
    await app.fill(/^Email address/, 'anna@prompt.test')
    await app.fill(/^Password/, 'not the password')
    await app.click('button', /^Continue$/)
    await app.find('region', 'Is imap.practice.test your server?', { patience: 20_000 })
    const add = await app.find('button', 'Log in and add')
    assert.equal(await add.isEnabled(), false)
    await app.screenshot('account-hearsay')
    await app.click('checkbox', 'Sign in at imap.practice.test')
    assert.equal(await add.isEnabled(), true)
  })

  await t.test('its servers are found, and shown with where they are from', async () => {
    await app.fill(/^Email address/, address)
    await app.fill(/^Your name/, 'Robin')
    await app.screenshot('account-address')
    await app.click('button', /^Continue$/)
    const found = await app.find('region', 'Your servers', { patience: 20_000 })
    await app.see(new RegExp(`imap\\.practice\\.test, port ${port} · TLS[^]*answers`), { of: () => found })
    await app.see(/smtp\.practice\.test/, { of: () => found })
    await app.see(/Found: .*DNS/, { of: () => found })
    await app.click('button', 'What was asked')
    await app.see(/the services of practice\.test: It names servers/)
    await app.screenshot('account-found')
  })

  await t.test('a wrong password is told in the words of the servers, and adds nothing', async () => {
    await app.fill(/^Password/, 'not the password')
    await app.click('button', 'Log in and add')
    await app.see(/Reading: Login did not work/, { patience: 30_000 })
    await app.see(/AUTHENTICATIONFAILED|Authentication failed|535/i)
    await app.screenshot('account-refused')
    assert.deepEqual(JSON.parse(await command(home, ['account', 'list', '--json'])), [])
  })

  await t.test('the right one adds it, and its letters come', async () => {
    await app.fill(/^Password/, password)
    await app.click('button', 'Log in and add')
    await app.find('option', '', { patience: 60_000 })
    await app.find('status', 'Up to date', { patience: 60_000 })
    await app.find('heading', address)
  })

  await t.test('its name is changed', async () => {
    await openSettings(app, 'Accounts')
    await app.click('button', new RegExp(`^${address}`))
    await app.fill(/^Name/, 'Robin Ashdown')
    await app.click('button', 'Save changes')
    await app.until('the new name', async () =>
      (await command(home, ['account', 'list', '--json'])).includes('Robin Ashdown'),
    )
    await app.screenshot('account-settings')
  })

  await t.test('it is removed after a question, and the welcome is there again', async () => {
    await app.click('button', 'Remove account')
    await app.find('dialog', `Remove ${address}`)
    await app.screenshot('account-remove')
    const answers = await app.all('button', 'Remove account')
    await answers.at(-1).click()
    await app.find('heading', 'Welcome to Postrider')
    assert.deepEqual(JSON.parse(await command(home, ['account', 'list', '--json'])), [])
  })
})

test('a server that nobody vouches for is trusted by its fingerprint alone, and no longer when one says so', async (t) => {
  const home = newHome('trusting')
  const office = await PostOffice.start(home, { account: false, authority: false })
  t.after(() => office.stop())
  const { address, user, password, host, port } = office.reading
  const app = await App.start(home)
  t.after(() => app.stop())

  await app.click('button', 'Add your account')
  await app.fill(/^Email address/, address)
  await app.fill(/^Password/, password)
  await app.click('button', 'Set by hand')
  await app.fill(/^Server$/, host)
  await app.fill(/^Port$/, port, { role: 'spinbutton' })
  await app.click('checkbox', 'Send through this smart host')
  await app.fill(/^Login name/, user)
  await app.screenshot('account-by-hand')

  await app.click('button', 'Log in and add')
  const question = await app.find('region', `Nobody vouches for ${host}`, { patience: 30_000 })
  const shown = (await app.text(question)).replaceAll(/[^0-9A-F]/g, '')
  assert.ok(shown.includes(await fingerprint(host, port)), 'the fingerprint is that of the server')
  await app.screenshot('certificate')
  assert.deepEqual(JSON.parse(await command(home, ['account', 'list', '--json'])), [])

  await app.click('button', 'Trust this certificate for this server')
  await app.find('option', '', { patience: 60_000 })
  await app.find('status', 'Up to date', { patience: 60_000 })

  await openSettings(app, 'Accounts')
  await app.click('button', new RegExp(`^${address}`))
  await app.find('list', 'Certificates that you trust')
  await app.screenshot('certificate-trusted')
  await app.click('button', `Trust the certificate of ${host} no longer`)
  await app.see(/is not trusted any more/)
  await app.find('status', /certificate|Offline/i, { patience: 30_000 })
  await app.screenshot('certificate-trusted-no-longer')
})

/** The fingerprint of the certificate that a server shows, as its owner would read it. */
function fingerprint(host, port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256.replaceAll(':', ''))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
