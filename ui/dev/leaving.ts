// Leaving while letters wait, as the shell would ask. Scenes: leaving, leaving-many, leaving-refused.

import { emit } from '@tauri-apps/api/event';
import type { LeavingQuestion } from '../src/lib/engine/shell';
import type { HandedOver, LeavingLetter } from '../src/lib/engine/types';

const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const letter: LeavingLetter = {
  id: 1,
  subject: 'Tea on Thursday',
  recipients: ['anna@example.org'],
  state: 'deferred',
  scheduled: false,
  title: 'example.org asks new senders to come back later',
  next_attempt_at: soon(185),
  given_up_at: soon(5 * 86_400),
  smart_host: 'provider',
};

const some: LeavingLetter[] = [
  letter,
  { ...letter, id: 2, subject: 'Minutes of the meeting', recipients: ['a@one.test', 'b@two.test', 'c@three.test'] },
  { ...letter, id: 3, subject: '', state: 'held', title: '', next_attempt_at: soon(7), given_up_at: null },
  { ...letter, id: 4, subject: 'Happy birthday', state: 'held', scheduled: true, next_attempt_at: soon(50_000) },
];

/** What the scene asks, a moment after the start. */
export function askLeaving(scene: string): void {
  const letters = scene === 'leaving-many' ? some : [letter];
  const question: LeavingQuestion = {
    waiting: {
      on_the_wire: 0,
      total: scene === 'leaving-many' ? 74 : 1,
      can_be_handed_over: letters.length,
      smart_hosts: ['provider'],
      letters,
    },
    choices: ['stay', 'hand-over', 'quit'],
    back: 'tray',
    hand_over: false,
  };
  setTimeout(() => void emit('leaving', question), 800);
}

/** What comes of handing over. */
export async function handOver(scene: string): Promise<HandedOver> {
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const left = { id: 1, subject: letter.subject, address: 'anna@example.org', state: 'deferred' as const };
  return scene === 'leaving-refused'
    ? { taken: 0, smart_hosts: [], left: [{ ...left, title: 'provider refused the login' }] }
    : { taken: 1, smart_hosts: ['provider'], left: [] };
}
