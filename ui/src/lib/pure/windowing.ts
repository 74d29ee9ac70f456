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

/** Rows with some taken out: what was below moves up. */
export function withoutRows<T>(rows: ReadonlyMap<number, T>, out: ReadonlySet<number>): Map<number, T> {
  const next = new Map<number, T>();
  let gone = 0;
  const last = Math.max(-1, ...rows.keys());
  for (let at = 0; at <= last; at += 1) {
    const row = rows.get(at);
    if (out.has(at)) gone += 1;
    else if (row !== undefined) next.set(at - gone, row);
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

/** The tallest element: browsers lose count somewhere above 33 million pixels (WebKit: 2^25). */
export const TALLEST = 15_000_000;

/** How tall the content is, how much of it is seen, and how tall the element is that stands for it. */
export type Span = { content: number; view: number };

/** How far the content can be scrolled, and how far the element that stands for it. */
function ways({ content, view }: Span): { content: number; element: number } {
  return { content: Math.max(0, content - view), element: Math.max(0, Math.min(content, TALLEST) - view) };
}

/** Where the element is scrolled to when the content is at `top`. The same, unless the content is too tall. */
export function elementTop(top: number, span: Span): number {
  const way = ways(span);
  const at = Math.min(Math.max(top, 0), way.content);
  return span.content <= TALLEST ? at : Math.round((at / way.content) * way.element);
}

/**
 * Where the content is after the element was scrolled from `from` to `to`. Small steps are steps of the content; a leap,
 * as when the bar is dragged, goes to the same part of it.
 */
export function contentTop(top: number, from: number, to: number, span: Span): number {
  if (span.content <= TALLEST) return to;
  const way = ways(span);
  if (to <= 0) return 0;
  if (to >= way.element) return way.content;
  const step = to - from;
  const moved = Math.abs(step) <= span.view * 2 ? top + step : (to / way.element) * way.content;
  return Math.min(Math.max(moved, 0), way.content);
}
