// An attempt's facts in words.

import type { Attempt, Reply, TlsReport } from '../engine/types';
import { words } from '../words';
import { fullDay } from './dates';

/** The way of an attempt: route, host, address. */
export function attemptWay({ route, host, address, port }: Attempt): string {
  const way = route === 'direct' ? words.delivery.direct : words.delivery.through(route);
  const place = address === null ? '' : port === null ? address : joined(address, port);
  const target = host === null ? place : place === '' ? host : `${host} (${place})`;
  return target === '' ? way : `${way} → ${target}`;
}

function joined(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** How an attempt was protected. */
export type Lock = { kind: 'verified' | 'unverified' | 'plain' | 'none'; icon: string; text: string; detail: string };

/** The lock of an attempt, with what kind. */
export function attemptLock({ tls, address, phase }: Attempt): Lock {
  const say = words.delivery;
  if (tls === null) {
    const connected = address !== null && !['prepare', 'dns', 'connect'].includes(phase);
    if (!connected) return { kind: 'none', icon: 'lock-open', text: say.noConnection, detail: '' };
    // Where it ended while agreeing on encryption, nothing of the letter was said in clear text.
    if (phase === 'tls' || phase === 'starttls')
      return { kind: 'none', icon: 'lock-open', text: say.noEncryption, detail: '' };
    return { kind: 'plain', icon: 'lock-open', text: say.plain, detail: '' };
  }
  if (tls.verified) {
    const text = tls.verified_by === 'tlsa' ? say.proven(tls.version) : say.verified(tls.version);
    return { kind: 'verified', icon: 'lock', text, detail: tls.names.join(', ') };
  }
  return {
    kind: 'unverified',
    icon: 'lock-unverified',
    text: say.unverified(tls.version),
    detail: tls.unverified_because ?? '',
  };
}

/** Something that is known of an attempt: what it is, and a line or several. */
export type Fact = { name: string; lines: string[] };

/** Everything that is known of an attempt besides what was said; only what there is. */
export function attemptFacts(attempt: Attempt, now: Date): Fact[] {
  const { tls, tls_policy: policy, tls_notes: notes, route_reason: why, source, helo } = attempt;
  const say = words.delivery.facts;
  const facts: Fact[] = [
    { name: say.route, lines: [attemptWay(attempt)] },
    { name: say.why, lines: why === null ? [] : [why] },
    { name: say.source, lines: source === null ? [] : [source] },
    { name: say.helo, lines: helo === null ? [] : [helo] },
    { name: say.policy, lines: policy === null ? [] : [words.delivery.policies[policy]] },
    { name: say.notes, lines: notes },
    ...(tls === null ? [] : tlsFacts(tls, now)),
  ];
  return facts.filter(({ lines }) => lines.length > 0);
}

function tlsFacts(tls: TlsReport, now: Date): Fact[] {
  const say = words.delivery.facts;
  return [
    { name: say.encryption, lines: [`${tls.version}, ${tls.cipher}`] },
    { name: say.certificate, lines: [verification(tls)] },
    { name: say.names, lines: tls.names.length === 0 ? [] : [tls.names.join(', ')] },
    { name: say.until, lines: tls.not_after === null ? [] : [until(new Date(tls.not_after), now)] },
  ];
}

function verification({ verified, verified_by: by, unverified_because: reason }: TlsReport): string {
  const say = words.delivery;
  if (verified) return say.verifiers[by ?? 'authority'];
  return reason === null || reason === '' ? say.notVerified : say.notVerifiedBecause(reason);
}

function until(end: Date, now: Date): string {
  return end < now ? words.delivery.over(fullDay(end)) : fullDay(end);
}

/** A reply as the server gave it, line for line. */
export function replyText({ code, enhanced, lines }: Reply): string {
  const first = enhanced === null ? `${code}` : `${code} ${enhanced}`;
  const texts = lines.length === 0 ? [''] : lines;
  return texts
    .map((line) => (enhanced !== null && line.startsWith(enhanced) ? `${code} ${line}` : `${first} ${line}`).trim())
    .join('\n');
}
