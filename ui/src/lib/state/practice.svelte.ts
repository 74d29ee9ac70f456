// The practice world: its places, its switches, and how far its story has been played.

import { call } from '../engine/call';
import type { PracticePlace, PracticeStory, PracticeSwitches } from '../engine/types';
import { inForce, turnOf, type SwitchField } from '../pure/switches';
import { words } from '../words';
import { composer } from './composer.svelte';
import { desk } from './desk.svelte';
import { attempt, notices } from './notices.svelte';
import { session } from './session.svelte';

/** One takes a letter, one asks for patience, one says no. */
const THREE = ['prompt.test', 'greylist.test', 'nobody.test'];

class Practice {
  places = $state.raw<PracticePlace[]>([]);
  switches = $state.raw<PracticeSwitches | null>(null);
  story = $state.raw<PracticeStory | null>(null);
  /** Whether a switch is being turned. */
  turning = $state(false);

  /** What is turned, a sentence each. */
  readonly inForce = $derived(inForce(this.switches));

  /** Everything that the page shows. */
  async fetch(): Promise<void> {
    await attempt(async () => {
      this.places = await call('practice_places', {});
      await Promise.all([this.look(), this.read()]);
    });
  }

  /** How the switches stand: whoever turned them. Without a post office there are none. */
  async look(): Promise<void> {
    const found = session.hasPractice ? await call('practice_switches', {}).catch(() => null) : null;
    this.switches = found;
  }

  /** How far the story is. */
  async read(): Promise<void> {
    this.story = await call('practice_story', {});
  }

  /** Three places that answer in three ways; none where the world has no such places. */
  get three(): string[] {
    const found = THREE.map((domain) => this.places.find(({ address }) => address.endsWith(`@${domain}`))?.address);
    return found.every((address) => address !== undefined) ? found : [];
  }

  /** The place in a domain. */
  placeIn(domain: string): string {
    return this.places.find(({ address }) => address.endsWith(`@${domain}`))?.address ?? `anna@${domain}`;
  }

  turn(field: SwitchField, to: string): Promise<void> {
    return this.#order(async () => (this.switches = await call('practice_switch', turnOf(field, to))));
  }

  reset(): Promise<void> {
    return this.#order(async () => {
      this.switches = await call('practice_reset', {});
      notices.announce(words.practice.resetDone);
    });
  }

  sleep(): Promise<void> {
    return this.#order(async () => {
      this.switches = await call('practice_sleep', {});
      notices.announce(words.practice.switches.sleep.slept(this.switches.hours_slept));
    });
  }

  async #order(order: () => Promise<unknown>): Promise<void> {
    if (this.turning) return;
    this.turning = true;
    await attempt(order);
    this.turning = false;
  }

  /** Goes to a letter of the story. */
  async show(outgoing: number): Promise<void> {
    await desk.toOutgoing(outgoing);
  }

  /** Begins a letter to places, from the practice account. */
  async write(...addresses: string[]): Promise<void> {
    const account = session.accounts.find(({ practice }) => practice)?.id ?? null;
    await composer.begin(`mailto:${addresses.map(encodeURIComponent).join(',')}`, account);
  }
}

export const practice = new Practice();
