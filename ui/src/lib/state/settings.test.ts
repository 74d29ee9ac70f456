import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it } from 'vitest';
import { SETTINGS, type SettingOf } from '../pure/settings';
import { Setting } from './settings.svelte';

let stored: Record<string, string | null> = {};
let refused = false;
const all = SETTINGS.flatMap(({ settings }) => settings);
const setting = (key: string) => new Setting(all.find((of) => of.key === key) as SettingOf);

beforeEach(() => {
  stored = {};
  refused = false;
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: { key: string; value: string | null } };
    if (name === 'setting_get') return stored[args.key] ?? null;
    if (refused) throw { code: 'invalid', message: 'That is no schedule.', hint: '' };
    stored[args.key] = args.value;
    return null;
  });
});

describe('a setting', () => {
  it('that is typed is stored without the spaces', async () => {
    const one = setting('outbound.schedule');
    await one.fetch();
    one.value = ' 5m, 2h ';
    await one.save();
    expect(stored['outbound.schedule']).toBe('5m,2h');
    expect(one.isUsual).toBe(false);
  });

  it('that can not be stays in its field with the reason, and is not stored', async () => {
    const one = setting('outbound.schedule');
    one.value = 'soon';
    await one.save();
    expect([one.value, one.problem === '', stored]).toEqual(['soon', false, {}]);
  });

  it('that the engine refuses says so in the engine’s words', async () => {
    refused = true;
    const one = setting('outbound.schedule');
    one.value = '5m';
    await one.save();
    expect(one.problem).toBe('That is no schedule.');
  });

  it('goes back to what is usual by being unset', async () => {
    const one = setting('outbound.dane');
    stored['outbound.dane'] = 'strict';
    await one.fetch();
    await one.reset();
    expect([stored['outbound.dane'], one.value]).toEqual([null, 'when-proven']);
  });
});
