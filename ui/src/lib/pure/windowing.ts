// Which rows of a long list are drawn and fetched, and how it keeps its place.

/** Indices from `first` up to, not including, `end`. */
export type Range = { first: number; end: number };

/** The rows to draw: those in view and some on either side. */
export function rowsInView(scrollTop: number, height: number, rowHeight: number, count: number, extra = 6): Range {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - extra);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + extra);
  return { first: Math.min(first, count), end: Math.max(end, Math.min(first, count)) };
}

/** Offsets of the pages that hold these rows. */
export function pagesOf({ first, end }: Range, pageSize: number): number[] {
  const pages: number[] = [];
  for (let page = Math.floor(first / pageSize); page * pageSize < end; page += 1) pages.push(page * pageSize);
  return pages;
}

/** Where to scroll so that a row is in view; the same place if it already is. */
export function scrollToShow(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return Math.max(0, top + rowHeight - height);
  return scrollTop;
}

/** Rows with an index taken out: what was below moves up. */
export function withoutRow<T>(rows: ReadonlyMap<number, T>, index: number): Map<number, T> {
  const next = new Map<number, T>();
  for (const [at, row] of rows) {
    if (at !== index) next.set(at > index ? at - 1 : at, row);
  }
  return next;
}

/** The index of a key among loaded rows, or -1. */
export function indexOfKey<T>(rows: ReadonlyMap<number, T>, key: string, keyOf: (row: T) => string): number {
  for (const [index, row] of rows) {
    if (keyOf(row) === key) return index;
  }
  return -1;
}
