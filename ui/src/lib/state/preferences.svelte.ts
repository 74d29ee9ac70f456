// Settings that have a switch where their effect is seen: how the window shows letters, and what is asked by itself.

import { call } from '../engine/call';
import { notices } from './notices.svelte';

class Preferences {
  /** Whether a row of a list is a conversation. */
  threads = $state(true);
  /** Whether a row takes one line. */
  compact = $state(false);
  /** Whether networks are checked without an order. */
  checksByItself = $state(true);

  async refresh(): Promise<void> {
    const [threads, compact, checks] = await Promise.all([
      call('setting_get', { key: 'window.threads' }),
      call('setting_get', { key: 'window.compact' }),
      call('setting_get', { key: 'checks.by_itself' }),
    ]);
    this.threads = threads !== 'false';
    this.compact = compact === 'true';
    this.checksByItself = checks !== 'false';
  }

  async setThreads(on: boolean): Promise<void> {
    this.threads = on;
    await this.#store('window.threads', on);
  }

  async setCompact(on: boolean): Promise<void> {
    this.compact = on;
    await this.#store('window.compact', on);
  }

  async setChecksByItself(on: boolean): Promise<void> {
    this.checksByItself = on;
    await this.#store('checks.by_itself', on);
  }

  async #store(key: string, on: boolean): Promise<void> {
    try {
      await call('setting_set', { key, value: String(on) });
    } catch (error) {
      notices.fail(error);
    }
  }
}

export const preferences = new Preferences();
