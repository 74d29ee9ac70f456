import { mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LeavingQuestion } from '../engine/shell';
import type { HandedOver } from '../engine/types';
import { LeavingState } from './leaving.svelte';

const waiting = { on_the_wire: 0, total: 1, can_be_handed_over: 1, smart_hosts: ['provider'], letters: [] };
const question = (hand_over = false): LeavingQuestion => ({
  waiting,
  choices: ['hand-over', 'quit'],
  back: 'none',
  hand_over,
});

const all: HandedOver = { taken: 1, smart_hosts: ['provider'], left: [] };
const left = { id: 1, subject: 'Tea', address: 'a@a.test', state: 'sending', title: '' } as const;

let answers: string[];
let handedOver: (told: HandedOver) => void;

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  mockIPC((command, payload) => {
    if (command !== 'leave') return null;
    const { choice } = payload as { choice: string };
    answers.push(choice);
    return choice === 'quit' ? null : new Promise((tell) => (handedOver = tell));
  });
});
afterEach(() => vi.useRealTimers());

/** Hands over what waits, up to where its end is waited for. */
async function handing(): Promise<LeavingState> {
  const leaving = new LeavingState();
  await leaving.ask(question());
  void leaving.choose('hand-over');
  await vi.advanceTimersByTimeAsync(0);
  return leaving;
}

it('quits by itself where nothing is left', async () => {
  const leaving = await handing();
  handedOver(all);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([leaving.stage, answers]).toEqual(['told', ['hand-over', 'quit']]);
});

it('stays where something is left, also on the wire', async () => {
  const leaving = await handing();
  handedOver({ ...all, left: [left] });
  await vi.advanceTimersByTimeAsync(10_000);
  expect([leaving.stage, answers]).toEqual(['told', ['hand-over']]);
});

it('what an earlier question came to answers no later one', async () => {
  const leaving = await handing();
  await leaving.stop();
  await leaving.ask(question());
  handedOver(all);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([leaving.stage, leaving.told, answers]).toEqual(['asking', null, ['hand-over']]);
});

it('does not quit once the user has been asked again while it was told', async () => {
  const leaving = await handing();
  handedOver(all);
  await vi.advanceTimersByTimeAsync(0);
  await leaving.stop();
  await leaving.ask(question());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(answers).toEqual(['hand-over']);
});
