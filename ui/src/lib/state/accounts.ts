// Adding, changing and removing accounts.

import { call } from '../engine/call';
import type { Account, AccountTest, Calls, Discovery } from '../engine/types';
import { withPasswords } from './asking.svelte';
import { session } from './session.svelte';
import { desk } from './desk.svelte';

/** Opens the practice post office and goes in. */
export async function startPractice(): Promise<void> {
  await withPasswords(() => call('practice_start', {}));
  await goIn();
}

async function goIn(): Promise<void> {
  await session.refreshAccounts();
  await desk.go({ at: 'letters', source: { list: 'role', role: 'inbox' } });
}

/** Where the servers of an address are; `database` asks Mozilla's too, whatever the settings say. */
export function discover(address: string, database?: boolean): Promise<Discovery> {
  return call('account_discover', database === undefined ? { address } : { address, database });
}

/** Logs in at the servers of the form. */
export function test(args: Calls['account_test']['args']): Promise<AccountTest> {
  return call('account_test', args);
}

/** Adds the account and shows it. */
export async function add(args: Calls['account_add']['args']): Promise<void> {
  await withPasswords(() => call('account_add', args));
  await goIn();
}

/** Stores changed names, signatures, routes and smart hosts. */
export async function update(account: Account): Promise<Account> {
  const changed = await withPasswords(() => call('account_update', account));
  await session.refreshAccounts();
  return changed;
}

/**
 * Stores a new password of one smart host, by its name, or with `null` of the IMAP server and of every smart host that
 * has the same login name. It is tested before, unless it is to be kept `untested`.
 */
export async function setPassword(
  account: number,
  smartHost: string | null,
  password: string,
  untested = false,
): Promise<void> {
  const args = { account, smart_host: smartHost, password };
  await withPasswords(() => call('account_password', untested ? { ...args, untested } : args));
}

/** Trusts this computer's authorities alone again, for the IMAP server or with its name for a smart host. */
export async function trustNoLonger(account: number, smartHost: string | null): Promise<void> {
  await call('account_trust', { account, smart_host: smartHost, sha256: null });
  await session.refreshAccounts();
}

/** Removes an account. */
export async function remove(account: number): Promise<void> {
  await call('account_remove', { account });
  await session.refreshAccounts();
}

/** Adds a smart host at the end of the account's. */
export async function addSmartHost(args: Calls['smart_host_add']['args']): Promise<void> {
  await withPasswords(() => call('smart_host_add', args));
  await session.refreshAccounts();
}
