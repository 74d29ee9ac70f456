import { describe, expect, it } from 'vitest';
import { making, upToDate } from './overtaken';

/** Something that ends when it is told to. */
function held<T>(): { promise: Promise<T>; end: (value: T) => void; fail: (why: Error) => void } {
  let end: (value: T) => void = () => undefined;
  let fail: (why: Error) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { promise, end, fail };
}

describe('an answer about letters', () => {
  it('is asked for again where a change overtook it, once that is made', async () => {
    const answers = [held<string>(), held<string>()];
    let asked = 0;
    const answer = upToDate(() => answers[asked++]!.promise);
    await Promise.resolve();
    const change = held<null>();
    const made = making(change.promise);
    answers[0]!.end('of before');
    await new Promise((go) => setTimeout(go));
    expect(asked).toBe(1);
    change.end(null);
    await made;
    answers[1]!.end('of after');
    expect(await answer).toBe('of after');
    expect(asked).toBe(2);
  });

  it('waits for what is being changed, and not for longer where that fails', async () => {
    const change = held<null>();
    const made = making(change.promise);
    let asked = 0;
    const answer = upToDate(() => Promise.resolve(++asked));
    await new Promise((go) => setTimeout(go));
    expect(asked).toBe(0);
    change.fail(new Error('refused'));
    await expect(made).rejects.toThrow('refused');
    expect(await answer).toBe(1);
  });

  it('is passed on at once where nothing is changed', async () => {
    expect(await upToDate(() => Promise.resolve('rows'))).toBe('rows');
    await expect(upToDate(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });
});
