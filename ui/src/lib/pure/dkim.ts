// Keys for signing, in words.

import type { DeliveryState, DkimState, DkimKeyView } from '../engine/types';
import { words } from '../words';
import { dateAndTime } from './dates';
import type { Tone } from './marks';

/** The shape and colour of a key's state: those of deliveries that are in the same way. */
export function keyTone(state: DkimState): { mark: DeliveryState; tone: Tone } {
  switch (state) {
    case 'waiting':
      return { mark: 'deferred', tone: 'waiting' };
    case 'signing':
      return { mark: 'accepted', tone: 'done' };
    case 'missing':
      return { mark: 'failed', tone: 'refused' };
    case 'retired':
      return { mark: 'held', tone: 'quiet' };
  }
}

/** The newest first; of those that were made together, the one that everybody knows first. */
export function inOrder(keys: DkimKeyView[]): DkimKeyView[] {
  const known = ({ algorithm }: DkimKeyView) => (algorithm === 'rsa-sha256' ? 0 : 1);
  const made = ({ created_at: at }: DkimKeyView) => Math.floor(Date.parse(at) / 60_000);
  return [...keys].sort((a, b) => made(b) - made(a) || known(a) - known(b) || b.id - a.id);
}

/** When a key was made, seen and looked for. */
export function keyFacts({ created_at, seen_at, checked_at, state }: DkimKeyView, now: Date): string {
  const say = words.signing;
  const at = (time: string) => dateAndTime(new Date(time), now);
  const facts = [
    say.madeAt(at(created_at)),
    seen_at !== null && state !== 'missing' ? say.seenAt(at(seen_at)) : '',
    checked_at === null ? say.neverChecked : say.checkedAt(at(checked_at)),
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}

/** The domain that signatures are for, from the names under which DNS shows their keys. */
export function signer(names: string[]): string {
  const domains = names.map((name) => name.replace(/^.*?\._domainkey\./, '').replace(/\.$/, ''));
  return [...new Set(domains)].join(', ');
}
