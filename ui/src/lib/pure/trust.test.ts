import { expect, it } from 'vitest';
import type { Account, Server } from '../engine/types';
import { fingerprintGroups, trustedServers } from './trust';

const server = (host: string, trusted?: string): Server => ({
  host,
  port: 993,
  security: 'tls',
  user: 'robin',
  login: 'password',
  ...(trusted === undefined ? {} : { trusted }),
});

it('the servers of which one certificate is trusted are named, the smart hosts among them', () => {
  const account: Account = {
    id: 1,
    address: 'robin@example.org',
    imap: server('imap.example.org', 'ab'),
    identities: [],
    smart_hosts: [
      { id: 1, name: 'Own', server: server('smtp.example.org', 'cd') },
      { id: 2, name: 'Other', server: server('smtp.example.net') },
    ],
    rules: [],
    practice: false,
  };
  expect(trustedServers(account)).toEqual([
    { smartHost: null, host: 'imap.example.org', sha256: 'ab' },
    { smartHost: 'Own', host: 'smtp.example.org', sha256: 'cd' },
  ]);
  const none = JSON.parse('{ "trusted": null }') as Partial<Server>;
  expect(trustedServers({ ...account, imap: { ...server('imap.example.org'), ...none }, smart_hosts: [] })).toEqual(
    [],
  );
  expect(trustedServers({ ...account, imap: null, smart_hosts: [] })).toEqual([]);
});

it('a fingerprint is shown in groups that one can compare', () => {
  expect(fingerprintGroups('0123456789ab')).toBe('0123 4567 89AB');
});
