import { expect, it } from 'vitest';
import { after, NOW } from '../../../test/samples';
import type { DkimKeyView } from '../engine/types';
import { inOrder, keyFacts, signer } from './dkim';

const key = (id: number, more: Partial<DkimKeyView> = {}): DkimKeyView => ({
  id,
  selector: `s${id}`,
  algorithm: 'rsa-sha256',
  state: 'waiting',
  record_name: '',
  record_value: '',
  zone_line: '',
  created_at: after(-60),
  checked_at: null,
  seen_at: null,
  what: '',
  ...more,
});

it('keys stand with the newest first, and RSA before what fewer know', () => {
  const old = after(-90_000);
  const keys = [
    key(4, { algorithm: 'ed25519-sha256' }),
    key(3),
    key(2, { algorithm: 'ed25519-sha256', created_at: old }),
    key(1, { created_at: old }),
  ];
  expect(inOrder(keys).map(({ id }) => id)).toEqual([3, 4, 1, 2]);
});

it.each([
  [key(1), 'made 14:27 · not checked yet'],
  [
    key(1, { state: 'signing', seen_at: after(-30), checked_at: after(0) }),
    'made 14:27 · seen in DNS since 14:28 · checked 14:28',
  ],
  [key(1, { state: 'missing', seen_at: after(-30), checked_at: after(0) }), 'made 14:27 · checked 14:28'],
])('%# says when it was made, seen and looked for', (one, facts) => {
  expect(keyFacts(one, NOW)).toBe(facts);
});

it('a letter is signed for a domain, by however many keys', () => {
  expect(signer(['a._domainkey.example.org', 'b._domainkey.example.org.'])).toBe('example.org');
  expect(signer(['a._domainkey.example.org', 'b._domainkey.example.net'])).toBe('example.org, example.net');
});
