// Certificates that the user trusts although no authority vouches for them.

import type { Account } from '../engine/types';

/** A server of which one certificate is trusted; without a `smartHost` it is the IMAP server. */
export type TrustedServer = { smartHost: string | null; host: string; sha256: string };

/** The servers of an account of which one certificate is trusted. */
export function trustedServers({ imap, smart_hosts }: Account): TrustedServer[] {
  const servers = [
    ...(imap ? [{ smartHost: null, server: imap }] : []),
    ...smart_hosts.map(({ name, server }) => ({ smartHost: name, server })),
  ];
  return servers.flatMap(({ smartHost, server: { host, trusted } }) =>
    // The engine writes `null` where none is trusted.
    trusted ? [{ smartHost, host, sha256: trusted }] : [],
  );
}

/** A fingerprint in groups of four, as one compares it with another. */
export function fingerprintGroups(sha256: string): string {
  return (
    sha256
      .toUpperCase()
      .match(/.{1,4}/g)
      ?.join(' ') ?? ''
  );
}
