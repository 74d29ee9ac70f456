import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../engine/types';
import { after, delivery, diagnosis, NOW } from '../../../test/samples';
import { asSentence, headline, insideSentence, nextStep } from './headline';

/** The present, with sending on. */
const NOW_ON = { now: NOW, paused: false };

const greylisted = { diagnosis: diagnosis('example.org asks us to come back'), next_attempt_at: after(185) };

describe('the headline of one delivery', () => {
  it.each([
    [delivery('accepted'), 'Accepted by the server of example.org.'],
    [delivery('relayed'), 'Relayed: a smart host took it. What happens beyond cannot be seen from here.'],
    [delivery('confirmed'), 'Confirmed: it is in the mailbox.'],
    [delivery('queued'), 'In the outbox. It leaves as soon as it is its turn.'],
    [delivery('sending'), 'On its way to example.org.'],
    [delivery('cancelled'), 'Cancelled. It was not sent.'],
    [delivery('deferred', greylisted), 'Waiting: example.org asks us to come back; next try 14:32 (in 3:05).'],
    [delivery('deferred', { next_attempt_at: after(-1) }), 'Waiting; it is tried again now.'],
    [delivery('failed', { diagnosis: diagnosis('No such recipient.') }), 'Not delivered: no such recipient.'],
    [delivery('bounced', { diagnosis: diagnosis('The mailbox is full') }), 'It came back: the mailbox is full.'],
    [delivery('held', { hold: 'paused' }), 'Held until you release it.'],
    [
      delivery('held', { hold: 'undo', next_attempt_at: after(8) }),
      'Held so that you can take it back; it leaves in 0:08.',
    ],
    [delivery('held', { hold: 'scheduled', next_attempt_at: after(7200) }), 'Scheduled for 16:28 (in 2 h).'],
  ])('%# says what happened and what comes', (one, sentence) => {
    expect(headline([one], NOW_ON)).toBe(sentence);
  });
});

describe('while sending is paused', () => {
  const paused = { now: NOW, paused: true };

  it.each([
    [delivery('queued'), 'In the outbox. Sending is paused.'],
    [delivery('deferred', greylisted), 'Waiting: example.org asks us to come back; sending is paused.'],
    [
      delivery('held', { hold: 'undo', next_attempt_at: after(8) }),
      'Held so that you can take it back. Sending is paused.',
    ],
    [delivery('accepted'), 'Accepted by the server of example.org.'],
  ])('%# promises no time', (one, sentence) => {
    expect(headline([one], paused)).toBe(sentence);
  });

  it('what happens next is that you resume', () => {
    for (const one of [delivery('queued'), delivery('deferred', greylisted)]) {
      expect(nextStep(one, paused)).toBe('Nothing, until you resume sending.');
    }
    expect(nextStep(delivery('sending'), paused)).toBe('An attempt is under way.');
  });
});

describe('the headline of several deliveries', () => {
  it('counts what was taken, says what was refused, and when the next try is', () => {
    const deliveries = [
      delivery('accepted'),
      delivery('failed', { diagnosis: diagnosis('nobody.test does not know this recipient') }),
      delivery('deferred', greylisted),
    ];
    expect(headline(deliveries, NOW_ON)).toBe(
      '1 of 3 accepted. 1 was refused: nobody.test does not know this recipient. ' +
        '1 is waiting: example.org asks us to come back; next try 14:32 (in 3:05).',
    );
  });

  it('says refused only where a server did so', () => {
    const failed = (title: string, more: Partial<Diagnosis>) =>
      delivery('failed', { diagnosis: { ...diagnosis(title), ...more } });
    const deliveries = [
      failed('nobody.test did not find cleo@nobody.test', { class: 'no-such-recipient' }),
      failed('There is no domain nowhere.test', { class: 'no-such-domain' }),
      delivery('bounced', { diagnosis: diagnosis('The mailbox of anna@late.test is full') }),
    ];
    expect(headline(deliveries, NOW_ON)).toBe(
      '1 was refused: nobody.test did not find cleo@nobody.test. ' +
        '1 was not delivered: there is no domain nowhere.test. ' +
        '1 came back: the mailbox of anna@late.test is full.',
    );
  });

  it('says all where it is all', () => {
    expect(headline([delivery('accepted'), delivery('confirmed')], NOW_ON)).toBe('All 2 accepted.');
    expect(headline([delivery('relayed'), delivery('relayed')], NOW_ON)).toBe('All 2 relayed.');
  });

  it('keeps accepted and relayed apart', () => {
    expect(headline([delivery('accepted'), delivery('relayed')], NOW_ON)).toBe('1 of 2 accepted. 1 of 2 relayed.');
  });

  it('gives a reason only where all share it, and the soonest try', () => {
    const waiting = [
      delivery('deferred', { diagnosis: diagnosis('One reason'), next_attempt_at: after(400) }),
      delivery('deferred', { diagnosis: diagnosis('Another reason'), next_attempt_at: after(60) }),
    ];
    expect(headline(waiting, NOW_ON)).toBe('2 are waiting; next try 14:29 (in 1:00).');
  });

  it('speaks of none when there are none', () => {
    expect(headline([], NOW_ON)).toBe('This letter has no recipients.');
  });
});

it('a title goes into a sentence with a small letter unless it begins with a name', () => {
  expect(insideSentence('The mailbox is full.')).toBe('the mailbox is full');
  expect(insideSentence('Anna@example.org is unknown')).toBe('Anna@example.org is unknown');
  expect(insideSentence('A rule of example.org refused the letter')).toBe('a rule of example.org refused the letter');
  expect(insideSentence('Example.org fell silent')).toBe('Example.org fell silent');
  expect(insideSentence('TLS is missing')).toBe('TLS is missing');
  expect(insideSentence('Postrider gave up')).toBe('Postrider gave up');
});

it.each([
  [delivery('held', { hold: 'paused' }), 'Nothing, until you release it.'],
  [delivery('deferred', { next_attempt_at: after(185) }), 'Tried again 14:32 (in 3:05), by itself.'],
  [delivery('failed'), 'Nothing more by itself.'],
  [delivery('accepted'), 'Nothing more: a server took responsibility for it.'],
])('%# what happens next is said for every state', (one, sentence) => {
  expect(nextStep(one, NOW_ON)).toBe(sentence);
});

it.each([
  ['it has left already', 'It has left already'],
  ['smtp.example.org refused the login', 'smtp.example.org refused the login'],
  ['“5x” is not a duration', '“5x” is not a duration'],
  ['The disk is full.', 'The disk is full.'],
])('“%s” stands for itself as “%s”', (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});
