// What there is to say of the network that this computer is on: the foot of the side bar, and the age of what is known.

import type { NetworkNow } from '../engine/types';
import { networks as say } from '../words/networks';
import { dateAndTime, MINUTE, span } from './dates';
import type { SyncLine } from './sidebar';

/** What direct sending is worth here, in a few words. Nothing is claimed that nobody looked at. */
export function networkWords(now: NetworkNow | null): string | null {
  if (now === null) return null;
  if (now.here === 'nowhere') return say.foot.offline;
  if (now.latest === null) return say.foot.unknown;
  return now.latest.fresh ? say.foot[now.latest.report.verdict] : say.foot.old;
}

/** The line at the foot: the sync, and what the network is worth. What needs a person, or is under way, stands alone. */
export function footLine(sync: SyncLine, now: NetworkNow | null): SyncLine {
  const network = networkWords(now);
  if (network === null || (sync.tone !== 'good' && sync.tone !== 'quiet')) return sync;
  const isTrouble = now?.here === 'recognised' && now.latest?.fresh && now.latest.report.verdict === 'blocked';
  return { ...sync, text: say.joined(sync.text, network), tone: isTrouble ? 'waiting' : sync.tone };
}

/** How old what is shown is, in one or two sentences. */
export function ageWords(latest: NonNullable<NetworkNow['latest']>, now: Date): string {
  if (latest.whole_at === null) return say.heard;
  const at = new Date(latest.at);
  const whole = new Date(latest.whole_at);
  const when = dateAndTime(at, now);
  const isNew = now.getTime() - at.getTime() < MINUTE;
  const words = [`${isNew ? say.checkedNow(when) : say.checked(when, span(at, now))}.`];
  if (latest.whole_at !== latest.at) words.push(say.partly(dateAndTime(whole, now)));
  if (!latest.fresh) words.push(say.old);
  return words.join(' ');
}
