// The one sentence above a timeline: how many were taken, what waits and until when, what was refused and why.

import type { Attempt, Class, Delivery } from '../engine/types';
import { words } from '../words';
import { countdown, dateAndTime } from './dates';

const say = words.headline;

/** The moment at which something is said, and whether sending is paused then. */
export type Moment = { now: Date; paused: boolean };

/** The headline of these deliveries at this moment. */
export function headline(deliveries: Delivery[], moment: Moment): string {
  const [first] = deliveries;
  if (!first) return say.none;
  return deliveries.length === 1 ? single(first, moment) : several(deliveries, moment);
}

function single(delivery: Delivery, moment: Moment): string {
  switch (delivery.state) {
    case 'held':
      return held(delivery, moment);
    case 'queued':
      return moment.paused ? say.queuedPaused : say.queued;
    case 'sending':
      return say.sending(domainOf(delivery));
    case 'accepted':
      return say.accepted(domainOf(delivery));
    case 'relayed':
      return say.relayed;
    case 'confirmed':
      return say.confirmed;
    case 'delayed':
      return say.delayed(because(delivery));
    case 'deferred':
      return say.deferred(because(delivery), nextTry(delivery, moment));
    case 'failed':
      return say.failed(because(delivery));
    case 'bounced':
      return say.bounced(because(delivery));
    case 'cancelled':
      return say.cancelled;
  }
}

function held(delivery: Delivery, { now, paused }: Moment): string {
  const at = delivery.next_attempt_at === null ? null : new Date(delivery.next_attempt_at);
  if (delivery.hold === 'scheduled' && at) return say.scheduled(dateAndTime(at, now), countdown(at, now));
  if (delivery.hold === 'undo' && at) return paused ? say.undoPaused : say.undo(countdown(at, now));
  return say.paused;
}

function several(deliveries: Delivery[], moment: Moment): string {
  const among = (...states: Delivery['state'][]) => deliveries.filter(({ state }) => states.includes(state));
  const share = (count: number, state: 'accepted' | 'relayed' | 'cancelled') => {
    const word = words.states[state].toLowerCase();
    if (count === 0) return '';
    return count === deliveries.length ? say.all(count, word) : say.share(count, deliveries.length, word);
  };
  const sentences = [
    share(among('accepted', 'confirmed', 'delayed').length, 'accepted'),
    share(among('relayed').length, 'relayed'),
    notDelivered(among('failed')),
    cameBack(among('bounced')),
    waiting(among('deferred'), moment),
    among('delayed').length > 0 ? say.late(among('delayed').length) : '',
    among('sending', 'queued').length > 0 ? say.underWay(among('sending', 'queued').length) : '',
    heldTogether(among('held'), moment.now),
    share(among('cancelled').length, 'cancelled'),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** Where it ended without a server's no, as with a name that does not exist, nobody refused anything. */
const WITHOUT_REFUSAL: ReadonlySet<Class> = new Set([
  'no-such-domain',
  'network-down',
  'dns-failure',
  'host-unreachable',
  'port-25-blocked',
  'tls-policy',
  'auth-failed',
  'protocol-error',
  'receiver-misconfigured',
  'suppressed',
  'expired',
]);

function wasRefused({ diagnosis }: Delivery): boolean {
  return diagnosis === null || !(diagnosis.local_cause || WITHOUT_REFUSAL.has(diagnosis.class));
}

function notDelivered(deliveries: Delivery[]): string {
  const refused = deliveries.filter(wasRefused);
  const others = deliveries.filter((delivery) => !wasRefused(delivery));
  return [
    refused.length > 0 ? say.refused(refused.length, commonReason(refused)) : '',
    others.length > 0 ? say.notDelivered(others.length, commonReason(others)) : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function cameBack(deliveries: Delivery[]): string {
  return deliveries.length === 0 ? '' : say.cameBack(deliveries.length, commonReason(deliveries));
}

function waiting(deliveries: Delivery[], moment: Moment): string {
  const first = soonest(deliveries);
  return first ? say.waiting(deliveries.length, commonReason(deliveries), nextTry(first, moment)) : '';
}

function heldTogether(deliveries: Delivery[], now: Date): string {
  const first = soonest(deliveries);
  if (!first) return '';
  if (first.next_attempt_at === null) return say.heldPaused(deliveries.length);
  const at = new Date(first.next_attempt_at);
  return say.heldUntil(deliveries.length, dateAndTime(at, now), countdown(at, now));
}

function soonest(deliveries: Delivery[]): Delivery | undefined {
  const time = ({ next_attempt_at: at }: Delivery) => (at === null ? Infinity : new Date(at).getTime());
  return [...deliveries].sort((a, b) => time(a) - time(b))[0];
}

/** The reason, where all of them share one. */
function commonReason(deliveries: Delivery[]): string {
  const [first] = deliveries;
  const titles = new Set(deliveries.map(({ diagnosis }) => diagnosis?.title ?? ''));
  return first && titles.size === 1 ? because(first) : '';
}

function because(delivery: Delivery): string {
  const title = delivery.diagnosis?.title ?? '';
  return title === '' ? '' : `: ${insideSentence(title)}`;
}

function nextTry(delivery: Delivery, { now, paused }: Moment): string {
  if (paused) return say.nextPaused;
  if (delivery.next_attempt_at === null) return say.nextNone;
  const at = new Date(delivery.next_attempt_at);
  return at <= now ? say.nextNow : say.nextAt(dateAndTime(at, now), countdown(at, now));
}

/**
 * A title as the rest of a sentence: no full stop, and a small letter where the first word is an ordinary one. A domain
 * or an address stays as it is written, at the beginning as well.
 */
export function insideSentence(title: string): string {
  const text = title.trim().replace(/\.$/, '');
  return /^(?!Postrider\b)[A-Z][a-z’']*([\s,]|$)/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** The reverse: what begins with an ordinary word begins with a capital, where it stands for itself. */
export function asSentence(text: string): string {
  return /^[a-z][a-z’']*[\s,:;]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** The part of an address after the @. */
export function domainOf({ address }: Pick<Delivery, 'address'>): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The host of a delivery's last attempt; attempts come newest first. */
export function lastHost(delivery: Pick<Delivery, 'id'>, attempts: Attempt[]): string {
  return attempts.find((attempt) => attempt.delivery === delivery.id)?.host ?? '';
}

/** What will happen to a delivery by itself. */
export function nextStep(delivery: Delivery, { now, paused }: Moment): string {
  const at = delivery.next_attempt_at === null ? null : new Date(delivery.next_attempt_at);
  const next = words.delivery;
  switch (delivery.state) {
    case 'held':
      if (!at || delivery.hold === 'paused') return next.nextHeld;
      if (delivery.hold === 'undo') return paused ? next.nextPaused : next.nextUndo(countdown(at, now));
      return next.nextScheduled(dateAndTime(at, now), countdown(at, now));
    case 'queued':
      return paused ? next.nextPaused : next.nextQueued;
    case 'sending':
      return next.nextSending;
    case 'deferred':
      if (!at) return next.nextNothing;
      if (paused) return next.nextPaused;
      return at <= now ? next.nextTryNow : next.nextTry(dateAndTime(at, now), countdown(at, now));
    case 'accepted':
    case 'relayed':
    case 'confirmed':
    case 'delayed':
      return next.nextTaken;
    default:
      return next.nextNothing;
  }
}
