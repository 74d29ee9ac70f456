// The words that go with a state's shape and colour, the same everywhere.

import type { Delivery, DeliveryState, Mark } from '../engine/types';
import { words } from '../words';

/** How a state is to be seen: its colour. */
export type Tone = 'done' | 'moving' | 'waiting' | 'refused' | 'quiet';

const TONES: Record<DeliveryState, Tone> = {
  held: 'quiet',
  queued: 'moving',
  sending: 'moving',
  accepted: 'done',
  relayed: 'moving',
  deferred: 'waiting',
  failed: 'refused',
  cancelled: 'quiet',
  confirmed: 'done',
  delayed: 'waiting',
  bounced: 'refused',
};

/** The colour of a state. */
export function tone(state: DeliveryState): Tone {
  return TONES[state];
}

/** A mark in words: "Accepted", or "Deferred: 2 of 3 accepted, 1 open". */
export function markLabel(mark: Mark): string {
  const word = words.states[mark.state];
  if (mark.total < 2 || (mark.taken === mark.total && mark.state !== 'delayed')) return word;
  const parts = [
    mark.taken > 0 ? words.mark.taken(mark.taken, mark.total) : '',
    mark.refused > 0 ? words.mark.refused(mark.refused, mark.total) : '',
    mark.open > 0 ? words.mark.open(mark.open, mark.total) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? word : `${word}: ${parts.join(', ')}`;
}

/** Whether the queue still has something to do. */
export function isOpen(state: DeliveryState): boolean {
  return state === 'held' || state === 'queued' || state === 'sending' || state === 'deferred';
}

/** Whether a server took it. */
export function isTaken(state: DeliveryState): boolean {
  return state === 'accepted' || state === 'relayed' || state === 'confirmed' || state === 'delayed';
}

/** Whether a person should look at it. */
export function isRefused(state: DeliveryState): boolean {
  return state === 'failed' || state === 'bounced';
}

/** An order that a person may give for a delivery. */
export type OrderName = 'retry' | 'retry-failed' | 'route' | 'hold' | 'release' | 'cancel' | 'edit' | 'dismiss';

/** The orders that make sense for a delivery now, in the order in which they are shown. */
export function ordersFor(delivery: Pick<Delivery, 'state' | 'hold'>): OrderName[] {
  switch (delivery.state) {
    case 'held':
      return delivery.hold === 'paused' ? ['release', 'route', 'cancel', 'edit'] : ['release', 'cancel', 'edit'];
    case 'queued':
      return ['route', 'hold', 'cancel', 'edit'];
    case 'sending':
      return ['hold', 'cancel'];
    case 'deferred':
      return ['retry', 'route', 'hold', 'cancel', 'edit'];
    case 'failed':
      return ['edit', 'route', 'retry', 'dismiss'];
    case 'bounced':
      return ['edit', 'dismiss'];
    default:
      return [];
  }
}

/** The orders for all deliveries together: those that make sense for at least one, in their usual order. */
export function ordersForAll(deliveries: Pick<Delivery, 'state' | 'hold'>[]): OrderName[] {
  const wanted = new Set(
    deliveries.flatMap((delivery) => ordersFor(delivery).map((order) => together(delivery, order))),
  );
  const usual: OrderName[] = ['retry', 'retry-failed', 'release', 'route', 'hold', 'cancel', 'edit', 'dismiss'];
  return usual.filter((order) => wanted.has(order));
}

/** Among several, to try again those that were refused is an order of its own: the others are not in need of it. */
function together({ state }: Pick<Delivery, 'state'>, order: OrderName): OrderName {
  return order === 'retry' && state === 'failed' ? 'retry-failed' : order;
}
