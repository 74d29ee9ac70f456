import { mockIPC } from '@tauri-apps/api/mocks';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Account, SmartHost, SmartHostPreset } from '../engine/types';
import { SmartHostForm } from './smart-host-form.svelte';
import { session } from './session.svelte';

const server = { host: 'smtp.example.org', port: 465, security: 'tls', user: 'robin', login: 'password' } as const;
const host: SmartHost = { id: 1, name: 'Post', server };
const account: Account = {
  id: 1,
  address: 'robin@example.org',
  imap: null,
  identities: [{ id: 1, address: 'robin@example.org', name: '', signature: '', route: 'Post' }],
  smart_hosts: [host],
  rules: [{ domain: 'example.net', route: 'Post' }],
  practice: false,
};
const preset: SmartHostPreset = {
  name: 'Post',
  host: 'smtp.post.example',
  port: 587,
  security: 'starttls',
  login: 'token',
  user: { form: 'fixed', name: 'apikey' },
  user_is: 'The word apikey',
  secret_is: 'The API key',
  recipients_a_day: null,
  megabytes: null,
  limits: '',
  set_up: '',
  link: '',
};

let calls: { name: string; args: Record<string, unknown> }[] = [];
let works = true;
const named = (name: string) => calls.filter((one) => one.name === name).map(({ args }) => args);

beforeEach(() => {
  calls = [];
  works = true;
  session.accounts = [account];
  mockIPC((_, payload) => {
    const one = payload as { name: string; args: Record<string, unknown> };
    calls.push(one);
    if (one.name === 'smart_host_presets') return [preset];
    if (one.name === 'smart_host_test') return { ok: works, message: '535 no', hint: '' };
    if (one.name === 'account_list') return [account];
    if (one.name === 'account_update') return one.args;
    return one.name === 'sidebar' ? { ...session.sidebar } : null;
  });
});

describe('a new smart host', () => {
  it('is filled in from what is known of a provider, under a name that is free', async () => {
    const form = new SmartHostForm(account, null);
    await form.fetchPresets();
    form.choose('Post');
    expect([form.name, form.user, form.login]).toEqual(['Post 2', 'apikey', 'token']);
    expect(form.server).toEqual({ host: 'smtp.post.example', port: 587, security: 'starttls' });
  });

  it('is added where its login works', async () => {
    const form = new SmartHostForm(account, null);
    Object.assign(form, { name: 'Other', secret: 'right' });
    await form.checkAndSave();
    expect(named('smart_host_add')).toMatchObject([{ account: 1, name: 'Other', secret: 'right' }]);
    expect(form.done).toBe(true);
  });

  it('is not added where its login does not, unless one insists', async () => {
    works = false;
    const form = new SmartHostForm(account, null);
    Object.assign(form, { name: 'Other', secret: 'wrong' });
    await form.checkAndSave();
    expect(named('smart_host_add')).toEqual([]);
    expect(form.test?.message).toBe('535 no');
    await form.save();
    expect(named('smart_host_add')).toHaveLength(1);
  });

  it.each(['auto', 'Direct', 'post'])('cannot be called %s', async (name) => {
    const form = new SmartHostForm(account, null);
    form.name = name;
    await form.checkAndSave();
    expect(form.problem).not.toBe(null);
    expect(calls).toEqual([]);
  });
});

describe('a smart host that is there', () => {
  it('takes its new name along to From addresses and rules, and keeps its password', async () => {
    const form = new SmartHostForm(account, host);
    form.name = 'Office';
    await form.save();
    expect(named('account_update')).toMatchObject([
      { identities: [{ route: 'Office' }], rules: [{ route: 'Office' }], smart_hosts: [{ id: 1, name: 'Office' }] },
    ]);
    expect(named('account_password')).toEqual([]);
  });

  it('gets a new password where one was typed', async () => {
    const form = new SmartHostForm(account, host);
    form.secret = 'new';
    await form.save();
    expect(named('account_password')).toEqual([{ account: 1, smart_host: 'Post', password: 'new' }]);
  });

  it('is tested with the password that is stored, unless one was typed', async () => {
    const form = new SmartHostForm(account, host);
    await form.check();
    form.secret = 'new';
    await form.check();
    expect(named('smart_host_test')).toEqual([
      { account: 1, smart_host: 'Post', server, secret: null },
      { server, secret: 'new' },
    ]);
  });
});
