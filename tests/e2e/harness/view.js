// What is in the window, found as a screen reader finds it: by role and name.

import { setTimeout as pause } from 'node:timers/promises'

/** How long something may take to appear before a test gives up on it. */
const PATIENCE = 10_000

export class View {
  #driver

  attach(driver) {
    this.#driver = driver
  }

  /** The element with this role whose name contains (a string) or matches (a RegExp) `name`; waits until it is there. */
  async find(role, name, options = {}) {
    const { patience = PATIENCE } = options
    return this.until(`${role} “${name}”`, async () => (await this.all(role, name, options))[0], patience)
  }

  /** All visible elements with this role and name, now. `within` limits the search to an element. */
  async all(role, name = '', { within = null } = {}) {
    const pattern = name instanceof RegExp ? { source: name.source, flags: name.flags } : { text: String(name) }
    return this.#driver.executeScript(elementsByRole, role, pattern, within)
  }

  async click(role, name, options) {
    // What was found may be drawn anew before it is clicked.
    return this.until(`${role} “${name}” to click`, async () => {
      const element = await this.find(role, name, options)
      try {
        await element.click()
      } catch (error) {
        // What lies under a bar that stays in place is in view for the driver, and cannot be clicked.
        if (error.name === 'ElementClickInterceptedError') await this.script(toTheMiddle, element)
        throw error
      }
      return element
    })
  }

  /** Writes into a field, in place of what was there. */
  async fill(name, text, { role = 'textbox', ...options } = {}) {
    const element = await this.find(role, name, options)
    await element.click()
    await this.script((it) => it.select(), element)
    await element.sendKeys(text)
    return element
  }

  /** Chooses in a list that folds out, by what is written there. */
  async choose(name, choice) {
    const list = await this.find('combobox', name)
    const option = await this.until(`choice “${choice}”`, () => this.script(optionOf, list, choice))
    await option.click()
    return list
  }

  async doubleClick(element) {
    await this.#driver.actions().doubleClick(element).perform()
  }

  /**
   * Lets the next dialogs for a file or folder answer this path. They are the system's own, which WebDriver does not
   * reach: the call for one is answered where it leaves the page.
   */
  async chooses(path) {
    await this.script((chosen) => {
      const send = (window.sendToShell ??= window.fetch)
      window.fetch = (address, options) =>
        /dialog(%7C|\|)(save|open)$/.test(decodeURI(String(address)))
          ? Promise.resolve(
              new Response(JSON.stringify(chosen), {
                headers: { 'Content-Type': 'application/json', 'Tauri-Response': 'ok' },
              }),
            )
          : send(address, options)
    }, path)
  }

  /** The name of what has the keyboard. */
  async focused() {
    return this.script(() => {
      const { activeElement: it } = document
      return (it?.getAttribute('aria-label') ?? it?.labels?.[0]?.textContent ?? it?.innerText ?? '').trim()
    })
  }

  async press(...keys) {
    await this.#driver.actions().sendKeys(...keys).perform()
  }

  /** A key while another one is held. */
  async chord(held, key) {
    await this.#driver.actions().keyDown(held).sendKeys(key).keyUp(held).perform()
  }

  /** All text that is visible, of the window or of an element. */
  async text(element = null) {
    return this.#driver.executeScript((it) => (it ?? document.body).innerText, element)
  }

  /** Waits until the text of the window (or of what `of` gives) matches. */
  async see(pattern, { patience = PATIENCE, of = null } = {}) {
    const matches = async () => {
      const text = await this.text(of ? await of() : null)
      return text.match(pattern)
    }
    return this.until(`the text ${pattern}`, matches, patience)
  }

  /** Waits until `probe` gives something; a stale element is looked for again. */
  async until(what, probe, patience = PATIENCE) {
    const deadline = Date.now() + patience
    let last
    for (;;) {
      try {
        const found = await probe()
        if (found) return found
        last = undefined
      } catch (error) {
        last = error
      }
      if (Date.now() > deadline) throw new Error(`After ${patience / 1000} s there is no ${what}`, { cause: last })
      await pause(100)
    }
  }

  /** Waits until what is in the document is on the screen, and nothing moves any more. */
  async painted() {
    await this.#driver.executeAsyncScript((done) => {
      const settled = document.getAnimations().map((animation) => animation.finished.catch(() => {}))
      const frames = () => requestAnimationFrame(() => requestAnimationFrame(done))
      Promise.race([Promise.all(settled), new Promise((resolve) => setTimeout(resolve, 500))]).then(frames)
    })
  }

  async script(body, ...args) {
    return this.#driver.executeScript(body, ...args)
  }

  /** Runs something in the window that takes its time: its last argument is called with what it gives. */
  async scriptThatTakesTime(body, ...args) {
    await this.#driver.manage().setTimeouts({ script: 120_000 })
    return this.#driver.executeAsyncScript(body, ...args)
  }

  /** Does something inside a frame, and comes back out of it. */
  async inFrame(frame, action) {
    await this.#driver.switchTo().frame(frame)
    try {
      return await action(this.#driver)
    } finally {
      await this.#driver.switchTo().defaultContent()
    }
  }
}

// Runs in the window.
function toTheMiddle(element) {
  element.scrollIntoView({ block: 'center' })
}

// Runs in the window.
function optionOf(list, choice) {
  return [...list.options].find((option) => option.text.trim() === choice)
}

// Runs in the window. The roles that HTML gives by itself, and the accessible name as far as our pages need it.
function elementsByRole(role, pattern, within) {
  const implied = {
    article: 'article',
    button: 'button, summary, input[type=button], input[type=submit]',
    checkbox: 'input[type=checkbox]',
    combobox: 'select',
    complementary: 'aside',
    dialog: 'dialog[open]',
    form: 'form',
    heading: 'h1, h2, h3, h4',
    link: 'a[href]',
    list: 'ul, ol',
    listitem: 'li',
    main: 'main',
    navigation: 'nav',
    option: 'option',
    radio: 'input[type=radio]',
    region: 'section[aria-label], section[aria-labelledby]',
    textbox: 'input:not([type]), input[type=text], input[type=email], input[type=password], textarea, [contenteditable=true]',
    searchbox: 'input[type=search]',
    spinbutton: 'input[type=number]',
    frame: 'iframe',
  }
  const selector = [`[role~="${role}"]`, implied[role] && `:is(${implied[role]}):not([role])`].filter(Boolean).join(', ')
  const labelled = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
  const name = (element) => {
    if (element.hasAttribute('aria-labelledby')) return labelled(element.getAttribute('aria-labelledby'))
    const said = element.getAttribute('aria-label')
    if (said) return said
    if (element.labels?.length) return [...element.labels].map((label) => label.textContent).join(' ')
    if (element.matches('input[type=submit], input[type=button]')) return element.value
    if (element.matches('iframe, input, textarea')) return element.title || element.placeholder || ''
    return element.innerText || element.title || ''
  }
  const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null
  const test = pattern.source === undefined
    ? (text) => text.toLowerCase().includes(pattern.text.toLowerCase())
    : (text) => new RegExp(pattern.source, pattern.flags).test(text)
  return [...(within ?? document).querySelectorAll(selector)]
    .filter((element) => visible(element) && test(name(element).replace(/\s+/g, ' ').trim()))
}
