import { mockIPC } from '@tauri-apps/api/mocks';
import { expect, it } from 'vitest';
import type { PasswordArgs } from '../engine/types';
import { NewPassword } from './new-password.svelte';

it('a password that does not work stays in its field with the reason, and can be kept without a test', async () => {
  const stored: PasswordArgs[] = [];
  mockIPC((_, payload) => {
    const { args } = payload as { args: PasswordArgs };
    if (!args.untested) throw { code: 'auth-failed', message: 'The server refused the login.', hint: '' };
    stored.push(args);
    return null;
  });
  const password = new NewPassword();
  password.text = 'secret';
  await password.save(1, 'Own');
  expect([password.failure?.message, password.text, stored]).toEqual(['The server refused the login.', 'secret', []]);

  await password.save(1, 'Own', true);
  expect([password.failure, password.text]).toEqual([null, '']);
  expect(stored).toEqual([{ account: 1, smart_host: 'Own', password: 'secret', untested: true }]);
});
