// What a person does in the window, in the words of the window.

import { Key } from 'selenium-webdriver'

/** From the welcome through the second door, until the practice mailbox has come in. */
export async function openPractice(app) {
  await app.click('button', 'Try the practice post office')
  await app.find('option', '', { patience: 60_000 })
  await app.find('status', 'Up to date', { patience: 60_000 })
}

/** Writes a letter and leaves the composer open. */
export async function compose(app, { to, subject, text }) {
  await app.click('button', /^Compose/)
  const field = await app.find('combobox', /^To$/)
  await field.sendKeys(...to.flatMap((address) => [address, Key.ENTER]))
  await app.fill(/^Subject$/, subject)
  const body = await app.find('textbox', /^Letter$/)
  await body.click()
  await body.sendKeys(text)
}

/** Opens a letter that some server took: it is in Sent. */
export function openSent(app, subject) {
  return open(app, /^Sent/, subject)
}

/** Opens a letter that is not finished: it is in the Outbox. */
export function openWaiting(app, subject) {
  return open(app, /^Outbox/, subject)
}

async function open(app, place, subject) {
  await app.click('button', place)
  await app.click('option', subject)
  await app.find('region', /^Delivery$/)
}

/** Opens a page of the settings. */
export async function openSettings(app, page) {
  await app.click('button', /^Settings$/)
  await app.click('tab', page)
  return app.find('tabpanel', page)
}

/** Lets nothing wait for being taken back. */
export async function sendAtOnce(app) {
  await openSettings(app, 'Sending')
  const seconds = await app.fill(/^Seconds to take a letter back/, '0')
  await seconds.sendKeys(Key.TAB)
  await app.see(/Saved/)
}

/** Waits until the line of a recipient says this state. */
export function recipient(app, address, state, options) {
  const escaped = address.replaceAll('.', '\\.')
  return app.find('button', new RegExp(`^${escaped}, ${state}`), options)
}
