// A password while it is being typed. What is stored cannot be read back; it can only be replaced.

import { asFailure, type CallFailed } from '../engine/call';
import type { AccountId } from '../engine/types';
import { words } from '../words';
import { setPassword } from './accounts';
import { notices } from './notices.svelte';

export class NewPassword {
  text = $state('');
  busy = $state(false);
  /** Why it was not stored: the login did not work, or could not be tried. */
  failure = $state.raw<CallFailed | null>(null);

  /** Stores it: for one smart host, or with `null` for the account. It is tested first, unless that is not wanted. */
  async save(account: AccountId, smartHost: string | null, untested = false): Promise<void> {
    if (this.busy || this.text === '') return;
    this.busy = true;
    this.failure = null;
    try {
      await setPassword(account, smartHost, this.text, untested);
      this.text = '';
      notices.say(words.settings.passwordSet);
    } catch (error) {
      this.failure = asFailure(error);
    } finally {
      this.busy = false;
    }
  }
}
