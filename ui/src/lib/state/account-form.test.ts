import { mockIPC } from '@tauri-apps/api/mocks';
import { expect, it } from 'vitest';
import type { AccountWithPassword, Discovery, FoundServerView } from '../engine/types';
import { AddingAccount } from './account-form.svelte';

function server(host: string, hearsay: boolean): FoundServerView {
  return {
    server: { host, port: 993, security: 'tls', user: 'you@a.test', login: 'password' },
    logins: ['password'],
    answers: { ok: true, message: '', hint: '', code: '' },
    hearsay,
  };
}

function found(imap: FoundServerView, smtp: FoundServerView): Discovery {
  const account = { origin: 'services', words: '', name: null, page: null, imap, smtp };
  return { address: 'you@a.test', found: [account], asked: [], provider: null, database: false };
}

async function formOf(discovery: Discovery): Promise<[AddingAccount, string[]]> {
  const told: string[] = [];
  mockIPC((_, payload) => {
    const { name, args } = payload as { name: string; args: unknown };
    if (name === 'account_discover') return discovery;
    if (name === 'account_test') {
      const { form, password } = args as AccountWithPassword;
      told.push(`${password} to ${form.imap?.host} and ${form.smtp?.host}`);
      return { imap: discovery.found[0]?.imap?.answers, smtp: null };
    }
    return name === 'oauth_providers' ? [] : null;
  });
  const form = new AddingAccount();
  [form.address, form.password] = ['you@a.test', 'secret'];
  await form.look();
  return [form, told];
}

it('a server that DNS alone names gets no password before the user took it', async () => {
  const [form, told] = await formOf(found(server('mail.other.test', true), server('smtp.a.test', false)));
  expect([form.hearsay, form.unanswered]).toEqual([['mail.other.test'], true]);
  await form.check();
  await form.add();
  expect(told).toEqual([]);

  form.accept('mail.other.test', true);
  await form.check();
  expect([form.unanswered, told]).toEqual([false, ['secret to mail.other.test and smtp.a.test']]);

  form.accept('mail.other.test', false);
  expect(form.unanswered).toBe(true);
});

it('a sign-in at a provider takes the servers of that provider', async () => {
  const own = found(server('imap.a.test', false), server('smtp.a.test', false));
  const google = { origin: 'mail-hosts', words: '', name: 'Gmail', page: null };
  const gmail = { ...google, imap: server('imap.gmail.com', true), smtp: server('smtp.gmail.com', true) };
  const provider = { name: 'Gmail', password: null, takes_passwords: true, oauth: 'google' };
  const [form, told] = await formOf({ ...own, found: [...own.found, gmail], provider });
  form.signIn.providers = [
    { provider: 'google', name: 'Google', has_client: true, by_code: false, by_hand: false, register: '' },
  ];
  form.signIn.inBrowser = async () => {
    form.signIn.done = { signIn: 1, provider: 'Google' };
    return true;
  };
  await form.sign('browser');
  expect(told).toEqual(['secret to imap.gmail.com and smtp.gmail.com']);
  expect([form.imap.login, form.unanswered]).toEqual(['token', false]);
});

it('a server that was typed in is nobody else’s word', async () => {
  const [form] = await formOf(found(server('mail.other.test', true), server('smtp.a.test', false)));
  form.byHand();
  expect(form.unanswered).toBe(true);
  form.imap.host = 'imap.mine.test';
  expect([form.hearsay, form.unanswered]).toEqual([[], false]);
});
