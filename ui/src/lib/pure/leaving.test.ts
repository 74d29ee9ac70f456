import { describe, expect, it } from 'vitest';
import type { Leaving, LeavingLetter } from '../engine/types';
import { choiceWords, hostWords, letterWords, waitWords } from './leaving';

const now = new Date('2026-11-22T14:00:00');
const at = (time: string) => new Date(`2026-11-${time}`).toISOString();

const letter: LeavingLetter = {
  id: 1,
  subject: 'Tea',
  recipients: ['anna@greylist.test'],
  state: 'deferred',
  scheduled: false,
  title: 'Asked to come back later',
  next_attempt_at: at('22T14:03:05'),
  given_up_at: at('27T13:50:00'),
  smart_host: null,
};

const waiting: Leaving = {
  on_the_wire: 0,
  total: 1,
  can_be_handed_over: 1,
  smart_hosts: ['provider'],
  letters: [letter],
};

describe('a letter that waits while the program is about to end', () => {
  it.each<[string, Partial<LeavingLetter>, string[]]>([
    [
      'deferred',
      {},
      [
        'Asked to come back later',
        'Next try 14:03 (in 3:05)',
        'Tried until Fri 13:50, if this computer stays on line',
      ],
    ],
    [
      'queued',
      { state: 'queued', title: '', next_attempt_at: at('22T13:59:00') },
      ['To be tried now', 'Tried until Fri 13:50, if this computer stays on line'],
    ],
    ['on the wire', { state: 'sending', next_attempt_at: null }, ['A server is taking it at this moment']],
    ['to be taken back', { state: 'held', next_attempt_at: at('22T14:00:07') }, ['Leaves in 0:07']],
    [
      'scheduled',
      { state: 'held', scheduled: true, next_attempt_at: at('23T08:00:00'), given_up_at: null },
      ['Leaves tomorrow 08:00'],
    ],
  ])('says when something happens to it: %s', (_, change, expected) => {
    expect(waitWords({ ...letter, ...change }, now)).toEqual(expected);
  });

  it('is named by its subject and who does not have it', () => {
    expect(letterWords(letter)).toEqual({ subject: 'Tea', to: 'to anna@greylist.test' });
    const recipients = ['a@a.test', 'b@a.test', 'c@a.test', 'd@a.test'];
    expect(letterWords({ ...letter, recipients }).to).toBe('to a@a.test, b@a.test and 2 others');
    expect(letterWords({ ...letter, subject: '' }).subject).not.toBe('');
  });
});

describe('what can be chosen', () => {
  it('is called by what it does here', () => {
    const names = (back: 'tray' | 'start-again') =>
      choiceWords(['stay', 'hand-over', 'quit'], waiting, back).map(({ name }) => name);
    expect(names('tray')).toEqual(['Stay in the tray', 'Hand over to provider now', 'Quit, and send when next on']);
    expect(names('start-again')[0]).toBe('Keep running without a window');
  });

  it('says how much of it a smart host could take', () => {
    const [all] = choiceWords(['hand-over'], waiting, 'none');
    expect(all?.hint).not.toMatch(/of/);
    const [some] = choiceWords(['hand-over'], { ...waiting, total: 3 }, 'none');
    expect(some?.hint).toMatch(/^It can take 1 of 3 letters\./);
  });

  it('names few smart hosts and no more', () => {
    expect(hostWords(['a', 'b'])).toBe('a and b');
    expect(hostWords(['a', 'b', 'c'])).toBe('the smart hosts');
  });
});
