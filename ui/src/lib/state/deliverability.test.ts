import { beforeEach, expect, it, vi } from 'vitest';
import type { Account } from '../engine/types';

const call = vi.hoisted(() => vi.fn());
vi.mock('../engine/call', () => ({ call, asFailure: (error: unknown) => error }));
vi.mock('./notices.svelte', () => ({
  attempt: (work: () => unknown) => work(),
  notices: { announce: vi.fn() },
}));

import { deliverability } from './deliverability.svelte';
import { network } from './network.svelte';
import { session } from './session.svelte';

const report = (because: string) => ({ verdict: 'good', because, findings: [], took_ms: 1, for_support: because });
const at = '2026-11-22T14:00:00Z';

/** What the engine keeps: what was looked at is there when it is asked for. */
let kept: { network: boolean; identities: string[] };

const answers: Record<string, (args: { address?: string; check?: number }) => unknown> = {
  check_network: () => {
    kept.network = true;
    return report('the network');
  },
  check_identity: ({ address = '' }) => {
    if (address === 'anna@b.test') throw new Error('no such identity');
    kept.identities.push(address);
    return report(address);
  },
  network_now: () => ({
    here: 'recognised',
    network: null,
    latest: kept.network ? { at, whole_at: at, fresh: true, report: report('the network') } : null,
    identities: kept.identities.map((address) => ({ address, at, report: report(address) })),
  }),
  network_history: () => [],
  network_check_show: ({ check }) => ({ at, whole_at: at, fresh: false, report: report(`check ${check}`) }),
};

beforeEach(() => {
  kept = { network: false, identities: [] };
  network.now = null;
  const identities = [{ address: 'anna@a.test' }, { address: 'anna@b.test' }];
  session.accounts = [{ id: 1, practice: false, identities } as unknown as Account];
  call.mockReset();
  call.mockImplementation(async (name: string, args: object) => answers[name]?.(args));
});

const shown = () => deliverability.checked.map(({ report: { because } }) => because);
const asked = (wanted: string) =>
  call.mock.calls.filter(([name]) => name === wanted).map(([, args]) => args as unknown);

it('keeps what was found of the others where one identity can not be checked', async () => {
  await deliverability.run();
  expect(shown()).toEqual(['the network', 'anna@a.test']);
  expect(deliverability.failure).toEqual(new Error('no such identity'));
});

it('has hosts asked again only where the user checks again', async () => {
  await deliverability.run();
  await deliverability.run();
  const stun = null;
  expect(asked('check_network')).toEqual([
    { account: null, again: false, stun },
    { account: null, again: true, stun },
  ]);
});

it('shows what is known when it opens, and asks nobody for it', async () => {
  kept = { network: true, identities: ['anna@a.test'] };
  await deliverability.refresh();
  expect(shown()).toEqual(['the network', 'anna@a.test']);
  expect(asked('check_network')).toEqual([]);
});

it('shows an earlier check alone, until the latest is wanted or made', async () => {
  kept = { network: true, identities: ['anna@a.test'] };
  await deliverability.refresh();
  await deliverability.open({ id: 7, at, whole: true, verdict: 'good', because: '' });
  expect(shown()).toEqual(['check 7']);
  await deliverability.open(null);
  expect(shown()).toEqual(['the network', 'anna@a.test']);
});

it('is about the practice world where there is no other account', async () => {
  session.accounts = [
    { id: 3, practice: true, identities: [{ address: 'you@practice.test' }] } as unknown as Account,
  ];
  await deliverability.run();
  expect(asked('check_network')).toEqual([{ account: 3, again: false, stun: null }]);
  expect(asked('check_identity')).toEqual([{ address: 'you@practice.test' }]);
});
