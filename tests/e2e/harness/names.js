// A name server in front of another one: it names the services of domains, and passes on everything else.

import { createSocket } from 'node:dgram'

const SRV = 33

export class Names {
  #socket
  #services

  /** `services` leads from names like `_imaps._tcp.example.org` to `{ host, port }`; others are asked at `upstream`. */
  static async start(upstream, services) {
    const names = new Names()
    names.#services = new Map(Object.entries(services))
    names.#socket = createSocket('udp4')
    names.#socket.on('message', (question, from) => {
      const answer = names.#answer(question)
      if (answer) names.#socket.send(answer, from.port, from.address)
      else passOn(question, upstream, (octets) => names.#socket.send(octets, from.port, from.address))
    })
    await new Promise((resolve) => names.#socket.bind(0, '127.0.0.1', resolve))
    return names
  }

  get address() {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  stop() {
    this.#socket.close()
  }

  #answer(question) {
    const { name, type, end } = asked(question)
    const service = this.#services.get(name)
    if (type !== SRV || !service) return null
    const head = Buffer.from(question.subarray(0, 12))
    // An authoritative answer, of one record.
    head.writeUInt16BE(0x8580, 2)
    head.writeUInt16BE(1, 6)
    head.writeUInt16BE(0, 8)
    head.writeUInt16BE(0, 10)
    const target = labels(service.host)
    const record = Buffer.alloc(18)
    record.writeUInt16BE(0xc00c, 0)
    record.writeUInt16BE(SRV, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt32BE(60, 6)
    record.writeUInt16BE(6 + target.length, 10)
    record.writeUInt16BE(service.port, 16)
    return Buffer.concat([head, question.subarray(12, end), record, target])
  }
}

/** The first question of a message: its name in lower case, its type, and where it ends. */
function asked(message) {
  const parts = []
  let at = 12
  for (; message[at] > 0; at += message[at] + 1) parts.push(message.toString('latin1', at + 1, at + 1 + message[at]))
  return { name: parts.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

function labels(name) {
  const parts = name.split('.').flatMap((part) => [Buffer.from([part.length]), Buffer.from(part)])
  return Buffer.concat([...parts, Buffer.from([0])])
}

function passOn(question, upstream, answered) {
  const [host, port] = upstream.split(':')
  const socket = createSocket('udp4')
  const gone = setTimeout(() => socket.close(), 5000)
  socket.on('message', (octets) => {
    clearTimeout(gone)
    socket.close()
    answered(octets)
  })
  socket.send(question, Number(port), host)
}
