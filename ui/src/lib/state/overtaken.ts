// What is shown of letters is changed before the engine has made the change. An answer to a question that was asked before
// that may not know of it, and would take it back.

let begun = 0;
const underWay = new Set<Promise<unknown>>();

/** Makes a change that is shown already. */
export async function making<T>(change: Promise<T>): Promise<T> {
  begun += 1;
  underWay.add(change);
  try {
    return await change;
  } finally {
    underWay.delete(change);
  }
}

/** An answer that knows of every change that is shown: one that a change overtook is asked for again. */
export async function upToDate<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    await Promise.allSettled(underWay);
    const before = begun;
    const answer = await ask();
    if (before === begun) return answer;
  }
}
