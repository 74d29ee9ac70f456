// A sign-in at a provider: begun here, done in the browser or on another device, and waited for.

import { asFailure, call } from '../engine/call';
import { openLink } from '../engine/shell';
import type { OAuthArgs, OAuthBegun, OAuthDevice, OAuthProviderView } from '../engine/types';
import { words } from '../words';

const say = words.adding.signIn;

export class SignIn {
  providers = $state.raw<OAuthProviderView[]>([]);
  clientId = $state('');
  clientSecret = $state('');
  /** The address at which the browser ended, where the user has to hand it over. */
  pasted = $state('');
  /** In the browser, while it is waited for. */
  begun = $state.raw<OAuthBegun | null>(null);
  /** By a code, while it is waited for. */
  code = $state.raw<OAuthDevice | null>(null);
  /** The number of one that is done, and not used yet. */
  done = $state.raw<{ signIn: number; provider: string } | null>(null);
  problem = $state.raw<{ message: string; hint: string } | null>(null);

  /** Asks who can be signed in at. */
  async load(): Promise<void> {
    this.providers = await call('oauth_providers', {}).catch(() => []);
  }

  get waiting(): boolean {
    return this.begun !== null || this.code !== null;
  }

  /** Opens the browser, and waits for its answer. Tells whether somebody signed in. */
  async inBrowser(args: Omit<OAuthArgs, 'client_id' | 'client_secret'>): Promise<boolean> {
    return this.#during(async () => {
      const begun = await call('oauth_begin', this.#args(args));
      this.begun = begun;
      await this.openAgain();
      return this.#wait(begun.sign_in, args.account);
    });
  }

  /** Shows a code, and waits until it was typed in somewhere. */
  async byCode(args: Omit<OAuthArgs, 'client_id' | 'client_secret'>): Promise<boolean> {
    return this.#during(async () => {
      const code = await call('oauth_device', this.#args(args));
      this.code = code;
      return this.#wait(code.sign_in, args.account);
    });
  }

  /** A browser that cannot be opened from here is opened by hand. */
  async openAgain(): Promise<void> {
    if (this.begun) await openLink(this.begun.url).catch(() => undefined);
  }

  async hand(): Promise<void> {
    const { begun, pasted } = this;
    if (begun === null || pasted.trim() === '') return;
    this.pasted = '';
    await call('oauth_answer', { sign_in: begun.sign_in, address: pasted }).catch(() => undefined);
  }

  async cancel(): Promise<void> {
    const under = this.begun?.sign_in ?? this.code?.sign_in;
    if (under !== undefined) await call('oauth_cancel', { sign_in: under }).catch(() => undefined);
  }

  async #wait(signIn: number, account?: number): Promise<boolean> {
    const done = await call('oauth_wait', account === undefined ? { sign_in: signIn } : { sign_in: signIn, account });
    if (!done.lasting) {
      this.problem = { message: say.notLasting, hint: '' };
      return false;
    }
    this.done = { signIn, provider: done.provider };
    return true;
  }

  async #during(act: () => Promise<boolean>): Promise<boolean> {
    this.problem = null;
    this.done = null;
    try {
      return await act();
    } catch (error) {
      const { code, message, hint } = asFailure(error);
      if (code !== 'cancelled') this.problem = { message, hint };
      return false;
    } finally {
      this.begun = null;
      this.code = null;
    }
  }

  #args(args: Omit<OAuthArgs, 'client_id' | 'client_secret'>): OAuthArgs {
    const filled: OAuthArgs = { ...args };
    if (this.clientId.trim() !== '') filled.client_id = this.clientId.trim();
    if (this.clientSecret.trim() !== '') filled.client_secret = this.clientSecret.trim();
    return filled;
  }
}
