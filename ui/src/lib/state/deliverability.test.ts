import { beforeEach, expect, it, vi } from 'vitest';

const call = vi.hoisted(() => vi.fn());
vi.mock('../engine/call', () => ({ call, asFailure: (error: unknown) => error }));
vi.mock('./notices.svelte', () => ({ notices: { announce: vi.fn() } }));

import { deliverability } from './deliverability.svelte';

const report = (because: string) => ({ verdict: 'good', because, findings: [], took_ms: 1, for_support: because });

beforeEach(() => {
  call.mockReset();
  call.mockImplementation((name: string, args: { address?: string }) => {
    if (name === 'account_list') {
      return Promise.resolve([
        { id: 1, practice: false, identities: [{ address: 'anna@a.test' }, { address: 'anna@b.test' }] },
      ]);
    }
    return args.address === 'anna@b.test'
      ? Promise.reject(new Error('no such identity'))
      : Promise.resolve(report(args.address ?? 'the network'));
  });
});

it('keeps what was found of the others where one identity can not be checked', async () => {
  await deliverability.run();
  expect(deliverability.checked.map(({ report: { because } }) => because)).toEqual(['the network', 'anna@a.test']);
  expect(deliverability.failure).toEqual(new Error('no such identity'));
});

it('has hosts asked again only where the user checks again', async () => {
  deliverability.at = null;
  await deliverability.run();
  await deliverability.run();
  const asked = call.mock.calls.filter(([name]) => name === 'check_network').map(([, args]) => args as unknown);
  expect(asked).toEqual([
    { account: null, again: false },
    { account: null, again: true },
  ]);
});
