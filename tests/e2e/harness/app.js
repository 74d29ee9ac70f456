// The built application, started through WebKitWebDriver on a home of its own.

import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Builder, Capabilities } from 'selenium-webdriver'
import { turnDesktop } from './looks.js'
import { View } from './view.js'

const here = dirname(fileURLToPath(import.meta.url))
/** The program under test. */
export const binary = process.env.POSTRIDER_DESKTOP ?? join(here, '../../../target/debug/postrider-desktop')
export const output = join(here, '../output')
const place = process.env.POSTRIDER_E2E_PLACE

if (!place) throw new Error('These tests need a display and a keyring of their own: start them with tests/e2e/run')

/** A directory for one application, removed with everything else when the tests are over. */
export function newHome(name) {
  const home = join(place, 'homes', name)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  return home
}

/** How often something did not come. */
let failures = 0

/** The drivers of this test file, those of earlier windows as well. */
const drivers = new Set()
process.once('exit', () => drivers.forEach((driver) => driver.kill('SIGKILL')))

/** One run of the application, with its window. */
export class App extends View {
  #driver
  #process
  #program
  #home
  #args

  /**
   * Starts it; `args` go to the application behind `--home`, and `environment` is added to what it has from here:
   * `POSTRIDER_DESKTOP` is another copy of the program.
   */
  static async start(home, args = [], environment = {}) {
    const app = new App()
    app.#program = environment.POSTRIDER_DESKTOP ?? binary
    app.#home = home
    app.#args = ['--home', home, ...args]
    const port = await freePort()
    app.#process = startDriver(port, home, environment)
    app.#driver = await connect(port, app.#program, app.#args, app.#process)
    app.attach(app.#driver)
    return app
  }

  /** The process of the application. */
  get pid() {
    const pid = processOf(this.#program, this.#args)
    if (pid === undefined) throw new Error('The application is not running')
    return pid
  }

  get isRunning() {
    try {
      return this.pid > 0
    } catch {
      return false
    }
  }

  /** Ends it as a power cut would. */
  async kill() {
    process.kill(this.pid, 'SIGKILL')
    await this.#gone()
    await this.#dismiss()
  }

  /** Ends it as the end of a session does, and waits until it has gone. */
  async stop() {
    if (this.isRunning) process.kill(this.pid, 'SIGTERM')
    await this.#gone()
    await this.#dismiss()
  }

  /** Makes the window this large. */
  async resize(width, height) {
    await this.#driver.manage().window().setRect({ width, height })
  }

  /** Leaves two pictures of the window in the output, light and dark. */
  async screenshot(name) {
    await this.#picture(name)
    await this.#turn('dark')
    try {
      await this.#picture(`${name}-dark`)
    } finally {
      await this.#turn('light')
    }
  }

  /** As for every view; what was in the window when it did not come is left in the output. */
  async until(what, probe, patience) {
    try {
      return await super.until(what, probe, patience)
    } catch (error) {
      failures += 1
      await this.#picture(`failed-${failures}-${this.#home.split('/').pop()}`).catch(() => {})
      throw error
    }
  }

  async #picture(name) {
    await this.painted()
    writeFileSync(join(output, `${name}.png`), Buffer.from(await this.#driver.takeScreenshot(), 'base64'))
  }

  /** Turns the whole desktop light or dark, and waits until the window has followed. */
  async #turn(look) {
    turnDesktop(look)
    const follows = (wanted) => matchMedia('(prefers-color-scheme: dark)').matches === (wanted === 'dark')
    await super.until(`${look} window`, () => this.script(follows, look))
  }

  async #gone() {
    for (let tries = 0; this.isRunning; tries += 1) {
      if (tries > 100) throw new Error('The application did not end within 10 s')
      await pause(100)
    }
  }

  async #dismiss() {
    await Promise.race([this.#driver.quit().catch(() => {}), pause(2000)])
    this.#process.kill('SIGKILL')
  }
}

/** The process that runs a program with these arguments; `undefined` where none does. */
export function processOf(program, args) {
  const command = [program, ...args].join('\0') + '\0'
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && commandLine(entry) === command)
  return pid === undefined ? undefined : Number(pid)
}

/** Starts the application once more on a home where it runs: the second start hands over what it was given and ends. */
export function startAgain(home, args) {
  return new Promise((resolve, reject) => {
    const second = spawn(binary, ['--home', home, ...args], { stdio: 'ignore' })
    second.on('error', reject)
    second.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The second start ended with ${code}`))))
  })
}

function startDriver(port, home, environment) {
  const log = openSync(join(output, `${home.split('/').pop()}.log`), 'a')
  const env = { ...process.env, ...environment, TAURI_AUTOMATION: 'true', TAURI_WEBVIEW_AUTOMATION: 'true' }
  // What the application leaves where it was started goes with its home.
  const options = { env, cwd: home, stdio: ['ignore', log, log] }
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], options)
  closeSync(log)
  // A driver that nobody stopped keeps no test from ending, and does not outlive it.
  driver.unref()
  drivers.add(driver)
  return driver
}

async function connect(port, binary, args, driver) {
  const capabilities = new Capabilities({ browserName: 'wry', 'webkitgtk:browserOptions': { binary, args } })
  for (let tries = 0; ; tries += 1) {
    try {
      const builder = new Builder().forBrowser('wry').usingServer(`http://127.0.0.1:${port}`)
      return await builder.withCapabilities(capabilities).build()
    } catch (error) {
      // Selenium wraps what the socket said, and keeps no code of it.
      if (!/ECONNREFUSED/.test(error.message) || tries > 50) {
        driver.kill('SIGKILL')
        throw error
      }
      await pause(100)
    }
  }
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
