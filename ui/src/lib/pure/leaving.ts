// What is said of a letter that waits while the program is about to end.

import type { Leaving, LeavingLetter } from '../engine/types';
import { words } from '../words';
import { leaving as say } from '../words/leaving';
import { countdown, dateAndTime } from './dates';

const NAMED = 2;

/** What may be chosen. */
export type Choice = 'stay' | 'hand-over' | 'quit';

/** How one gets back to a window that is hidden. */
export type WayBack = 'tray' | 'start-again' | 'none';

/** A choice in words. */
export type ChoiceWords = { choice: Choice; name: string; hint: string };

/** Subject and recipients. */
export function letterWords(letter: LeavingLetter): { subject: string; to: string } {
  const { recipients } = letter;
  const named = recipients.slice(0, NAMED).join(', ');
  const others = recipients.length - NAMED;
  const shown = others > 1 ? words.names.others(named, others) : recipients.join(', ');
  return { subject: letter.subject || words.common.noSubject, to: say.to(shown) };
}

/** Why it waits, when it is tried next, and until when; each a few words. */
export function waitWords(letter: LeavingLetter, now: Date): string[] {
  if (letter.state === 'sending') return [say.sending];
  const at = letter.next_attempt_at === null ? null : new Date(letter.next_attempt_at);
  if (letter.state === 'held') {
    if (at === null) return [];
    return [letter.scheduled ? say.leavesAt(dateAndTime(at, now)) : say.leaves(countdown(at, now))];
  }
  const next = at === null || at <= now ? say.nextNow : say.next(dateAndTime(at, now), countdown(at, now));
  const until = letter.given_up_at === null ? '' : say.until(dateAndTime(new Date(letter.given_up_at), now));
  return [letter.title, next, until].filter((words) => words !== '');
}

/** Smart hosts by name. */
export function hostWords(hosts: string[]): string {
  return hosts.length > 0 && hosts.length <= NAMED ? hosts.join(say.and) : say.smartHosts;
}

/** The choices in words, in their order. */
export function choiceWords(choices: Choice[], waiting: Leaving, back: WayBack): ChoiceWords[] {
  return choices.map((choice) => ({ choice, ...inWords(choice, waiting, back) }));
}

function inWords(choice: Choice, waiting: Leaving, back: WayBack): { name: string; hint: string } {
  switch (choice) {
    case 'stay':
      return back === 'tray'
        ? { name: say.stay, hint: say.stayHint }
        : { name: say.keepRunning, hint: say.keepRunningHint };
    case 'hand-over': {
      const { can_be_handed_over: some, total } = waiting;
      const hint = some < total ? say.handOverSome(some, total) : say.handOverAll;
      return { name: say.handOver(hostWords(waiting.smart_hosts)), hint };
    }
    case 'quit':
      return { name: say.quit, hint: say.quitHint };
  }
}
