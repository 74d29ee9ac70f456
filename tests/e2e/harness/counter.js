// A web server on loopback that counts who asked for what.

import { createServer } from 'node:http'

/** A blue square. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mOQj+/GihiGlgQAyD9CQeo6ejcAAAAASUVORK5CYII=',
  'base64',
)

export class Counter {
  /** The names that were asked for, in order. */
  hits = []
  /** What was told with each. */
  headers = []
  #server

  static async start() {
    const counter = new Counter()
    counter.#server = createServer((request, response) => {
      counter.hits.push(request.url.slice(1))
      counter.headers.push(request.headers)
      response.setHeader('Content-Type', 'image/png')
      response.end(PNG)
    })
    await new Promise((resolve) => counter.#server.listen(0, '127.0.0.1', resolve))
    // A counter that counts nothing would find every letter harmless.
    await fetch(counter.url('self-test'))
    if (counter.hits.length !== 1) throw new Error('The counter does not count')
    counter.hits = []
    counter.headers = []
    return counter
  }

  url(name) {
    return `http://127.0.0.1:${this.#server.address().port}/${name}`
  }

  stop() {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
