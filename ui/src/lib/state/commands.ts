// What the keys do. Buttons do the same through the same functions.

import type { AnswerKind, LetterChange, LetterRow, Role } from '../engine/types';
import type { Command } from '../pure/keys';
import { lettersOfAll } from '../pure/threads';
import { words } from '../words';
import { mailboxes as sayOf } from '../words/mailboxes';
import { asking } from './asking.svelte';
import { change, changed, offerUndo } from './changes';
import { composer } from './composer.svelte';
import { conversation } from './conversation.svelte';
import { desk } from './desk.svelte';
import { links } from './links.svelte';
import { mailboxes } from './mailboxes.svelte';
import { notices } from './notices.svelte';
import { printLetter } from './printing';
import { offerMoved } from './offers';
import { reader } from './reader.svelte';
import { search } from './search.svelte';
import { session } from './session.svelte';
import { undo } from './undo.svelte';

/** Carries out a command; tells whether it meant anything here. */
export function run(command: Command): boolean {
  if (command === 'back') return stepBack();
  if (asking.question || links.url !== null || mailboxes.naming || mailboxes.choosing) return false;
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
    case 'extend-next':
      return moved(() => desk.extend(1));
    case 'extend-previous':
      return moved(() => desk.extend(-1));
    case 'select-all':
      return moved(() => desk.selectAll());
    case 'undo':
      return undo.take();
    case 'next-letter':
      return conversation.isShown && moved(() => stepIn(1));
    case 'previous-letter':
      return conversation.isShown && moved(() => stepIn(-1));
    case 'print':
      return printed();
    default:
      return onLetter(command);
  }
}

function onLetter(command: Command): boolean {
  const rows = chosen();
  const [row] = rows;
  if (!row) return false;
  switch (command) {
    case 'reply':
    case 'reply-all':
    case 'forward':
      return rows.length === 1 && started(answer(conversation.currentRow ?? row, command));
    case 'archive':
      return started(file(rows, 'archive'));
    case 'trash':
      return started(trash(rows));
    case 'unread':
      return started(toggleRead(rows));
    case 'flag':
      return started(toggleFlag(rows));
    case 'move':
    case 'copy':
      return moved(() => mailboxes.choose(rows, command === 'copy'));
    default:
      return false;
  }
}

/** To the next letter of the conversation, in sight. */
function stepIn(by: number): void {
  const letter = conversation.step(by);
  if (letter === null) return;
  setTimeout(() => document.getElementById(`in-conversation-${letter}`)?.scrollIntoView({ block: 'nearest' }));
}

/** Prints what is read: of a conversation, the letter that one is at. */
function printed(): boolean {
  const letter = conversation.current ?? reader.letter?.row.letter ?? null;
  return letter !== null && started(printLetter(letter));
}

/** Several letters, or the one that was chosen last, even where it is not on the screen yet. */
function chosen(): LetterRow[] {
  if (desk.several.length > 0) return desk.several;
  const selected = desk.letterList?.selected;
  const row = selected?.letter === reader.letterId ? selected : reader.letter?.row;
  return row && row.letter !== null && row.letter === reader.letterId ? [row] : [];
}

/** Begins an answer to a letter. */
export async function answer(row: LetterRow, kind: AnswerKind): Promise<void> {
  if (row.letter === null) return;
  await composer.answer(row.letter, kind);
  desk.inFront = true;
}

/** All read; or unread, where all were read. */
export async function toggleRead(rows: LetterRow[]): Promise<void> {
  reader.stopReading();
  await change(rows, { change: 'seen', on: rows.some(({ unread }) => unread) });
}

/** All flagged; or none, where all were. */
export async function toggleFlag(rows: LetterRow[]): Promise<void> {
  await change(rows, { change: 'flagged', on: rows.some(({ flagged }) => !flagged) });
}

/** Files letters; the list goes on to the next one. */
export async function file(rows: LetterRow[], role: Role): Promise<void> {
  const elsewhere = stored(rows).filter((row) => roleOf(row) !== role);
  if (elsewhere.length === 0) return;
  const done = takeAway(elsewhere, { change: 'file', role });
  offerMoved(elsewhere, words.letter.moved(lettersOfAll(elsewhere).length, role), done);
  await done;
}

/** To the trash; from the trash for good, after a question. */
export async function trash(rows: LetterRow[]): Promise<void> {
  await file(rows, 'trash');
  const there = stored(rows).filter((row) => roleOf(row) === 'trash');
  if (there.length === 0) return;
  const { deleteAsk, deleteText: text, deleteForGood: accept, deleted } = words.letter;
  const question = { heading: deleteAsk(there.length), text, accept, refuse: words.common.cancel, danger: true };
  if (!(await asking.ask(question))) return;
  notices.announce(deleted(there.length));
  const done = changed(there, { change: 'delete' });
  if (!reader.isOpen) desk.back();
  const answer = await done;
  if (answer) offerUndo(sayOf.deleted(there.length), answer.undo);
}

/** The role of the mailbox that a letter is in. */
export function roleOf(row: LetterRow): Role | null {
  return session.mailbox(row.mailbox)?.role ?? null;
}

function stored(rows: LetterRow[]): LetterRow[] {
  return rows.filter(({ letter }) => letter !== null);
}

function takeAway(rows: LetterRow[], what: LetterChange): Promise<boolean> {
  const done = change(rows, what);
  if (!reader.isOpen) desk.back();
  return done;
}

/** Esc goes one step back, from the nearest to the farthest. */
function stepBack(): boolean {
  if (asking.question) return moved(() => asking.answer(false));
  if (mailboxes.naming || mailboxes.choosing) return moved(() => (mailboxes.naming = mailboxes.choosing = null));
  if (links.url !== null) return moved(() => links.close());
  if (composer.isShown) return started(composer.close());
  if (session.stage !== 'ready') return false;
  if (desk.several.length > 0) return moved(() => desk.letterList?.leaveSeveral());
  if (desk.place.at === 'search' && !desk.covered) return moved(() => search.leave());
  if (reader.closeReport()) return true;
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
