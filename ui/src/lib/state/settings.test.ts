import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SettingView } from '../engine/types';
import { SETTINGS, type SettingOf } from '../pure/settings';
import { Setting, settings } from './settings.svelte';

let stored: Record<string, string | null> = {};
let refused = false;
const all = SETTINGS.flatMap(({ settings }) => settings);

function setting(key: string, value: string | null, usual: string): Setting {
  const one = new Setting(all.find((of) => of.key === key) as SettingOf);
  one.follow([view(key, value, usual)]);
  return one;
}

function view(key: string, value: string | null, usual: string | null): SettingView {
  return { key, what: '', value, default: usual };
}

beforeEach(() => {
  stored = {};
  refused = false;
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: { key: string; value: string | null } };
    if (name === 'setting_get') return null;
    if (name === 'setting_list') return [view('outbound.dane', 'strict', 'when-proven'), view('net.dns', null, null)];
    if (refused) throw { code: 'invalid', message: 'That is no schedule.', hint: '' };
    stored[args.key] = args.value;
    return null;
  });
});

describe('a setting', () => {
  it('that is typed is stored without the spaces', async () => {
    const one = setting('outbound.schedule', null, '5m,1h');
    one.value = ' 5m, 2h ';
    await one.save();
    expect(stored['outbound.schedule']).toBe('5m,2h');
    expect(one.isUsual).toBe(false);
  });

  it('that cannot be stays in its field with the reason, and is not stored', async () => {
    const one = setting('outbound.schedule', null, '5m,1h');
    one.value = 'soon';
    await one.save();
    expect([one.value, one.problem === '', stored]).toEqual(['soon', false, {}]);
  });

  it('that the engine refuses says so in the engine’s words', async () => {
    refused = true;
    const one = setting('outbound.schedule', null, '5m,1h');
    one.value = '5m';
    await one.save();
    expect(one.problem).toBe('That is no schedule.');
  });

  it('goes back to what is usual by being unset', async () => {
    const one = setting('outbound.dane', 'strict', 'when-proven');
    await one.reset();
    expect([stored['outbound.dane'], one.value]).toEqual([null, 'when-proven']);
  });

  it('is what the engine lists, and what is usual comes from there too', async () => {
    await settings.fetch();
    const dane = settings.groups.flatMap((group) => group.settings).find(({ of }) => of.key === 'outbound.dane');
    expect([dane?.value, dane?.usual, dane?.isUsual]).toEqual(['strict', 'when-proven', false]);
  });
});
