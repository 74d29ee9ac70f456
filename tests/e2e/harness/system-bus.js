// A system bus of our own, with a logind on it that is played: what the program under test takes for the computer's.

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const program = process.env.POSTRIDER_BUS ?? join(here, '../../../target/debug/postrider-bus')
const PATIENCE = 30_000

export class SystemBus {
  #process
  #told = []
  #wake = () => {}

  static async start() {
    const bus = new SystemBus()
    bus.#process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: bus.#process.stdout }).on('line', (line) => {
      bus.#told.push(JSON.parse(line))
      bus.#wake()
    })
    await bus.#tells('address', (it) => it.bus)
    return bus
  }

  get address() {
    return this.#told[0].bus
  }

  /** How many locks it gave, and how many of them it has back. */
  get locks() {
    const count = (key) => this.#told.filter((it) => key in it).length
    return { given: count('lock'), back: count('given_back') }
  }

  /** Waits until it has given so many locks; what the last of these was asked for with. */
  async lock(count) {
    return (await this.#tells(`lock ${count}`, (it) => it.lock === count)).words
  }

  /** Waits until it has this lock back. */
  async givenBack(count) {
    await this.#tells(`lock ${count} back`, (it) => it.given_back === count)
  }

  /** Lets logind say `sleep`, `wake`, `shutdown` or `stay` to everybody. */
  async says(word) {
    const before = this.#told.length
    this.#process.stdin.write(`${word}\n`)
    await this.#tells(word, (it, at) => at >= before && it.said === word)
  }

  /** The processes on the bus. */
  async guests() {
    const before = this.#told.length
    this.#process.stdin.write('guests\n')
    return (await this.#tells('guests', (it, at) => at >= before && it.guests)).guests
  }

  async stop() {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.stdin.end()
    await gone
  }

  async #tells(what, fits) {
    const until = Date.now() + PATIENCE
    for (;;) {
      const found = this.#told.find(fits)
      if (found) return found
      if (this.#process.exitCode !== null) throw new Error('The played logind has ended')
      if (Date.now() > until) throw new Error(`The played logind did not tell of: ${what}`)
      await Promise.race([new Promise((resolve) => (this.#wake = resolve)), pause(500)])
    }
  }
}
