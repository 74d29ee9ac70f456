// An attempt's facts in words.

import type { Attempt, Reply } from '../engine/types';
import { words } from '../words';

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
  const none: Lock = { kind: 'none', icon: 'lock-open', text: say.noConnection, detail: '' };
  if (tls === null) {
    const connected = address !== null && !['prepare', 'dns', 'connect'].includes(phase);
    return connected ? { kind: 'plain', icon: 'lock-open', text: say.plain, detail: '' } : none;
  }
  if (tls.verified)
    return { kind: 'verified', icon: 'lock', text: say.verified(tls.version), detail: tls.names.join(', ') };
  return {
    kind: 'unverified',
    icon: 'lock-unverified',
    text: say.unverified(tls.version),
    detail: tls.unverified_because ?? '',
  };
}

/** A reply as the server gave it, line for line. */
export function replyText({ code, enhanced, lines }: Reply): string {
  const first = enhanced === null ? `${code}` : `${code} ${enhanced}`;
  const texts = lines.length === 0 ? [''] : lines;
  return texts
    .map((line) => (enhanced !== null && line.startsWith(enhanced) ? `${code} ${line}` : `${first} ${line}`).trim())
    .join('\n');
}
