import { describe, expect, it } from 'vitest';
import type { DeliveryState } from '../engine/types';
import { delivery } from '../../../test/samples';
import { markLabel, ordersFor, ordersForAll, tone } from './marks';

it.each([
  [{ state: 'accepted', total: 1, taken: 1, refused: 0, open: 0 }, 'Accepted'],
  [{ state: 'relayed', total: 2, taken: 2, refused: 0, open: 0 }, 'Relayed'],
  [{ state: 'failed', total: 3, taken: 1, refused: 1, open: 1 }, 'Failed: 1 of 3 taken, 1 of 3 refused, 1 of 3 open'],
  [{ state: 'cancelled', total: 2, taken: 0, refused: 0, open: 0 }, 'Cancelled'],
] as const)('a mark says its state and, of several, how many: %#', (mark, label) => {
  expect(markLabel(mark)).toBe(label);
});

it('what needs a person is red, what waits is brass, what is done is green', () => {
  const tones = (
    ['failed', 'bounced', 'deferred', 'delayed', 'accepted', 'confirmed', 'held'] as DeliveryState[]
  ).map(tone);
  expect(tones).toEqual(['refused', 'refused', 'waiting', 'waiting', 'done', 'done', 'quiet']);
});

describe('the orders', () => {
  it.each([
    [delivery('deferred'), ['retry', 'route', 'hold', 'cancel', 'edit']],
    [delivery('failed'), ['edit', 'route', 'retry', 'dismiss']],
    [delivery('held', { hold: 'paused' }), ['release', 'route', 'cancel', 'edit']],
    [delivery('sending'), ['hold', 'cancel']],
    [delivery('accepted'), []],
    [delivery('cancelled'), []],
  ])('are those that make sense: %#', (one, orders) => {
    expect(ordersFor(one)).toEqual(orders);
  });

  it('try the failed ones again apart from those that wait', () => {
    expect(ordersForAll([delivery('accepted'), delivery('failed')])).toEqual([
      'retry-failed',
      'route',
      'edit',
      'dismiss',
    ]);
    expect(ordersForAll([delivery('deferred'), delivery('failed')]).slice(0, 2)).toEqual(['retry', 'retry-failed']);
  });

  it('for all are those that make sense for one of them', () => {
    expect(ordersForAll([delivery('accepted'), delivery('bounced'), delivery('queued')])).toEqual([
      'route',
      'hold',
      'cancel',
      'edit',
      'dismiss',
    ]);
  });
});
