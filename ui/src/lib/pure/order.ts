// The order of a list that is changed by hand.

/** The list with one entry moved by some places; as it was, where that leads out of it. */
export function moved<T>(list: readonly T[], at: number, by: number): T[] {
  const to = at + by;
  const [entry, others] = [list[at], list.filter((_, index) => index !== at)];
  if (entry === undefined || to < 0 || to >= list.length) return [...list];
  return [...others.slice(0, to), entry, ...others.slice(to)];
}
