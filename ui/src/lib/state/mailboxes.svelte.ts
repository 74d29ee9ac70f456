// What is done with mailboxes, and the two questions it takes: what one is to be called, and which one letters go to.

import { call } from '../engine/call';
import type { AccountId, LetterRow, Mailbox, MailboxId } from '../engine/types';
import { isInside } from '../pure/mailbox-tree';
import { mailboxName } from '../pure/sidebar';
import { lettersOfAll } from '../pure/threads';
import { words } from '../words';
import { mailboxes as say } from '../words/mailboxes';
import { asking } from './asking.svelte';
import { offerUndo } from './changes';
import { desk } from './desk.svelte';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

/** A mailbox that is being named. */
export type Naming =
  { what: 'create'; account: AccountId; parent: Mailbox | null } | { what: 'rename'; mailbox: Mailbox };

/** Letters that are to be put somewhere. */
export type Choosing = { rows: LetterRow[]; account: AccountId; copy: boolean };

const COLLAPSED = 'postrider.collapsed';

class Mailboxes {
  naming = $state.raw<Naming | null>(null);
  choosing = $state.raw<Choosing | null>(null);
  collapsed = $state.raw<ReadonlySet<MailboxId>>(new Set(remembered()));
  /** Letters that are being dragged. */
  dragged = $state.raw<LetterRow[]>([]);

  toggle(id: MailboxId): void {
    const collapsed = new Set(this.collapsed);
    if (!collapsed.delete(id)) collapsed.add(id);
    this.collapsed = collapsed;
    localStorage.setItem(COLLAPSED, JSON.stringify([...collapsed]));
  }

  /** Carries out what was named. Tells whether it could be. */
  async named(name: string): Promise<boolean> {
    const naming = this.naming;
    if (!naming) return false;
    try {
      if (naming.what === 'create') {
        const parent = naming.parent?.id ?? null;
        const made = await call('mailbox_create', { account: naming.account, parent, name });
        await session.refreshSidebar();
        await desk.go({ at: 'letters', source: { list: 'mailbox', mailbox: made.id } });
      } else {
        await call('mailbox_rename', { mailbox: naming.mailbox.id, name });
      }
      this.naming = null;
      return true;
    } catch (error) {
      notices.fail(error);
      return false;
    }
  }

  /** Deletes a mailbox, after it was said what becomes of its letters. */
  async remove(mailbox: Mailbox): Promise<void> {
    const name = mailboxName(mailbox);
    const question = {
      heading: say.removeAsk(name),
      text: whatGoes(mailbox, session.mailboxes),
      accept: say.remove,
      refuse: words.common.cancel,
      danger: true,
    };
    if (!(await asking.ask(question))) return;
    await attempt(async () => {
      await call('mailbox_remove', { mailbox: mailbox.id });
      const place = desk.place;
      if (place.at === 'letters' && place.source.list === 'mailbox' && place.source.mailbox === mailbox.id) {
        await desk.go({ at: 'letters', source: { list: 'role', role: 'inbox' } });
      }
      notices.announce(say.removed(name));
    });
  }

  /** Deletes what is in the trash or the junk, after a question. */
  async empty(mailbox: Mailbox): Promise<void> {
    const name = mailboxName(mailbox);
    const question = {
      heading: say.emptyAsk(name),
      text: say.emptyText(mailbox.total),
      accept: mailbox.role === 'junk' ? say.emptyJunk : say.emptyTrash,
      refuse: words.common.cancel,
      danger: true,
    };
    if (!(await asking.ask(question))) return;
    await attempt(async () => {
      const changed = await call('mailbox_empty', { mailbox: mailbox.id });
      offerUndo(say.emptied(name), changed.undo);
    });
  }

  async subscribe(mailbox: Mailbox): Promise<void> {
    await attempt(() => call('mailbox_subscribe', { mailbox: mailbox.id, on: !mailbox.subscribed }));
  }

  /** Asks where letters are to go. */
  choose(rows: LetterRow[], copy: boolean): void {
    const accounts = new Set(rows.map((row) => session.mailbox(row.mailbox)?.account));
    const [account] = accounts;
    if (account === undefined) return;
    if (accounts.size > 1) notices.say(say.several);
    else this.choosing = { rows, account, copy };
  }

  /** Puts letters into a mailbox. */
  async put(rows: LetterRow[], mailbox: Mailbox, copy: boolean): Promise<void> {
    this.choosing = null;
    const letters = lettersOfAll(rows);
    const what = copy
      ? ({ change: 'copy', mailbox: mailbox.id } as const)
      : ({ change: 'move', mailbox: mailbox.id } as const);
    if (letters.length === 0) return;
    if (!copy) desk.letterList?.foresee(new Set(letters), what);
    await attempt(async () => {
      const changed = await call('letter_change', { letters, change: what });
      const said = copy ? say.copied : say.moved;
      offerUndo(said(letters.length, mailboxName(mailbox)), changed.undo);
    });
  }
}

/** What goes with a mailbox, and where to. */
export function whatGoes(mailbox: Mailbox, all: Mailbox[]): string {
  const inside = all.filter((other) => isInside(other, mailbox));
  const letters = [mailbox, ...inside].reduce((sum, { total }) => sum + total, 0);
  const trash = all.find(({ account, role }) => account === mailbox.account && role === 'trash');
  const toTrash = trash !== undefined && !isInside(mailbox, trash);
  const gone = toTrash ? say.removeToTrash(letters) : say.removeForGood(letters);
  return [
    letters === 0 ? say.removeEmpty : gone,
    ...(inside.length > 0 ? [say.removeInside(inside.length)] : []),
  ].join(' ');
}

function remembered(): MailboxId[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(COLLAPSED) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'number') : [];
  } catch {
    return [];
  }
}

export const mailboxes = new Mailboxes();
