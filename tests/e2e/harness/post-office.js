// The practice post office as a process of its own, with an account on it, by the command line.

import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { connect } from 'node:tls'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newHome } from './app.js'

const here = dirname(fileURLToPath(import.meta.url))
const postrider = process.env.POSTRIDER_CLI ?? join(here, '../../../target/debug/postrider')

export class PostOffice {
  #process
  #info

  /**
   * Starts it, and adds its account to the application at `home`; `direct`: without its submission server;
   * `account: false`: without the account, which is to be added by hand, and `authority: false`: its certificates are
   * signed by nobody that the application knows.
   */
  static async start(home, { direct = false, account = true, authority = true } = {}) {
    const office = new PostOffice()
    const own = newHome(`${home.split('/').pop()}-office`)
    const args = ['--home', own, '--json', 'practice']
    office.#process = spawn(postrider, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: office.#process.stdout })
    const { value: line } = await lines[Symbol.asyncIterator]().next()
    if (!line) throw new Error('The practice post office did not start')
    office.#info = JSON.parse(line)
    await office.#introduce(home, authority)
    if (account) await office.#addAccount(home, direct)
    return office
  }

  /** Where one hands in letters, and the login for it. */
  get submission() {
    const { submission, user, password } = this.#info
    const [host, port] = submission.split(':')
    return { host, port, user, password }
  }

  /** Where its name server is. */
  get dns() {
    return this.#info.dns
  }

  /** The login of its one account, and where it reads. */
  get reading() {
    const { address, user, password, imap } = this.#info
    const [host, port] = imap.split(':')
    return { address, user, password, host, port }
  }

  async #introduce(home, authority) {
    const { dns, smtp_port, ca } = this.#info
    const trusted = authority ? { 'net.extra_ca': ca } : {}
    const settings = { 'net.dns': dns, 'net.smtp_port': String(smtp_port), ...trusted }
    for (const [key, value] of Object.entries(settings)) await run(['--home', home, 'config', 'set', key, value])
  }

  async #addAccount(home, direct) {
    const { address, user, password, imap, submission } = this.#info
    const smtp = direct ? [] : ['--smtp', submission, '--smtp-security', 'starttls']
    const servers = ['--imap', imap, '--imap-security', 'tls', ...smtp]
    await run(['--home', home, 'account', 'add', address, ...servers, '--user', user, '--password-stdin'], password)
  }

  /** Puts letters into the INBOX, as if they had come in. */
  append(...letters) {
    return this.put('INBOX', letters)
  }

  /** Puts letters into a mailbox, with these flags, as if they had come at this time (an IMAP date-time). */
  async put(mailbox, letters, flags = '', received = '') {
    const { imap, ca, user, password } = this.#info
    const [host, port] = imap.split(':')
    const socket = connect({ host, port: Number(port), ca: readFileSync(ca), checkServerIdentity: () => undefined })
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    const answered = async (tag) => {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error('The IMAP server hung up')
        if (value.startsWith(`${tag} OK`) || value.startsWith('+')) return
        if (value.startsWith(tag)) throw new Error(value)
      }
    }
    await answered('*')
    socket.write(`a LOGIN "${user}" "${password}"\r\n`)
    await answered('a')
    for (const letter of letters) {
      socket.write(`b APPEND ${mailbox} (${flags})${received && ` "${received}"`} {${Buffer.byteLength(letter)}}\r\n`)
      await answered('b')
      socket.write(`${letter}\r\n`)
      await answered('b')
    }
    socket.end('c LOGOUT\r\n')
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await gone
  }
}

/** Gives a command to the application at `home`. */
export function command(home, args, input) {
  return run(['--home', home, ...args], input)
}

function run(args, input = '') {
  return new Promise((resolve, reject) => {
    const child = execFile(postrider, args, (error, stdout, stderr) => {
      if (error) reject(new Error(`postrider ${args.join(' ')}: ${stderr || error.message}`))
      else resolve(stdout)
    })
    child.stdin.end(input)
  })
}
