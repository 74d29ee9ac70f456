// Imports and exports: what is chosen for the next one, and how those that were begun stand.

import { asFailure, call, type CallFailed } from '../engine/call';
import { chooseFile, chooseFolder, chooseTarget } from '../engine/shell';
import type { AccountId, ExportFormat, ImportSource, LetterId, MailboxId, TransferView } from '../engine/types';
import { exportName, isOver, transferName, transferWords } from '../pure/transfers';
import { mailboxName } from '../pure/sidebar';
import { importing as say } from '../words/importing';
import { attempt, notices } from './notices.svelte';
import { fileName } from './printing';
import { session } from './session.svelte';

class Transfers {
  /** The newest first. */
  list = $state.raw<TransferView[]>([]);
  failure = $state.raw<CallFailed | null>(null);

  async fetch(): Promise<void> {
    try {
      this.list = await call('transfer_list', {});
      this.failure = null;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  /** Takes over how one stands now. Its end is said wherever one is. */
  follow(transfer: TransferView): void {
    const before = this.list.find(({ id }) => id === transfer.id);
    if (before && isOver(before) && !isOver(transfer)) return;
    this.list = before ? this.list.map((one) => (one.id === transfer.id ? transfer : one)) : [transfer, ...this.list];
    if (isOver(transfer) && !(before && isOver(before))) {
      const why = transfer.state.state === 'failed' ? ` ${say.failed}` : '';
      notices.say(`${transferName(transfer)}:${why} ${transferWords(transfer)}`);
    }
  }

  async stop({ id }: TransferView): Promise<void> {
    await attempt(() => call('transfer_cancel', { transfer: id }));
  }
}

export const transfers = new Transfers();

/** What is to be brought in, while it is being chosen. */
export class Importing {
  /** What other programs keep on this computer. */
  usual = $state.raw<ImportSource[]>([]);
  path = $state('');
  source = $state.raw<ImportSource | null>(null);
  /** The names of the folders that are wanted. */
  wanted = $state.raw<ReadonlySet<string>>(new Set());
  account = $state<AccountId | null>(null);
  /** The path of a mailbox; empty for one of its own. */
  into = $state('');
  looking = $state(false);
  problem = $state.raw<CallFailed | null>(null);

  constructor() {
    this.account = readingAccounts()[0]?.id ?? null;
    void this.#usual();
  }

  folders = $derived(this.source?.folders.filter(({ name }) => this.wanted.has(name)) ?? []);

  async #usual(): Promise<void> {
    this.usual = await call('import_look', { path: null }).catch(() => []);
  }

  async choose(kind: 'file' | 'folder'): Promise<void> {
    await attempt(async () => {
      const path = await (kind === 'file' ? chooseFile(say.chooseFile) : chooseFolder(say.chooseFolder));
      if (path === null) return;
      this.path = path;
      await this.look();
    });
  }

  /** Looks what is at the path. */
  async look(): Promise<void> {
    const path = this.path.trim();
    if (path === '' || this.looking) return;
    this.looking = true;
    this.problem = null;
    this.source = null;
    try {
      const [source] = await call('import_look', { path });
      if (source) this.take(source);
    } catch (error) {
      this.problem = asFailure(error);
    } finally {
      this.looking = false;
    }
  }

  take(source: ImportSource): void {
    this.path = source.path;
    this.problem = null;
    this.source = source;
    this.all(true);
  }

  all(on: boolean): void {
    this.wanted = new Set(on ? this.source?.folders.map(({ name }) => name) : []);
  }

  toggle(name: string): void {
    const wanted = new Set(this.wanted);
    if (!wanted.delete(name)) wanted.add(name);
    this.wanted = wanted;
  }

  /** Tells whether it goes on. */
  async begin(): Promise<boolean> {
    const { source, account, into } = this;
    if (source === null || account === null || this.folders.length === 0) return false;
    try {
      const folders = this.folders.map(({ name }) => name);
      const where = into === '' ? {} : { into };
      transfers.follow(await call('import_begin', { path: source.path, account, folders, ...where }));
      this.source = null;
      this.path = '';
      this.problem = null;
      return true;
    } catch (error) {
      this.problem = asFailure(error);
      return false;
    }
  }
}

/** Accounts that letters can be brought into: those of the user first. */
export function readingAccounts() {
  return session.accounts.filter(({ imap }) => imap !== null).sort((a, b) => Number(a.practice) - Number(b.practice));
}

/** What is to be written, while it is being chosen. */
export class Exporting {
  mailbox = $state<MailboxId | null>(null);
  format = $state<ExportFormat>('mbox');
  path = $state('');
  problem = $state.raw<CallFailed | null>(null);

  constructor() {
    this.mailbox = exportable()[0]?.id ?? null;
  }

  async choose(): Promise<void> {
    await attempt(async () => {
      const mailbox = session.mailbox(this.mailbox);
      const name = exportName(mailbox ? mailboxName(mailbox) : '', this.format);
      const path = await chooseTarget(say.export.chooseTitle, name);
      if (path !== null) this.path = path;
    });
  }

  /** Tells whether it goes on. */
  async begin(): Promise<boolean> {
    const { mailbox, format } = this;
    const path = this.path.trim();
    if (mailbox === null || path === '') return false;
    try {
      transfers.follow(await call('export_begin', { source: { what: 'mailbox', mailbox }, format, path }));
      this.path = '';
      this.problem = null;
      return true;
    } catch (error) {
      this.problem = asFailure(error);
      return false;
    }
  }
}

/** Mailboxes that hold letters. */
export function exportable() {
  return session.mailboxes.filter(({ selectable }) => selectable);
}

/** Asks where to, and writes the letter as it came. */
export async function saveLetter(letter: LetterId, subject: string): Promise<void> {
  await attempt(async () => {
    const path = await chooseTarget(say.saveAsTitle, `${fileName(subject)}.eml`);
    if (path === null) return;
    await call('letter_save', { letter, path });
    notices.say(say.savedAs);
  });
}
