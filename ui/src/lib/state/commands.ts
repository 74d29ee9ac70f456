// What the keys do. Buttons do the same through the same functions.

import type { AnswerKind, LetterChange, LetterRow, Role } from '../engine/types';
import type { Command } from '../pure/keys';
import { words } from '../words';
import { asking } from './asking.svelte';
import { change } from './changes';
import { composer } from './composer.svelte';
import { desk } from './desk.svelte';
import { links } from './links.svelte';
import { notices } from './notices.svelte';
import { reader } from './reader.svelte';
import { search } from './search.svelte';
import { session } from './session.svelte';

/** Carries out a command; tells whether it meant anything here. */
export function run(command: Command): boolean {
  if (command === 'back') return stepBack();
  if (asking.question || links.url !== null) return false;
  if (command === 'send') return composer.isShown && started(composer.send(null));
  if (composer.isShown || session.stage !== 'ready') return false;
  switch (command) {
    case 'compose':
      return started(desk.compose());
    case 'next':
      return moved(() => desk.move(1));
    case 'previous':
      return moved(() => desk.move(-1));
    case 'first':
      return moved(() => desk.moveTo(0));
    case 'last':
      return moved(() => desk.moveTo((desk.list?.count ?? 1) - 1));
    case 'open':
      return moved(() => desk.openSelected());
    case 'search':
      return moved(() => search.begin());
    default:
      return onLetter(command);
  }
}

function onLetter(command: Command): boolean {
  const row = current();
  if (!row) return false;
  switch (command) {
    case 'reply':
    case 'reply-all':
    case 'forward':
      return started(answer(row, command));
    case 'archive':
      return started(file(row, 'archive'));
    case 'trash':
      return started(trash(row));
    case 'unread':
      return started(change([row], { change: 'seen', on: row.unread }));
    case 'flag':
      return started(change([row], { change: 'flagged', on: !row.flagged }));
    default:
      return false;
  }
}

/** The letter that was chosen last, even where it is not on the screen yet. */
function current(): LetterRow | undefined {
  const chosen = desk.letterList?.selected;
  const row = chosen?.letter === reader.letterId ? chosen : reader.letter?.row;
  return row?.letter === reader.letterId && row?.letter !== null ? row : undefined;
}

/** Begins an answer to a letter. */
export async function answer(row: LetterRow, kind: AnswerKind): Promise<void> {
  if (row.letter === null) return;
  await composer.answer(row.letter, kind);
  desk.inFront = true;
}

const FILED: Partial<Record<Role, string>> = {
  archive: words.letter.archived,
  trash: words.letter.trashed,
  junk: words.letter.junked,
  inbox: words.letter.moved,
};

/** Files a letter; the list goes on to the next one. */
export async function file(row: LetterRow, role: Role): Promise<void> {
  await takeAway(row, { change: 'file', role }, FILED[role] ?? '');
}

/** To the trash; from the trash for good. */
export async function trash(row: LetterRow): Promise<void> {
  if (roleOf(row) === 'trash') await takeAway(row, { change: 'delete' }, words.letter.deleted);
  else await file(row, 'trash');
}

/** The role of the mailbox that a letter is in. */
export function roleOf(row: LetterRow): Role | null {
  return session.mailbox(row.mailbox)?.role ?? null;
}

async function takeAway(row: LetterRow, what: LetterChange, said: string): Promise<void> {
  const done = change([row], what);
  notices.announce(said);
  if (!reader.isOpen) desk.back();
  await done;
}

/** Esc goes one step back, from the nearest to the farthest. */
function stepBack(): boolean {
  if (asking.question) return moved(() => asking.answer(false));
  if (links.url !== null) return moved(() => links.close());
  if (composer.isShown) return started(composer.close());
  if (session.stage !== 'ready') return false;
  if (desk.place.at === 'search' && !desk.covered) return moved(() => search.leave());
  return moved(() => desk.back());
}

function moved(act: () => void): boolean {
  act();
  return true;
}

function started(work: Promise<unknown>): boolean {
  void work;
  return true;
}
