import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Draft, DraftView, MarkKind, MarkTone, Outlook, RecipientMark } from '../engine/types';
import { composer } from './composer.svelte';

let calls: { name: string; args: Record<string, unknown> }[] = [];
let failing: string | null = null;
let known: (address: string) => RecipientMark | Promise<RecipientMark>;

const mark = (address: string, kind: MarkKind = 'fine', tone: MarkTone = 'quiet'): RecipientMark => ({
  address,
  settled: true,
  kind,
  tone,
  encryption: 'unknown',
  label: kind,
  text: kind,
  instead: null,
});

const greylisting: Outlook = {
  kind: 'greylisting',
  tone: 'caution',
  message: 'Somebody waits.',
  meaning: 'Nothing is wrong.',
  better: null,
  better_label: null,
  warning: 'greylisting',
  domain: null,
  finding: null,
};

const view = (more: Partial<Draft> = {}): DraftView => ({
  id: 5,
  draft: {
    account: 1,
    identity: 1,
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    html: '<p>Hello</p>',
    in_reply_to: null,
    references: [],
    answers: null,
    forwards: null,
    route: 'auto',
    require_tls: false,
    ...more,
  },
  attachments: [],
  saved_at: '2026-11-03T14:00:00Z',
});

const named = (name: string) => calls.filter((one) => one.name === name);

beforeEach(async () => {
  vi.useFakeTimers();
  failing = null;
  known = mark;
  mockIPC((_, payload) => {
    const one = payload as { name: string; args: Record<string, unknown> };
    calls.push(one);
    if (one.name === failing) throw { code: 'disk-full', message: 'The disk is full.', hint: 'Make room.' };
    if (one.name === 'draft_new' || one.name === 'draft_answer' || one.name === 'draft_show') return view();
    if (one.name === 'draft_save') return { ...view(one.args['content'] as Draft), saved_at: '2026-11-03T14:32:00Z' };
    if (one.name === 'draft_send') return 9;
    if (one.name === 'recipient_marks')
      return Promise.all((one.args['addresses'] as string[]).map((to) => known(to)));
    if (one.name === 'letter_outlook')
      return { choices: [], banner: one.args['route'] === 'direct' ? greylisting : null };
    return null;
  });
  await composer.discard();
  await composer.begin();
  calls = [];
});

describe('the composer', () => {
  it('saves half a second after the last key, once', async () => {
    composer.subject = 'In';
    composer.edited();
    await vi.advanceTimersByTimeAsync(300);
    composer.subject = 'Invitation';
    composer.edited();
    await vi.advanceTimersByTimeAsync(499);
    expect(named('draft_save')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2);
    expect(named('draft_save').map(({ args }) => (args['content'] as Draft).subject)).toEqual(['Invitation']);
    expect(composer.saved).toBe('saved');
  });

  it('saves a recipient that is still being typed', async () => {
    composer.pending.to = 'Anna <anna@example.org>';
    composer.edited();
    await composer.save();
    expect((named('draft_save')[0]?.args['content'] as Draft).to).toEqual([
      { name: 'Anna', address: 'anna@example.org' },
    ]);
  });

  it('tries again by itself when the draft could not be saved', async () => {
    failing = 'draft_save';
    composer.edited();
    await vi.advanceTimersByTimeAsync(501);
    expect(composer.saved).toBe('failed');
    failing = null;
    await vi.advanceTimersByTimeAsync(5001);
    expect(composer.saved).toBe('saved');
  });

  it('saves before it sends, and closes only when the letter is in the outbox', async () => {
    const sent = vi.fn();
    composer.onSent = sent;
    composer.commit('to', 'anna@example.org');
    await composer.send(null);
    expect(calls.map(({ name }) => name).filter((name) => name.startsWith('draft_'))).toEqual([
      'draft_save',
      'draft_send',
    ]);
    expect(sent).toHaveBeenCalledWith(9, null);
    expect(composer.isOpen).toBe(false);
  });

  it('stays open with the reason when sending fails', async () => {
    failing = 'draft_send';
    composer.commit('to', 'anna@example.org');
    await composer.send(null);
    expect(composer.isOpen).toBe(true);
    expect(composer.problem?.message).toBe('The disk is full.');
  });

  it('does not send to what is not an address, and says which', async () => {
    composer.pending.to = 'anna@';
    await composer.send(null);
    expect(composer.problem?.message).toContain('anna@');
    expect(named('draft_send')).toHaveLength(0);
  });

  it('does not send to nobody', async () => {
    await composer.send(null);
    expect(composer.problem?.message).toBe('Add at least one recipient.');
  });

  it('leaves no draft behind when nothing was written', async () => {
    await composer.close();
    expect(calls.map(({ name }) => name)).toEqual(['draft_discard']);
  });

  it('leaves no draft behind of an answer that was not written', async () => {
    await composer.answer(7, 'reply');
    await composer.close();
    expect(named('draft_discard')).toHaveLength(2);
  });

  it('keeps a draft that was opened and closed again as it was', async () => {
    await composer.discard();
    await composer.openDraft(5);
    calls = [];
    await composer.close();
    expect(calls).toEqual([]);
  });

  it('keeps what was written when it is closed', async () => {
    composer.subject = 'Later';
    composer.edited();
    await composer.close();
    expect(calls.map(({ name }) => name)).toEqual(['draft_save']);
    expect(composer.isOpen).toBe(false);
  });

  it('marks recipients while one types on, and forgets their marks with them', async () => {
    known = (address) => mark(address, 'refused', 'caution');
    composer.commit('to', 'Anna@Example.org');
    await vi.advanceTimersByTimeAsync(121);
    expect(composer.foresight.markOf('anna@example.org')?.kind).toBe('refused');
    composer.remove('to', 0);
    await vi.advanceTimersByTimeAsync(121);
    expect(composer.foresight.marks.size).toBe(0);
  });

  it('sends to one that was refused before when one wants to', async () => {
    known = (address) => mark(address, 'refused', 'caution');
    composer.commit('to', 'anna@example.org');
    await vi.advanceTimersByTimeAsync(121);
    await composer.send(null);
    expect(named('draft_send')).toHaveLength(1);
  });

  it('asks about fifty recipients once, and only when nobody has typed for a moment', async () => {
    for (let n = 0; n < 50; n += 1) {
      composer.commit('to', `person${n}@d${n}.example`);
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(named('recipient_marks')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(400);
    expect(named('recipient_marks')).toHaveLength(1);
    expect(named('letter_outlook')).toHaveLength(1);
    expect(named('recipient_marks')[0]?.args['addresses']).toHaveLength(50);
    for (let n = 0; n < 20; n += 1) {
      composer.foresight.moreIsKnown();
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(named('recipient_marks').length).toBeLessThanOrEqual(4);
  });

  it('says nothing of an incomplete address', async () => {
    composer.commit('to', 'anna@');
    composer.pending.to = 'ben@exam';
    composer.edited();
    await vi.advanceTimersByTimeAsync(400);
    expect(named('recipient_marks').flatMap(({ args }) => args['addresses'])).toEqual([]);
  });

  it('does not wait for what is looked up', async () => {
    known = () => new Promise(() => undefined);
    composer.commit('to', 'anna@example.org');
    await vi.advanceTimersByTimeAsync(400);
    composer.subject = 'Written meanwhile';
    composer.edited();
    await composer.send(null);
    expect(named('draft_send')).toHaveLength(1);
  });

  it('puts what was meant in the place of what was typed', () => {
    composer.commit('to', 'Anna <anna@gmial.com>, ben@gmail.com');
    composer.takeInstead('to', 0, 'anna@gmail.com');
    expect(composer.recipients.to.map(({ name, address }) => [name, address])).toEqual([
      ['Anna', 'anna@gmail.com'],
      [null, 'ben@gmail.com'],
    ]);
    composer.takeInstead('to', 0, 'ben@gmail.com');
    expect(composer.recipients.to).toHaveLength(1);
  });

  it('says what the way means for the letter, and asks again when another one is chosen', async () => {
    composer.commit('to', 'anna@example.org');
    composer.sendBy('direct');
    await vi.advanceTimersByTimeAsync(400);
    expect(composer.foresight.banner?.kind).toBe('greylisting');
    composer.sendBy('post.example');
    await vi.advanceTimersByTimeAsync(400);
    expect(composer.foresight.banner).toBeNull();
  });

  it('saves that it may travel only over verified encryption', async () => {
    composer.onlyEncrypted(true);
    await composer.save();
    expect((named('draft_save')[0]?.args['content'] as Draft).require_tls).toBe(true);
  });
});
