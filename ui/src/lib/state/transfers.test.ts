import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ImportSource, TransferState, TransferView } from '../engine/types';
import { notices } from './notices.svelte';
import { Importing, transfers } from './transfers.svelte';

const source: ImportSource = {
  path: '/old',
  kind: 'maildir',
  folders: [
    { name: 'Inbox', letters: 3, octets: 30 },
    { name: 'Sent', letters: 2, octets: 20 },
  ],
};
let asked: { name: string; args: unknown }[] = [];

function transfer(state: TransferState, done = 0): TransferView {
  return {
    id: 7,
    kind: 'import',
    path: '/old',
    state,
    total: 5,
    done,
    passed_over: 0,
    failed: 0,
    refused: 0,
    refusals: [],
  };
}

beforeEach(() => {
  asked = [];
  transfers.list = [];
  notices.list = [];
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: { path: string | null } };
    asked.push({ name, args });
    if (name === 'import_look' && args.path === '/gone')
      throw { code: 'not-found', message: '/gone is not there.', hint: '' };
    return name === 'import_look' ? [source] : transfer({ state: 'running' });
  });
});

describe('a transfer', () => {
  it('is followed, and its end is said once', () => {
    transfers.follow(transfer({ state: 'running' }));
    transfers.follow(transfer({ state: 'running' }, 3));
    expect([transfers.list.map(({ done }) => done), notices.list]).toEqual([[3], []]);
    transfers.follow(transfer({ state: 'done' }, 5));
    transfers.follow(transfer({ state: 'done' }, 5));
    expect(notices.list.map(({ message }) => message)).toEqual(['Import of /old: 5 letters were brought in.']);
  });

  it('that is over does not go on again when its beginning is heard of late', () => {
    transfers.follow(transfer({ state: 'done' }, 5));
    transfers.follow(transfer({ state: 'running' }));
    expect(transfers.list.map(({ state }) => state.state)).toEqual(['done']);
  });
});

describe('what is to be brought in', () => {
  it('is everything at first, and only what is wanted is asked for', async () => {
    const form = new Importing();
    form.path = ' /old ';
    await form.look();
    expect(form.folders).toHaveLength(2);
    form.toggle('Sent');
    form.account = 1;
    form.into = 'Archive';
    expect(await form.begin()).toBe(true);
    expect(asked.at(-1)).toEqual({
      name: 'import_begin',
      args: { path: '/old', account: 1, folders: ['Inbox'], into: 'Archive' },
    });
    expect([form.source, form.path, transfers.list.length]).toEqual([null, '', 1]);
  });

  it('is not begun with nothing', async () => {
    const form = new Importing();
    form.take(source);
    form.account = 1;
    form.all(false);
    expect(await form.begin()).toBe(false);
  });

  it('that is not there is said, and the path stays', async () => {
    const form = new Importing();
    form.path = '/gone';
    await form.look();
    expect([form.problem?.message, form.path, form.source]).toEqual(['/gone is not there.', '/gone', null]);
  });
});
