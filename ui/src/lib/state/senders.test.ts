import { mockIPC } from '@tauri-apps/api/mocks';
import { expect, it, vi } from 'vitest';
import { senders } from './senders.svelte';

it('a signature is checked when somebody says so, and not because its letter is shown', async () => {
  const asked: string[] = [];
  mockIPC((_, payload) => {
    const { name } = payload as { name: string };
    asked.push(name);
    if (name === 'letter_authenticity') return { mark: 'unproven', reasons: [], unchecked: true };
    if (name === 'letter_check') return { mark: 'proven', reasons: [], unchecked: false };
    return null;
  });
  senders.ask(7);
  await vi.waitFor(() => expect(senders.verdicts.get(7)?.unchecked).toBe(true));
  expect(asked).not.toContain('letter_check');

  await senders.check(7);
  expect(senders.verdicts.get(7)).toEqual({ mark: 'proven', reasons: [], unchecked: false });
});
