// The mailboxes of an account as a tree: which are inside which, which are shown, and which are found by what is typed.

import type { Mailbox } from '../engine/types';
import { mailboxName, type SidebarEntry } from './sidebar';

/** A line of the tree. */
export type TreeEntry = SidebarEntry & {
  /** Whether other mailboxes are inside it. */
  parent: boolean;
  open: boolean;
};

/** Whether a mailbox is inside another. */
export function isInside(mailbox: Mailbox, around: Mailbox): boolean {
  const { account, path, separator } = around;
  return (
    mailbox.account === account && separator !== null && separator !== '' && mailbox.path.startsWith(path + separator)
  );
}

/** What is shown while some mailboxes are collapsed; those with a role hold nothing below them here. */
export function treeOf(entries: SidebarEntry[], collapsed: ReadonlySet<number>): TreeEntry[] {
  const folders = entries.filter(({ mailbox }) => mailbox.role === null);
  const hidden = (entry: SidebarEntry) =>
    entry.mailbox.role === null &&
    folders.some((around) => collapsed.has(around.mailbox.id) && isInside(entry.mailbox, around.mailbox));
  return entries
    .filter((entry) => !hidden(entry))
    .map((entry) => ({
      ...entry,
      parent: entry.mailbox.role === null && folders.some(({ mailbox }) => isInside(mailbox, entry.mailbox)),
      open: !collapsed.has(entry.mailbox.id),
    }));
}

/** Unread letters in a mailbox, and in those inside it while they are not shown. */
export function unreadOf(entry: TreeEntry, all: SidebarEntry[]): number {
  if (entry.open || !entry.parent) return entry.mailbox.unread;
  const inside = all.filter(({ mailbox }) => mailbox.role === null && isInside(mailbox, entry.mailbox));
  return inside.reduce((sum, { mailbox }) => sum + mailbox.unread, entry.mailbox.unread);
}

/**
 * Mailboxes that the side bar leaves out: those that are not subscribed to. Where an account subscribes to nothing but
 * what has a role, its user does not use subscriptions, and everything is shown.
 */
export function leftOut(mailboxes: Mailbox[]): ReadonlySet<number> {
  const folders = mailboxes.filter(({ role }) => role === null);
  const out = folders.filter((mailbox) => !mailbox.subscribed && !holdsShown(mailbox, folders));
  return new Set(out.length === folders.length ? [] : out.map(({ id }) => id));
}

function holdsShown(around: Mailbox, folders: Mailbox[]): boolean {
  return folders.some((mailbox) => mailbox.subscribed && isInside(mailbox, around));
}

/** Mailboxes that letters can be put into, by what is typed: names that begin with it first, then paths that have it. */
export function targets(mailboxes: Mailbox[], typed: string): Mailbox[] {
  const wanted = fold(typed.trim());
  const rank = (mailbox: Mailbox) => {
    const name = fold(mailboxName(mailbox));
    if (name.startsWith(wanted)) return 0;
    if (name.includes(wanted)) return 1;
    return fold(mailbox.path).includes(wanted) ? 2 : 3;
  };
  const ranked = mailboxes
    .filter(({ selectable }) => selectable)
    .map((mailbox) => ({ mailbox, rank: rank(mailbox) }));
  const found = ranked.filter((one) => one.rank < 3);
  // The order of the side bar within a rank.
  return found.sort((a, b) => a.rank - b.rank).map(({ mailbox }) => mailbox);
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
