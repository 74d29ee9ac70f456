// Texts with the words in them that were searched for.

/** Part of a text: from the first up to the second, as strings count. */
export type Span = [number, number];

/** A piece of a text, and whether it is a hit. */
export type Piece = { text: string; hit: boolean };

/** The text in pieces, hits apart from the rest. Spans that are not in the text are left out. */
export function piecesOf(text: string, spans: readonly Span[]): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const [from, to] of spans) {
    if (from < end || to <= from || to > text.length) continue;
    if (from > end) pieces.push({ text: text.slice(end, from), hit: false });
    pieces.push({ text: text.slice(from, to), hit: true });
    end = to;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hit: false });
  return pieces;
}
