import { describe, expect, it } from 'vitest';
import { after, NOW } from '../../../test/samples';
import type { Attempt, TlsReport } from '../engine/types';
import { attemptFacts, attemptLock, attemptWay, replyText } from './attempts';

const tls: TlsReport = {
  policy: 'opportunistic',
  verified: true,
  verified_by: 'authority',
  unverified_because: null,
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  names: ['mx.test', '*.mx.test'],
  not_after: after(86_400 * 30),
};

const attempt = (more: Partial<Attempt> = {}): Attempt => ({
  id: 1,
  delivery: 1,
  started_at: after(-10),
  ended_at: after(-9),
  route: 'direct',
  route_reason: null,
  host: null,
  address: null,
  port: null,
  source: null,
  helo: null,
  tls_policy: null,
  tls_notes: [],
  tls: null,
  phase: 'rcpt',
  reply: null,
  error: null,
  diagnosis: null,
  ...more,
});

const fact = (name: string, more: Partial<Attempt>) =>
  attemptFacts(attempt(more), NOW).find((one) => one.name === name)?.lines;

describe('an attempt', () => {
  it('names its way, host and address', () => {
    expect(attemptWay(attempt({ host: 'mx.test', address: '192.0.2.1', port: 25 }))).toBe(
      'direct → mx.test (192.0.2.1:25)',
    );
    expect(attemptWay(attempt({ route: 'Post', host: 'smtp.test', address: '2001:db8::1', port: 465 }))).toBe(
      'through Post → smtp.test ([2001:db8::1]:465)',
    );
    expect(attemptWay(attempt())).toBe('direct');
  });

  it('never calls clear text encrypted, nor a certificate verified that was not', () => {
    const address = '192.0.2.1';
    expect(attemptLock(attempt({ tls })).kind).toBe('verified');
    expect(attemptLock(attempt({ tls: { ...tls, verified: false, verified_by: null } })).kind).toBe('unverified');
    expect(attemptLock(attempt({ address })).kind).toBe('plain');
    expect(attemptLock(attempt({ address, phase: 'connect' })).kind).toBe('none');
    expect(attemptLock(attempt({ phase: 'dns' })).kind).toBe('none');
  });

  it('that ended while agreeing on encryption was not in clear text', () => {
    expect(attemptLock(attempt({ address: '192.0.2.1', phase: 'tls' }))).toMatchObject({
      kind: 'none',
      text: 'no encryption reached',
    });
  });

  it('says by what it was known who answered', () => {
    expect(attemptLock(attempt({ tls: { ...tls, verified_by: 'tlsa' } })).text).toBe(
      'encrypted, certificate proven by DANE (TLSv1.3)',
    );
    expect(fact('Certificate', { tls })).toEqual(['Verified by an authority that this computer trusts.']);
    const expired = { ...tls, verified: false, verified_by: null, unverified_because: 'it has expired' };
    expect(fact('Certificate', { tls: expired })).toEqual(['Not verified: it has expired']);
  });

  it('shows every fact there is, and no name without one', () => {
    const more = {
      route_reason: 'A rule for example.org',
      source: '192.0.2.9',
      helo: 'mail.example.org',
      tls_policy: 'mta-sts',
      tls_notes: ['A policy was fetched.', 'It is enforced.'],
      tls: { ...tls, not_after: after(-86_400) },
    } as const;
    expect(attemptFacts(attempt({ ...more, tls_notes: [...more.tls_notes] }), NOW)).toEqual([
      { name: 'Way', lines: ['direct'] },
      { name: 'Why this way', lines: ['A rule for example.org'] },
      { name: 'From our address', lines: ['192.0.2.9'] },
      { name: 'Introduced as', lines: ['mail.example.org'] },
      {
        name: 'Rule for encryption',
        lines: ['Only encrypted, to a server that the destination’s own policy names (MTA-STS).'],
      },
      { name: 'Found out before', lines: ['A policy was fetched.', 'It is enforced.'] },
      { name: 'Encryption', lines: ['TLSv1.3, TLS_AES_256_GCM_SHA384'] },
      { name: 'Certificate', lines: ['Verified by an authority that this computer trusts.'] },
      { name: 'Names in it', lines: ['mx.test, *.mx.test'] },
      { name: 'Valid until', lines: ['2 November 2026, which is over'] },
    ]);
    expect(attemptFacts(attempt(), NOW)).toEqual([{ name: 'Way', lines: ['direct'] }]);
  });

  it('shows a reply as the server gave it', () => {
    expect(replyText({ code: 451, enhanced: '4.7.1', lines: ['come', 'back'] })).toBe(
      '451 4.7.1 come\n451 4.7.1 back',
    );
    expect(replyText({ code: 550, enhanced: '5.1.1', lines: ['5.1.1 unknown'] })).toBe('550 5.1.1 unknown');
    expect(replyText({ code: 250, enhanced: null, lines: [] })).toBe('250');
  });
});
