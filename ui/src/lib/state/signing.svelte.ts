// The keys that letters are signed with, by domain.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { DkimDomain, DkimKeyView } from '../engine/types';
import { words } from '../words';
import { asking, withPasswords } from './asking.svelte';
import { attempt, notices } from './notices.svelte';

/** What is being done for a domain. */
export type Work = 'making' | 'checking';

class Signing {
  domains = $state.raw<DkimDomain[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);
  /** The domain that something is done for, and what. */
  busy = $state.raw<{ domain: string; work: Work } | null>(null);

  async fetch(): Promise<void> {
    try {
      this.domains = await call('dkim_list', {});
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  /** Makes keys; after a question where there are some, for then it means new ones in their place. */
  async make({ domain, keys }: DkimDomain): Promise<void> {
    const { againAsk, againText: text, again: accept } = words.signing;
    const question = { heading: againAsk(domain), text, accept, refuse: words.common.cancel, danger: false };
    if (keys.length > 0 && !(await asking.ask(question))) return;
    await this.#during(domain, 'making', async () => {
      this.#put(await withPasswords(() => call('dkim_make', { domain })));
      notices.announce(words.signing.made(domain));
    });
  }

  /** Asks DNS for the records. */
  async check({ domain }: DkimDomain): Promise<void> {
    await this.#during(domain, 'checking', async () => {
      this.#put(await call('dkim_check', { domain }));
      notices.announce(words.signing.checked(domain));
    });
  }

  /** Destroys a key, after a question. Tells whether it is gone. */
  async remove(key: DkimKeyView): Promise<boolean> {
    const { removeAsk, removeText, removeTextOnly, remove: accept, removed } = words.signing;
    const text = key.state === 'signing' ? removeTextOnly : removeText;
    const question = { heading: removeAsk(key.selector), text, accept, refuse: words.common.cancel, danger: true };
    if (!(await asking.ask(question))) return false;
    const done = await attempt(async () => {
      this.#put(await call('dkim_remove', { key: key.id }));
      notices.announce(removed);
      return true;
    });
    return done ?? false;
  }

  workOn({ domain }: DkimDomain): Work | null {
    const { busy } = this;
    return busy?.domain === domain ? busy.work : null;
  }

  #put(changed: DkimDomain): void {
    this.domains = this.domains.map((one) => (one.domain === changed.domain ? changed : one));
  }

  async #during(domain: string, work: Work, act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = { domain, work };
    await attempt(act);
    this.busy = null;
  }
}

export const signing = new Signing();
