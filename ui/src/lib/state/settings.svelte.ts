// The settings that have a place in the window; the others are on the command line.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { SettingView } from '../engine/types';
import { SETTINGS, whyNot, type SettingOf } from '../pure/settings';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

const STAYS = 3000;

/** One setting while it is looked at and changed. */
export class Setting {
  readonly of: SettingOf;
  value = $state('');
  /** What it is without a choice. */
  usual = $state('');
  /** Why what was typed was not stored; empty while it was. */
  problem = $state('');
  /** Whether it was stored a moment ago. */
  saved = $state(false);
  #stored = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(of: SettingOf) {
    this.of = of;
  }

  get isUsual(): boolean {
    return this.value === this.usual;
  }

  /** Takes over what the engine says of it. */
  follow(listed: SettingView[]): void {
    const view = listed.find(({ key }) => key === this.of.key);
    this.usual = view?.default ?? '';
    this.#stored = view?.value ?? this.usual;
    this.value = this.#stored;
    this.problem = '';
  }

  /** Stores what is chosen or typed. What cannot be stays in its field, with the reason. */
  async save(): Promise<void> {
    const value = this.value.trim().replace(/\s*,\s*/g, ',');
    if (value === this.#stored) {
      this.value = value;
      this.problem = '';
      return;
    }
    this.problem = whyNot(this.of, value) ?? '';
    if (this.problem === '') await this.#set(value, value);
  }

  /** Back to what it is without a choice. */
  async reset(): Promise<void> {
    await this.#set(null, this.usual);
  }

  async #set(value: string | null, shown: string): Promise<void> {
    try {
      await call('setting_set', { key: this.of.key, value });
      this.#stored = shown;
      this.value = shown;
      this.problem = '';
      this.#say();
      await session.refreshSettings();
    } catch (error) {
      this.problem = asFailure(error).message;
    }
  }

  /** Said beside the field, and to those who do not see it. */
  #say(): void {
    this.saved = true;
    notices.announce(words.settings.saved);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.saved = false), STAYS);
  }
}

class Settings {
  readonly groups = SETTINGS.map(({ group, settings }) => ({
    group,
    settings: settings.map((of) => new Setting(of)),
  }));
  failure = $state.raw<CallFailed | null>(null);
  store = $state('keyring');

  async fetch(): Promise<void> {
    try {
      const listed = await call('setting_list', {});
      this.groups.flatMap(({ settings }) => settings).forEach((setting) => setting.follow(listed));
      this.failure = null;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  async fetchStore(): Promise<void> {
    await attempt(async () => {
      this.store = (await call('setting_get', { key: 'secrets.store' })) ?? 'keyring';
    });
  }

  async saveStore(): Promise<void> {
    await attempt(async () => {
      await call('setting_set', { key: 'secrets.store', value: this.store });
      notices.say(words.settings.saved);
    });
  }
}

export const settings = new Settings();
