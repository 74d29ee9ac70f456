// A recipient's mark as it is seen: its symbol, its colour, and the words that go with both.

import type { MarkKind, RecipientMark } from '../engine/types';
import { words } from '../words';

/** A symbol and its tone. */
export type Look = { icon: string; tone: 'good' | 'quiet' | 'caution' | 'stop' };

const TROUBLE: Partial<Record<MarkKind, string>> = {
  refused: 'warning',
  misspelt: 'warning',
  'no-such-domain': 'stop',
  'null-mx': 'stop',
  nowhere: 'stop',
  'too-large': 'stop',
  'not-answered': 'unknown',
};

const ENCRYPTION = { verified: 'lock', unverified: 'lock-unverified', none: 'lock-open', unknown: 'check' };

/** How a mark is drawn: a shape for each meaning, so that colour never says it alone. */
export function markLook(mark: RecipientMark): Look {
  const icon = TROUBLE[mark.kind] ?? ENCRYPTION[mark.encryption];
  if (mark.tone !== 'quiet') return { icon, tone: mark.tone };
  return { icon, tone: mark.encryption === 'verified' ? 'good' : 'quiet' };
}

/** The mark in words, with whom it is about: "anna@example.org, can receive mail". */
export function markWords(address: string, mark: RecipientMark | undefined): string {
  return mark ? words.composer.marked(address, mark.label) : address;
}

/** What should be said aloud when it is found: what is in order is told when one gets there. */
export function troubles(addresses: string[], markOf: (address: string) => RecipientMark | undefined): string {
  const found = addresses.flatMap((address) => {
    const mark = markOf(address);
    return mark && mark.tone !== 'quiet' ? [markWords(address, mark)] : [];
  });
  return found.join('. ');
}

/** The domain of the address that was probably meant. */
export function meantDomain(instead: string): string {
  return instead.slice(instead.lastIndexOf('@') + 1);
}

/** How many octets a letter has as it travels: files grow by a third (base64), and there is always a little text. */
export function travelling(files: number): number {
  return Math.ceil((files * 78) / 57) + 4096;
}
