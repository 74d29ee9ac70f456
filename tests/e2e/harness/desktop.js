// What a desktop does to a window: its close button, its own dialogs, and a place for tray icons. All are spoken on the wire
// (X11, D-Bus), only as far as they are needed here.

import { connect } from 'node:net'

const WM_PROTOCOLS = 'WM_PROTOCOLS'
const WM_DELETE_WINDOW = 'WM_DELETE_WINDOW'
const NET_WM_PID = '_NET_WM_PID'
const ANY = 0
const CLIENT_MESSAGE = 33
const IS_VIEWABLE = 2
const KEY_PRESS = 2
const KEY_RELEASE = 3
/** Keys by where they are on the keyboard, as X counts them. */
const KEYS = { Escape: 9, Tab: 23, Return: 36, Down: 116 }

/** The display that the tests run on. */
class Display {
  #socket
  #bytes
  root

  static async open() {
    const display = new Display()
    const number = process.env.DISPLAY.replace(/^.*:/, '').replace(/\..*$/, '')
    display.#socket = connect(`/tmp/.X11-unix/X${number}`)
    display.#bytes = new Bytes(display.#socket)
    const hello = Buffer.alloc(12)
    hello.write('l', 0)
    hello.writeUInt16LE(11, 2)
    display.#socket.write(hello)
    const head = await display.#bytes.take(8)
    if (head[0] !== 1) throw new Error('The display does not let us in')
    const setup = await display.#bytes.take(head.readUInt16LE(6) * 4)
    const vendor = Math.ceil(setup.readUInt16LE(16) / 4) * 4
    display.root = setup.readUInt32LE(32 + vendor + setup[21] * 8)
    return display
  }

  close() {
    this.#socket.destroy()
  }

  async atom(name) {
    const text = Buffer.from(name)
    const answer = await this.#ask(16, 0, Buffer.concat([words16(text.length, 0), text]))
    return answer.readUInt32LE(8)
  }

  async children(window) {
    const answer = await this.#ask(15, 0, words32(window))
    return Array.from({ length: answer.readUInt16LE(16) }, (_, at) => answer.readUInt32LE(32 + at * 4))
  }

  /** The numbers in a property of a window. */
  async property(window, atom) {
    const answer = await this.#ask(20, 0, words32(window, atom, ANY, 0, 64))
    return answer[1] === 32 ? Array.from({ length: answer.readUInt32LE(16) }, (_, at) => answer.readUInt32LE(32 + at * 4)) : []
  }

  /** How much of the screen a window takes. */
  async extent(window) {
    const answer = await this.#ask(14, 0, words32(window))
    return answer.readUInt16LE(16) * answer.readUInt16LE(18)
  }

  async isShown(window) {
    return (await this.#ask(3, 0, words32(window)))[26] === IS_VIEWABLE
  }

  /** Tells a window something, as its manager does. */
  async tell(window, type, data) {
    const event = Buffer.alloc(32)
    event[0] = CLIENT_MESSAGE
    event[1] = 32
    event.writeUInt32LE(window, 4)
    event.writeUInt32LE(type, 8)
    event.writeUInt32LE(data, 12)
    this.#send(25, 0, Buffer.concat([words32(window, 0), event]))
    // An answer to anything says that this has arrived.
    await this.children(this.root)
  }

  /** Gives the keyboard to a window. */
  async focus(window) {
    this.#send(42, 0, words32(window, 0))
    await this.children(this.root)
  }

  /** Presses a key, as a hand does (XTEST). */
  async press(keycode) {
    const extension = Buffer.from('XTEST')
    const answer = await this.#ask(98, 0, Buffer.concat([words16(extension.length, 0), extension]))
    for (const kind of [KEY_PRESS, KEY_RELEASE]) {
      const event = Buffer.alloc(32)
      event[0] = kind
      event[1] = keycode
      this.#send(answer[9], 2, event)
    }
    await this.children(this.root)
  }

  #send(opcode, detail, body) {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    const head = Buffer.from([opcode, detail, 0, 0])
    head.writeUInt16LE(1 + padded.length / 4, 2)
    this.#socket.write(Buffer.concat([head, padded]))
  }

  async #ask(opcode, detail, body) {
    this.#send(opcode, detail, body)
    for (;;) {
      const head = await this.#bytes.take(32)
      if (head[0] === 0) throw new Error(`The display refused request ${opcode}: error ${head[1]}`)
      if (head[0] === 1) return Buffer.concat([head, await this.#bytes.take(head.readUInt32LE(4) * 4)])
    }
  }
}

/** Everything of a program that can be closed, on the screen or not, the largest first. */
async function windowsOf(display, pid) {
  const pids = await display.atom(NET_WM_PID)
  const protocols = await display.atom(WM_PROTOCOLS)
  const wanted = await display.atom(WM_DELETE_WINDOW)
  const found = []
  for (const window of await display.children(display.root)) {
    const [owner] = await display.property(window, pids)
    if (owner !== pid || !(await display.property(window, protocols)).includes(wanted)) continue
    found.push({ window, protocols, wanted, extent: await display.extent(window) })
  }
  return found.sort((one, other) => other.extent - one.extent)
}

/** The main window of a program: the largest of them. */
async function windowOf(display, pid) {
  const [main] = await windowsOf(display, pid)
  if (!main) throw new Error(`The program ${pid} has no window`)
  return main
}

/** A dialog of the system over a program's main window, which WebDriver does not reach. */
async function dialogOf(display, pid) {
  const [, ...others] = await windowsOf(display, pid)
  for (const { window } of others) if (await display.isShown(window)) return window
  return null
}

async function withDisplay(act) {
  const display = await Display.open()
  try {
    return await act(display)
  } finally {
    display.close()
  }
}

/** Presses the close button of a program's window. */
export function pressClose(pid) {
  return withDisplay(async (display) => {
    const { window, protocols, wanted } = await windowOf(display, pid)
    await display.tell(window, protocols, wanted)
  })
}

/** Whether a dialog of the system is open over a program's window. */
export function hasDialog(pid) {
  return withDisplay(async (display) => (await dialogOf(display, pid)) !== null)
}

/** Presses keys in the dialog of the system that is open over a program's window. */
export function pressInDialog(pid, ...keys) {
  return withDisplay(async (display) => {
    const dialog = await dialogOf(display, pid)
    if (dialog === null) throw new Error(`The program ${pid} shows no dialog`)
    await display.focus(dialog)
    for (const key of keys) await display.press(KEYS[key])
  })
}

/** Whether a program's window is on the screen. */
export function isShown(pid) {
  return withDisplay(async (display) => display.isShown((await windowOf(display, pid)).window))
}

/** A place for tray icons, as far as programs look for one: its name is on the session bus until it is taken away. */
export class Tray {
  #socket

  static async begin() {
    const tray = new Tray()
    const [, kind, path] = /unix:(path|abstract)=([^,;]+)/.exec(process.env.DBUS_SESSION_BUS_ADDRESS)
    tray.#socket = connect(kind === 'path' ? path : `\0${path}`)
    const bytes = new Bytes(tray.#socket)
    tray.#socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(process.getuid())).toString('hex')}\r\n`)
    if (!(await bytes.line()).startsWith('OK')) throw new Error('The session bus does not let us in')
    tray.#socket.write('BEGIN\r\n')
    tray.#socket.write(busCall(1, 'Hello'))
    tray.#socket.write(busCall(2, 'RequestName', 'org.kde.StatusNotifierWatcher'))
    // Two answers and a signal or two; nothing in them is needed but that they came.
    await bytes.take(64)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return tray
  }

  end() {
    this.#socket.destroy()
  }
}

/** A call of the bus itself (D-Bus Specification, "Message Protocol"), with a name and flags where one is given. */
function busCall(serial, member, name) {
  const body = name === undefined ? Buffer.alloc(0) : Buffer.concat([busString(name, 0), words32(4)])
  const aligned = name === undefined ? body : Buffer.concat([pad(busString(name, 0), 4), words32(4)])
  const fields = [
    [1, 'o', '/org/freedesktop/DBus'],
    [6, 's', 'org.freedesktop.DBus'],
    [2, 's', 'org.freedesktop.DBus'],
    [3, 's', member],
    ...(name === undefined ? [] : [[8, 'g', 'su']]),
  ]
  let header = Buffer.alloc(0)
  for (const [code, type, value] of fields) {
    header = pad(header, 8)
    const signature = Buffer.from([code, 1, type.charCodeAt(0), 0])
    const text = type === 'g' ? Buffer.concat([Buffer.from([value.length]), Buffer.from(`${value}\0`)]) : busString(value)
    header = Buffer.concat([header, signature, text])
  }
  const start = Buffer.concat([Buffer.from('l'), Buffer.from([1, 0, 1]), words32(aligned.length, serial, header.length)])
  return Buffer.concat([pad(Buffer.concat([start, header]), 8), aligned])
}

function busString(text) {
  return Buffer.concat([words32(Buffer.byteLength(text)), Buffer.from(`${text}\0`)])
}

function pad(buffer, to) {
  return Buffer.concat([buffer, Buffer.alloc((to - (buffer.length % to)) % to)])
}

function words16(...all) {
  return all.reduce((buffer, word, at) => (buffer.writeUInt16LE(word, at * 2), buffer), Buffer.alloc(all.length * 2))
}

function words32(...all) {
  return all.reduce((buffer, word, at) => (buffer.writeUInt32LE(word, at * 4), buffer), Buffer.alloc(all.length * 4))
}

/** What comes from a socket, as it is asked for. */
class Bytes {
  #held = Buffer.alloc(0)
  #wake = () => {}
  #ended = false

  constructor(socket) {
    socket.on('data', (data) => {
      this.#held = Buffer.concat([this.#held, data])
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    socket.on('close', end)
    socket.on('error', end)
  }

  async take(count) {
    await this.#until(() => this.#held.length >= count)
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }

  async line() {
    await this.#until(() => this.#held.includes('\n'))
    return (await this.take(this.#held.indexOf('\n') + 1)).toString('latin1')
  }

  async #until(there) {
    while (!there()) {
      if (this.#ended) throw new Error('The connection was closed')
      await new Promise((resolve) => (this.#wake = resolve))
    }
  }
}
