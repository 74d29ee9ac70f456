// Files of letters: looked at in the window, saved where the user says, opened with care.

import { asFailure, call, type CallFailed } from '../engine/call';
import { attachmentOctets, chooseFolder, chooseTarget, openAttachment } from '../engine/shell';
import type { AttachmentRef, AttachmentView, LetterId, LetterView, Preview } from '../engine/types';
import { words } from '../words';
import { asking } from './asking.svelte';
import { attempt, notices } from './notices.svelte';

/** A file that is looked at. */
export type Shown = { file: AttachmentRef; preview: Preview; letter: LetterView | null };

/** The letter that a file is in, and the attached letters down to it. */
export type Holder = { letter: LetterId; within: number[] };

class Attachments {
  /** What is looked at: the innermost last. */
  shown = $state.raw<Shown[]>([]);
  failure = $state.raw<CallFailed | null>(null);
  #turn = 0;

  get top(): Shown | undefined {
    return this.shown.at(-1);
  }

  /** Looks at a file. A letter is opened as one. */
  async look(file: AttachmentRef): Promise<void> {
    const turn = ++this.#turn;
    await attempt(async () => {
      const preview = await call('attachment_preview', file);
      const within = [...(file.within ?? []), file.part];
      const letter =
        preview.look.look === 'letter' ? await call('attached_show', { letter: file.letter, within }) : null;
      if (turn === this.#turn) this.shown = [...this.shown, { file, preview, letter }];
    });
  }

  octets(file: AttachmentRef): Promise<ArrayBuffer> {
    return attachmentOctets(file);
  }

  /** Back to what was looked at before. Tells whether anything was. */
  close(): boolean {
    this.#turn += 1;
    const open = this.shown.length > 0;
    this.shown = this.shown.slice(0, -1);
    return open;
  }

  /** Asks where to, and saves there. What could run is saved after a warning. */
  async save(file: AttachmentRef, name: string): Promise<void> {
    await attempt(async () => {
      const { care } = await call('attachment_preview', file);
      if (care === 'save-only' && !(await this.#mayRun(name))) return;
      const path = await chooseTarget(words.letter.saveTitle, name);
      if (path === null) return;
      await call('attachment_save', { ...file, path });
      notices.say(words.letter.savedTo(name));
    });
  }

  #mayRun(name: string): Promise<boolean> {
    const { saveWarn, saveWarnText: text, save: accept } = words.reading;
    return asking.ask({ heading: saveWarn(name), text, accept, refuse: words.common.cancel, danger: true });
  }

  /** Asks for a folder, and saves everything there. */
  async saveAll({ letter, within }: Holder): Promise<void> {
    await attempt(async () => {
      const folder = await chooseFolder(words.reading.saveAllTitle);
      if (folder === null) return;
      const saved = await call('attachment_save_all', { letter, within, folder });
      notices.say(words.reading.savedAll(saved.length));
    });
  }

  /** Opens a file with the system's program for it; one of a kind that is not known, after a question. */
  async open(file: AttachmentRef, name: string): Promise<void> {
    await attempt(async () => {
      const { care } = await call('attachment_preview', file);
      if (care === 'save-only') {
        notices.say(words.reading.careful[care]);
        return;
      }
      if (care === 'ask' && !(await this.#mayOpen(name))) return;
      await openAttachment(file);
    });
  }

  #mayOpen(name: string): Promise<boolean> {
    const { openAsk, careful, openAnyway: accept } = words.reading;
    return asking.ask({
      heading: openAsk(name),
      text: careful.ask,
      accept,
      refuse: words.common.cancel,
      danger: false,
    });
  }

  fail(error: unknown): CallFailed {
    return asFailure(error);
  }
}

export const attachments = new Attachments();

/** Where a letter's files are. */
export function holderOf({ row }: LetterView, within: number[] = []): Holder | null {
  return row.letter === null ? null : { letter: row.letter, within };
}

/** A file of a letter. */
export function refTo({ letter, within }: Holder, { part }: AttachmentView): AttachmentRef {
  return within.length > 0 ? { letter, within, part } : { letter, part };
}
