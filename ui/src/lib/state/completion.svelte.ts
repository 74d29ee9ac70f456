// Who may be meant while a recipient is typed. One for each field.

import { call } from '../engine/call';
import type { ContactSuggestion } from '../engine/types';
import { isAddress } from '../pure/address';

const AFTER = 40;
const MOST = 8;

/** What is typed of the last recipient: the part behind the last comma. */
export function lastPart(text: string): string {
  return (/[^,;\n]*$/.exec(text)?.[0] ?? '').trim();
}

export class Completion {
  list = $state.raw<ContactSuggestion[]>([]);
  /** The one that Enter takes; none until something was typed. */
  at = $state(-1);
  /** Whether one was chosen with the arrows or the pointer, rather than by being the first. */
  picked = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  get open(): boolean {
    return this.list.length > 0;
  }

  get chosen(): ContactSuggestion | undefined {
    return this.list[this.at];
  }

  /** Whom Enter takes: an address that is typed whole means itself, unless another one was picked. */
  means(text: string): ContactSuggestion | undefined {
    const { chosen } = this;
    const typed = lastPart(text);
    const same = chosen?.address.toLowerCase() === typed.toLowerCase();
    return this.picked || same || !isAddress(typed) ? chosen : undefined;
  }

  /** Something was typed. */
  look(text: string, without: string[]): void {
    clearTimeout(this.#timer);
    const typed = lastPart(text);
    if (typed === '') {
      this.close();
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(typed, without), AFTER);
  }

  /** Who is meant by what was typed, for whoever cannot wait. */
  async now(text: string, without: string[]): Promise<ContactSuggestion | undefined> {
    clearTimeout(this.#timer);
    await this.#ask(lastPart(text), without);
    return this.chosen;
  }

  step(by: number): void {
    const count = this.list.length;
    if (count > 0) this.pick((this.at + by + count) % count);
  }

  pick(at: number): void {
    this.at = at;
    this.picked = true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.list = [];
    this.at = -1;
    this.picked = false;
  }

  async #ask(typed: string, without: string[]): Promise<void> {
    const turn = ++this.#turn;
    // A courtesy: not knowing anybody must not disturb the writing.
    const found = await call('contact_complete', { typed, without, limit: MOST }).catch(() => []);
    if (turn !== this.#turn) return;
    this.picked = false;
    this.list = found;
    this.at = found.length > 0 ? 0 : -1;
  }
}
