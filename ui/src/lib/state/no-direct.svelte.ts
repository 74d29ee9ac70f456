// For which senders of an account direct sending is not offered, and why.

import { call } from '../engine/call';
import type { Account, IdentityId } from '../engine/types';

export class NoDirect {
  #reasons = $state.raw<ReadonlyMap<IdentityId, string>>(new Map());
  #turn = 0;

  /** Why it is not offered for a sender; nothing where it is, or where that is not known. */
  of(identity: IdentityId): string | undefined {
    return this.#reasons.get(identity);
  }

  /** Why it is not offered for any sender of the account: the reason of the first. */
  ofAll(account: Account): string | undefined {
    const reasons = account.identities.map(({ id }) => this.#reasons.get(id));
    return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  }

  async ask(account: Account): Promise<void> {
    const turn = ++this.#turn;
    const letter = { account: account.id, route: 'auto', recipients: [], size: null };
    const asked = account.identities.map(async ({ id }): Promise<[IdentityId, string | undefined]> => {
      const known = await call('letter_outlook', { ...letter, identity: id }).catch(() => null);
      return [id, known?.no_direct];
    });
    const known = await Promise.all(asked);
    if (turn === this.#turn)
      this.#reasons = new Map(known.filter((one): one is [IdentityId, string] => one[1] !== undefined));
  }
}
