import { beforeEach, expect, it, vi } from 'vitest';

const call = vi.hoisted(() => vi.fn());
vi.mock('../engine/call', () => ({ call }));
vi.mock('./notices.svelte', () => ({ notices: { fail: vi.fn() } }));

import { notices } from './notices.svelte';
import { preferences } from './preferences.svelte';

let stored: Record<string, string>;

beforeEach(() => {
  stored = {};
  call.mockReset();
  call.mockImplementation(async (name: string, { key, value }: { key: string; value: string }) => {
    if (name === 'setting_set') stored[key] = value;
    return stored[key] ?? null;
  });
});

it('networks are checked automatically unless that was turned off', async () => {
  await preferences.refresh();
  expect(preferences.checksByItself).toBe(true);
  await preferences.setChecksByItself(false);
  expect(stored).toEqual({ 'checks.by_itself': 'false' });
  await preferences.refresh();
  expect(preferences.checksByItself).toBe(false);
});

it('a choice that is not kept is said', async () => {
  call.mockRejectedValue(new Error('the disk is full'));
  await preferences.setChecksByItself(true);
  expect(notices.fail).toHaveBeenCalled();
});
