// One question at a time, answered with yes or no.

import { CallFailed, call } from '../engine/call';
import { words } from '../words';

/** A question with its two answers. */
export type Question = { heading: string; text: string; accept: string; refuse: string; danger: boolean };

class Asking {
  question = $state.raw<Question | null>(null);
  #answer: ((yes: boolean) => void) | null = null;

  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.question = question;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(yes: boolean): void {
    const resolve = this.#answer;
    this.#answer = null;
    this.question = null;
    resolve?.(yes);
  }
}

export const asking = new Asking();

/** Does what stores a password. Where there is no keyring, the user may choose a file; nothing is chosen silently. */
export async function withPasswords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CallFailed) || error.code !== 'no-keyring') throw error;
    const { heading, text, accept, refuse } = words.keyring;
    if (!(await asking.ask({ heading, text, accept, refuse, danger: false }))) throw error;
    await call('setting_set', { key: 'secrets.store', value: 'file' });
    return work();
  }
}
