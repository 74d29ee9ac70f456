// What was learned of a destination, in words.

import type { DestinationView } from '../engine/types';
import { words } from '../words';
import { dateAndTime } from './dates';
import { durationWords } from './settings';
import { size } from './sizes';

/** Something that is known, by name. */
export type Known = { name: string; value: string };

/** What is known of a destination; only what there is. */
export function destinationFacts(one: DestinationView, now: Date): Known[] {
  const say = words.destinations;
  const at = (time: string | null) => (time === null ? '' : dateAndTime(new Date(time), now));
  const facts = [
    { name: say.success, value: at(one.last_success) || say.never },
    { name: say.failure, value: at(one.last_failure) },
    { name: say.encryption, value: one.tls_version ?? (one.tls_offered ? say.encrypts : say.plain) },
    { name: say.greylist, value: one.greylist_seconds === null ? '' : durationWords(one.greylist_seconds) },
    { name: say.refusedUs, value: one.refused_us === null ? '' : (say.classes[one.refused_us] ?? one.refused_us) },
    { name: say.size, value: one.size_limit === null ? '' : size(one.size_limit) },
  ];
  return facts.filter(({ value }) => value !== '');
}
