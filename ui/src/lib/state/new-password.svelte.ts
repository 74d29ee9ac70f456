// A password while it is being typed. What is stored can not be read back; it can only be replaced.

import type { AccountId } from '../engine/types';
import { words } from '../words';
import { setPassword } from './accounts';
import { attempt, notices } from './notices.svelte';

export class NewPassword {
  text = $state('');

  /** Stores it: for one smart host, or with `null` for the account. */
  async save(account: AccountId, smartHost: string | null): Promise<void> {
    await attempt(async () => {
      await setPassword(account, smartHost, this.text);
      this.text = '';
      notices.say(words.settings.passwordSet);
    });
  }
}
