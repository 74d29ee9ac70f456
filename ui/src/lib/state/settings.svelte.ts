// The settings that have a place in the window; the others are on the command line.

import { call } from '../engine/call';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

class Settings {
  undoSeconds = $state(10);
  store = $state('keyring');

  async fetch(): Promise<void> {
    this.undoSeconds = session.undoSeconds;
    await attempt(async () => {
      this.store = (await call('setting_get', { key: 'secrets.store' })) ?? 'keyring';
    });
  }

  async saveUndoSeconds(): Promise<void> {
    const seconds = Math.min(Math.max(Math.round(Number(this.undoSeconds) || 0), 0), 120);
    this.undoSeconds = seconds;
    await this.#save('outbound.undo_seconds', String(seconds));
    session.undoSeconds = seconds;
  }

  async saveStore(): Promise<void> {
    await this.#save('secrets.store', this.store);
  }

  async #save(key: string, value: string): Promise<void> {
    await attempt(async () => {
      await call('setting_set', { key, value });
      notices.say(words.settings.saved);
    });
  }
}

export const settings = new Settings();
