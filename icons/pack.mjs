// Packs the PNG sizes into icon.ico (Windows) and icon.icns (macOS). Both formats hold PNG as it is.
import { readFileSync, writeFileSync } from 'node:fs'

const png = (size) => readFileSync(`${size}.png`)

// An ICO: a six-byte header, a sixteen-byte entry for each image, the images. A size of 256 is written as 0.
function ico(sizes) {
  const images = sizes.map(png)
  const header = Buffer.alloc(6 + 16 * sizes.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(sizes.length, 4)
  let offset = header.length
  sizes.forEach((size, index) => {
    const entry = 6 + 16 * index
    header.writeUInt8(size % 256, entry)
    header.writeUInt8(size % 256, entry + 1)
    header.writeUInt16LE(1, entry + 4)
    header.writeUInt16LE(32, entry + 6)
    header.writeUInt32LE(images[index].length, entry + 8)
    header.writeUInt32LE(offset, entry + 12)
    offset += images[index].length
  })
  return Buffer.concat([header, ...images])
}

// An ICNS: a magic word and the whole length, then for each image its type, its length and the image.
function icns(types) {
  const chunk = (type, body) => {
    const head = Buffer.alloc(8)
    head.write(type, 0, 'ascii')
    head.writeUInt32BE(8 + body.length, 4)
    return Buffer.concat([head, body])
  }
  return chunk('icns', Buffer.concat(types.map(([type, size]) => chunk(type, png(size)))))
}

writeFileSync('icon.ico', ico([16, 32, 48, 64, 256]))
writeFileSync('icon.icns', icns([['ic11', 32], ['ic12', 64], ['ic07', 128], ['ic08', 256], ['ic09', 512]]))
