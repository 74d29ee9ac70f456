// The letter that is being written. What is typed is saved half a second later, and whenever the composer is left, so
// that nothing depends on it being closed properly.

import { asFailure, call } from '../engine/call';
import type {
  Account,
  AnswerKind,
  AttachmentId,
  AttachmentInfo,
  Draft,
  DraftId,
  DraftView,
  Identity,
  LetterId,
  OutgoingId,
} from '../engine/types';
import { fromAddress, readRecipients, withoutDoubles, type Recipient } from '../pure/address';
import { travelling } from '../pure/recipient-marks';
import { words } from '../words';
import { Foresight, type Addressed } from './foresight.svelte';
import { attempt } from './notices.svelte';
import { session } from './session.svelte';

/** The fields that hold recipients. */
export type Field = 'to' | 'cc' | 'bcc';

/** Where the text is with the disk. */
export type Saved = 'fresh' | 'changed' | 'saving' | 'saved' | 'failed';

/** What keeps a letter from being sent: the one banner. */
export type Problem = { message: string; hint: string };

/** A From address with its account. */
export type Sender = { account: Account; identity: Identity };

const SAVE_AFTER = 500;
const SAVE_AGAIN_AFTER = 5000;
const FIELDS: Field[] = ['to', 'cc', 'bcc'];

class Composer {
  id = $state<DraftId | null>(null);
  minimised = $state(false);
  recipients = $state<Record<Field, Recipient[]>>({ to: [], cc: [], bcc: [] });
  /** What is typed in a field and is not a chip yet. */
  pending = $state<Record<Field, string>>({ to: '', cc: '', bcc: '' });
  shown = $state<Record<'cc' | 'bcc', boolean>>({ cc: false, bcc: false });
  /** The field that was just opened by hand, and gets the keyboard. */
  wanted = $state<Field | null>(null);
  subject = $state('');
  account = $state(0);
  identity = $state(0);
  route = $state('auto');
  attachments = $state.raw<AttachmentInfo[]>([]);
  requireTls = $state(false);
  saved = $state<Saved>('fresh');
  savedAt = $state.raw<Date | null>(null);
  problem = $state.raw<Problem | null>(null);
  sending = $state(false);
  dropping = $state(false);
  /** The markup that the editor begins with. */
  html = $state.raw('');
  /** Gives the markup that the editor holds now. */
  readHtml: () => string = () => this.html;
  onSent: (outgoing: OutgoingId, at: Date | null) => void = () => undefined;
  onClosed: () => void = () => undefined;
  /** What is known of it before it is sent. */
  readonly foresight = new Foresight(() => this.#addressed());

  #rest: Pick<Draft, 'in_reply_to' | 'references' | 'answers' | 'forwards'> | null = null;
  #saving: Promise<void> | null = null;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;

  get isOpen(): boolean {
    return this.id !== null;
  }

  /** Whether it covers the letter pane. */
  get isShown(): boolean {
    return this.id !== null && !this.minimised;
  }

  get isAnswer(): boolean {
    return this.#rest?.answers !== null && this.#rest !== null;
  }

  /** All From addresses. */
  get senders(): Sender[] {
    return session.accounts.flatMap((account) => account.identities.map((identity) => ({ account, identity })));
  }

  get sender(): Sender | undefined {
    return this.senders.find(({ account, identity }) => account.id === this.account && identity.id === this.identity);
  }

  get smartHosts(): string[] {
    return this.sender?.account.smart_hosts.map(({ name }) => name) ?? [];
  }

  /** Begins a new letter, empty or from a mailto: link. */
  async begin(mailto: string | null = null, account: number | null = null): Promise<void> {
    await attempt(async () => this.open(await call('draft_new', { account, mailto }), true));
  }

  /** Begins an answer. */
  async answer(letter: LetterId, kind: AnswerKind): Promise<void> {
    await attempt(async () => this.open(await call('draft_answer', { letter, kind }), true));
  }

  /** Opens a draft to go on with it. */
  async openDraft(draft: DraftId): Promise<void> {
    if (draft === this.id) {
      this.minimised = false;
      return;
    }
    await attempt(async () => this.open(await call('draft_show', { draft })));
  }

  /**
   * Opens what the engine gave. A letter that was open is kept as a draft. What was only just begun leaves nothing
   * behind when it is closed untouched.
   */
  async open(view: DraftView, begun = false): Promise<void> {
    await this.#leave();
    const { draft } = view;
    this.recipients = {
      to: draft.to.map(fromAddress),
      cc: draft.cc.map(fromAddress),
      bcc: draft.bcc.map(fromAddress),
    };
    this.pending = { to: '', cc: '', bcc: '' };
    this.shown = { cc: draft.cc.length > 0, bcc: draft.bcc.length > 0 };
    this.wanted = null;
    this.subject = draft.subject;
    this.account = draft.account;
    this.identity = draft.identity;
    this.route = draft.route;
    this.requireTls = draft.require_tls;
    this.attachments = view.attachments;
    this.html = draft.html;
    this.readHtml = () => draft.html;
    this.#rest = draft;
    this.foresight.forget();
    this.problem = null;
    this.sending = false;
    this.savedAt = new Date(view.saved_at);
    this.saved = begun ? 'fresh' : 'saved';
    this.minimised = false;
    this.id = view.id;
    this.foresight.lookSoon();
  }

  /** Opens Cc or Bcc. */
  showField(field: 'cc' | 'bcc'): void {
    this.shown[field] = true;
    this.wanted = field;
  }

  /** Turns what is typed in a field into chips. */
  commit(field: Field, text = this.pending[field]): void {
    const added = readRecipients(text);
    this.pending[field] = '';
    if (added.length === 0) return;
    this.recipients[field] = withoutDoubles([...this.recipients[field], ...added]);
    this.addressed();
  }

  remove(field: Field, index: number): void {
    this.recipients[field] = this.recipients[field].filter((_, at) => at !== index);
    this.addressed();
  }

  /** Takes the last chip back into the field as text. */
  reopenLast(field: Field): void {
    const last = this.recipients[field].at(-1);
    if (!last) return;
    this.remove(field, this.recipients[field].length - 1);
    this.pending[field] = last.name === null ? last.address : `${last.name} <${last.address}>`;
  }

  /** Another From address. A route that its account does not have goes back to auto. */
  sendFrom(account: number, identity: number): void {
    this.account = account;
    this.identity = identity;
    if (!['auto', 'direct', ...this.smartHosts].includes(this.route)) this.route = 'auto';
    this.addressed();
  }

  sendBy(route: string): void {
    this.route = route;
    this.addressed();
  }

  /** Whether it may travel only over verified encryption. */
  onlyEncrypted(on: boolean): void {
    this.requireTls = on;
    this.addressed();
  }

  /** Puts the address that was probably meant in the place of a recipient. */
  takeInstead(field: Field, index: number, instead: string): void {
    const corrected = this.recipients[field].map((one, at) =>
      at === index ? { name: one.name, address: instead, valid: true } : one,
    );
    this.recipients[field] = withoutDoubles(corrected);
    this.addressed();
  }

  /** Recipients, sender or route changed. */
  addressed(): void {
    this.edited();
    this.foresight.lookSoon();
  }

  /** Something changed: it is saved soon. */
  edited(): void {
    if (this.id === null) return;
    this.saved = 'changed';
    this.problem = null;
    this.#saveSoon(SAVE_AFTER);
  }

  /** Saves what is not saved yet. Rejects when that is not possible. */
  save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saving ??= this.#saveAll().finally(() => (this.#saving = null));
    return this.#saving;
  }

  async attach(paths: string[]): Promise<void> {
    const draft = this.id;
    if (draft === null || paths.length === 0) return;
    await attempt(async () => this.#attached(await call('draft_attach', { draft, paths })));
  }

  async detach(attachment: AttachmentId): Promise<void> {
    const draft = this.id;
    if (draft === null) return;
    await attempt(async () => this.#attached(await call('draft_detach', { draft, attachment })));
  }

  /** Sends it, now or at a time. */
  async send(at: Date | null): Promise<void> {
    const draft = this.id;
    if (draft === null || this.sending) return;
    FIELDS.forEach((field) => this.commit(field));
    this.problem = this.#whyNot();
    if (this.problem) return;
    this.sending = true;
    try {
      await this.save();
      const outgoing = await call('draft_send', { draft, at: at?.toISOString() ?? null });
      this.#forget();
      this.onSent(outgoing, at);
      this.onClosed();
    } catch (error) {
      this.problem = asFailure(error);
    } finally {
      this.sending = false;
    }
  }

  /** Puts it aside; it goes on being open. */
  minimise(): void {
    if (!this.isShown) return;
    if (this.saved === 'fresh') void this.close();
    else {
      this.minimised = true;
      void this.save().catch(() => undefined);
    }
  }

  restore(): void {
    this.minimised = false;
  }

  /** Closes it; what is written stays as a draft. */
  async close(): Promise<void> {
    try {
      await this.#leave();
      this.onClosed();
    } catch (error) {
      this.problem = asFailure(error);
    }
  }

  /** Throws it away. */
  async discard(): Promise<void> {
    const draft = this.id;
    if (draft === null) return;
    this.#forget();
    this.onClosed();
    await attempt(() => call('draft_discard', { draft }));
  }

  async #leave(): Promise<void> {
    const draft = this.id;
    if (draft === null) return;
    if (this.saved === 'fresh') {
      this.#forget();
      await attempt(() => call('draft_discard', { draft }));
      return;
    }
    await this.save();
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#saveTimer);
    this.foresight.forget();
    this.id = null;
    this.minimised = false;
    this.problem = null;
    this.#rest = null;
    this.readHtml = () => '';
  }

  #attached(view: DraftView): void {
    if (view.id !== this.id) return;
    this.attachments = view.attachments;
    if (this.saved === 'fresh') this.saved = 'saved';
    this.foresight.lookSoon();
  }

  #saveSoon(after: number): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.save().catch(() => undefined), after);
  }

  async #saveAll(): Promise<void> {
    while (this.id !== null && (this.saved === 'changed' || this.saved === 'failed')) {
      this.saved = 'saving';
      await this.#saveOnce(this.id);
    }
  }

  async #saveOnce(draft: DraftId): Promise<void> {
    try {
      const view = await call('draft_save', { draft, content: this.#content() });
      if (draft !== this.id) return;
      this.savedAt = new Date(view.saved_at);
      if (this.saved === 'saving') this.saved = 'saved';
    } catch (error) {
      if (draft === this.id) {
        this.saved = 'failed';
        this.#saveSoon(SAVE_AGAIN_AFTER);
      }
      throw error;
    }
  }

  #content(): Draft {
    const addresses = (field: Field) =>
      [...this.recipients[field], ...readRecipients(this.pending[field])].map(({ name, address }) => ({
        name,
        address,
      }));
    return {
      account: this.account,
      identity: this.identity,
      to: addresses('to'),
      cc: addresses('cc'),
      bcc: addresses('bcc'),
      subject: this.subject,
      html: this.readHtml(),
      in_reply_to: this.#rest?.in_reply_to ?? null,
      references: this.#rest?.references ?? [],
      answers: this.#rest?.answers ?? null,
      forwards: this.#rest?.forwards ?? null,
      route: this.route,
      require_tls: this.requireTls,
    };
  }

  #whyNot(): Problem | null {
    const all = FIELDS.flatMap((field) => this.recipients[field]);
    const bad = all.filter(({ valid }) => !valid).map(({ address }) => address);
    if (bad.length > 0) return { message: words.composer.badRecipients(bad.join(', ')), hint: '' };
    return all.length === 0 ? { message: words.composer.noRecipients, hint: '' } : null;
  }

  /** As it is addressed now; nothing where none is open. */
  #addressed(): Addressed | null {
    if (this.id === null) return null;
    const all = FIELDS.flatMap((field) => this.recipients[field]);
    return {
      account: this.account,
      identity: this.identity,
      route: this.route,
      recipients: all.filter(({ valid }) => valid).map(({ address }) => address),
      size: travelling(this.attachments.reduce((sum, { size }) => sum + size, 0)),
    };
  }
}

export const composer = new Composer();
