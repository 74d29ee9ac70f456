import { describe, expect, it } from 'vitest';
import type { TransferState, TransferView } from '../engine/types';
import { exportName, isOver, sum, transferWords } from './transfers';

function transfer(state: TransferState, change: Partial<TransferView> = {}): TransferView {
  return {
    id: 1,
    kind: 'import',
    path: '/a.mbox',
    state,
    total: 1200,
    done: 40,
    passed_over: 0,
    failed: 0,
    refused: 0,
    refusals: [],
    ...change,
  };
}

describe('an import or export', () => {
  it.each<[TransferView, string]>([
    [transfer({ state: 'running' }), 'Bringing in: 40 of 1,200 letters'],
    [transfer({ state: 'running' }, { total: null }), 'Bringing in…'],
    [transfer({ state: 'waiting' }, { kind: 'export' }), 'Writing: 40 of 1,200 letters'],
    [transfer({ state: 'done' }), '40 letters were brought in.'],
    [
      transfer({ state: 'done' }, { passed_over: 30, failed: 9 }),
      '1 letter was brought in; 30 were there already; 9 could not be read.',
    ],
    [
      transfer({ state: 'done' }, { kind: 'export', failed: 1 }),
      '39 letters were written; 1 is not on this computer.',
    ],
    [
      transfer({ state: 'done' }, { refused: 2 }),
      '38 letters were brought in; 2 were refused by the server and are nowhere but in the file.',
    ],
    [transfer({ state: 'cancelled' }), 'Stopped. 40 letters were brought in.'],
    [transfer({ state: 'failed', reason: 'The disk is full.' }, { done: 0 }), '0 letters were brought in.'],
  ])('of %o says “%s”', (of, words) => {
    expect(transferWords(of)).toBe(words);
  });

  it('is over when nothing more comes', () => {
    const states: TransferState['state'][] = ['running', 'waiting', 'done', 'cancelled'];
    const over = states.map((state) => isOver(transfer({ state } as TransferState)));
    expect(over).toEqual([false, false, true, true]);
  });
});

it('folders are summed', () => {
  const folders = [
    { name: 'Inbox', letters: 3, octets: 10 },
    { name: 'Sent', letters: 4, octets: 20 },
  ];
  expect(sum(folders)).toEqual({ letters: 7, octets: 30 });
});

it('a mailbox is exported under a name that every system takes', () => {
  expect([exportName('Work/2026: plans?', 'mbox'), exportName('', 'eml')]).toEqual([
    'Work 2026  plans.mbox',
    'mailbox',
  ]);
});
