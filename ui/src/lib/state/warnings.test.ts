import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CheckReport, Finding, WarningPage } from '../engine/types';
import { warnings as say } from '../words/warnings';
import { notices } from './notices.svelte';
import { session } from './session.svelte';
import { warnings } from './warnings.svelte';

const page: WarningPage = {
  name: 'reverse-dns',
  heading: 'Reverse DNS',
  what: 'What it is.',
  means: ['What it means.'],
  next_attempt_at: null,
  seen: [],
  todo: ['What to do.'],
  actions: [],
  copy: [],
  alternative: null,
  why: 'Why.',
  smart_host: 'Post',
};
const finding: Finding = {
  check: 'reverse-name',
  subject: '203.0.113.9',
  status: 'fail',
  found: 'missing',
  title: 'No name',
  evidence: [],
  cause: 'Nobody has set one.',
  fix: null,
  alternative: null,
  why: 'It matters.',
  copy: [],
  warning: 'reverse-dns',
};

let calls: { name: string; args: Record<string, unknown> }[] = [];
let found: Finding[] = [];
let refuses: { name: string; code: string } | null = null;
const named = (name: string) => calls.filter((one) => one.name === name).map(({ args }) => args);

beforeEach(() => {
  calls = [];
  found = [];
  refuses = null;
  notices.list = [];
  session.accounts = [];
  warnings.close();
  mockIPC((_, payload) => {
    const one = payload as { name: string; args: Record<string, unknown> };
    calls.push(one);
    if (one.name === refuses?.name) throw { code: refuses.code, message: 'It is on its way.', hint: '' };
    if (one.name === 'warning_show') return { ...page, name: one.args.name };
    const report: CheckReport = { verdict: 'risky', because: '', findings: found, took_ms: 1, for_support: '' };
    return one.name === 'check_network' ? report : null;
  });
});

describe('the page of a warning', () => {
  it('is asked for with what raised it, and nothing else', async () => {
    await warnings.open('reverse-dns', { outgoing: 7, delivery: 9, finding: undefined });
    expect(named('warning_show')).toEqual([{ name: 'reverse-dns', outgoing: 7, delivery: 9 }]);
    expect(warnings.concerns(7)).toBe(true);
    warnings.close();
    expect([warnings.page, warnings.concerns(7)]).toEqual([null, false]);
  });

  it('is not opened by an answer that comes after it was closed', async () => {
    const opening = warnings.open('reverse-dns');
    warnings.close();
    await opening;
    expect(warnings.page).toBeNull();
  });

  it('offers the letter that is being written another way, where there is one', async () => {
    const chosen: string[] = [];
    await warnings.open('greylisting');
    expect(warnings.choice).toBeNull();
    await warnings.open('greylisting', { choose: (route) => chosen.push(route) });
    expect(warnings.choice).toBe('Post');
    warnings.choose('Post');
    expect([chosen, warnings.page]).toEqual([['Post'], null]);
  });
});

describe('a button', () => {
  const letters = [
    { outgoing: 7, delivery: 9, address: 'layla@example.net' },
    { outgoing: 8, delivery: 11, address: 'omar@example.net' },
  ];

  it('hands over each letter that waits, says so, and closes the page', async () => {
    await warnings.open('port-25');
    await warnings.act({ action: 'hand-over', route: 'Post', letters });
    const order = { order: 'route', route: 'Post' };
    expect(named('outgoing_order')).toEqual([
      { outgoing: 7, delivery: 9, order },
      { outgoing: 8, delivery: 11, order },
    ]);
    expect([warnings.page, notices.list[0]?.message]).toEqual([null, say.handedOver(2, 'Post')]);
  });

  it('leaves the page open where the order is refused, and shows why', async () => {
    refuses = { name: 'outgoing_order', code: 'busy' };
    await warnings.open('port-25');
    await warnings.act({ action: 'hand-over', route: 'Post', letters });
    expect([warnings.page?.name, notices.list[0]?.error]).toEqual(['port-25', true]);
  });

  it('passes over a letter that has left meanwhile', async () => {
    refuses = { name: 'outgoing_order', code: 'no-change' };
    await warnings.open('port-25');
    await warnings.act({ action: 'hand-over', route: 'Post', letters });
    expect([named('outgoing_order').length, warnings.page]).toEqual([2, null]);
  });

  it('looks again, and shows what was found or that nothing was', async () => {
    await warnings.open('reverse-dns', { finding, foundAt: '2026-11-22T14:00:00Z' });
    found = [finding];
    await warnings.act({ action: 'check-network', account: null });
    expect(warnings.told).toBe(say.foundAgain);
    expect(named('warning_show').at(-1)?.found_at).not.toBe('2026-11-22T14:00:00Z');
    found = [];
    await warnings.act({ action: 'check-network', account: null });
    expect(warnings.told).toBe(say.goneNow);
    expect(named('warning_show').at(-1)).toEqual({ name: 'reverse-dns' });
  });

  it('looks once at a time, and says nothing of what it was closed over', async () => {
    await warnings.open('reverse-dns');
    const looking = warnings.act({ action: 'check-network', account: null });
    void warnings.act({ action: 'check-network', account: null });
    warnings.close();
    await looking;
    expect([named('check_network').length, warnings.page, warnings.told]).toEqual([1, null, '']);
  });
});
