// The side bar in order: roles first, then folders as a tree; and the one line about the sync.

import type { Mailbox, Role, SidebarAccount } from '../engine/types';
import { words } from '../words';

/** A mailbox as the side bar lists it. */
export type SidebarEntry = { mailbox: Mailbox; name: string; icon: string; depth: number };

/** An account with its mailboxes in order. */
export type SidebarGroup = { id: number; address: string; entries: SidebarEntry[] };

const ROLE_ORDER: Role[] = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash', 'all'];

/** Accounts with something to list. */
export function sidebarAccounts(accounts: SidebarAccount[]): SidebarGroup[] {
  return accounts.map(({ id, address, mailboxes }) => ({ id, address, entries: entries(mailboxes) }));
}

function entries(mailboxes: Mailbox[]): SidebarEntry[] {
  const rank = ({ role }: Mailbox) => (role === null ? ROLE_ORDER.length : ROLE_ORDER.indexOf(role));
  const order = (a: Mailbox, b: Mailbox) => rank(a) - rank(b) || a.path.localeCompare(b.path);
  return [...mailboxes].sort(order).map((mailbox) => ({
    mailbox,
    name: mailboxName(mailbox),
    icon: mailbox.role ?? 'folder',
    depth: mailbox.role === null ? depth(mailbox, mailboxes) : 0,
  }));
}

/** How deep a folder stands below other folders that are listed; roles are listed flat, above. */
function depth({ path, separator }: Mailbox, all: Mailbox[]): number {
  if (separator === null) return 0;
  const parts = path.split(separator);
  const parents = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join(separator));
  return parents.filter((parent) => all.some((other) => other.path === parent && other.role === null)).length;
}

/** What an account that was refused wants of its user. */
export type Wanted = 'password' | 'sign-in';

/** The line at the foot: what it says, how it looks, and what is wanted of the user. */
export type SyncLine = {
  text: string;
  tone: 'good' | 'busy' | 'waiting' | 'refused' | 'quiet';
  wants: Wanted | null;
};

/**
 * The line for all accounts: what needs a person first, then what is wrong, then what is going on. `signsIn` tells of an
 * account whether it signs in at its provider.
 */
export function syncLine(accounts: SidebarAccount[], signsIn: (account: number) => boolean = () => false): SyncLine {
  const say = words.sync;
  const first = <S extends SidebarAccount['sync']['sync']>(sync: S) =>
    accounts.find((account) => account.sync.sync === sync);
  const refused = first('login-refused');
  if (refused) {
    const wants = signsIn(refused.id) ? 'sign-in' : 'password';
    const text = wants === 'sign-in' ? say.signInEnded(refused.address) : say.loginRefused(refused.address);
    return { text, tone: 'refused', wants };
  }
  const offline = first('offline')?.sync;
  if (offline?.sync === 'offline') {
    const text = offline.reason === '' ? say.offline : say.offlineReason(offline.reason);
    return { text, tone: 'waiting', wants: null };
  }
  const busy = first('syncing')?.sync;
  if (busy?.sync === 'syncing') {
    return {
      text: say.syncing(busy.mailbox, busy.done, busy.total, busy.seconds_left),
      tone: 'busy',
      wants: null,
    };
  }
  if (accounts.length === 0) return { text: say.none, tone: 'quiet', wants: null };
  if (accounts.every(({ sync }) => sync.sync === 'send-only'))
    return { text: say.sendOnly, tone: 'quiet', wants: null };
  return { text: say.upToDate, tone: 'good', wants: null };
}

/** The name of a list, for its heading. */
export function listName(
  source: { list: 'role'; role: Role } | { list: 'mailbox'; mailbox: number },
  all: Mailbox[],
): string {
  if (source.list === 'role') return words.roles[source.role];
  const mailbox = all.find(({ id }) => id === source.mailbox);
  return mailbox ? mailboxName(mailbox) : '';
}

/** A mailbox by its role, else by its own name. */
export function mailboxName({ role, name }: Mailbox): string {
  return role === null ? name : words.roles[role];
}
