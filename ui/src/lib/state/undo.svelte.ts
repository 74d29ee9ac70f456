// The bar that offers to take a letter back, for as long as it is still here.

import { call } from '../engine/call';
import type { OutgoingId } from '../engine/types';
import { composer } from './composer.svelte';
import { notices } from './notices.svelte';
import { session } from './session.svelte';

class Undo {
  outgoing = $state<OutgoingId | null>(null);
  /** When the letter leaves. */
  leavesAt = $state.raw<Date>(new Date(0));
  /** Set where it was sent for a later time. */
  scheduledFor = $state.raw<Date | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Offers to take back what was just sent. */
  offer(outgoing: OutgoingId, scheduledFor: Date | null): void {
    clearTimeout(this.#timer);
    if (session.undoSeconds === 0 && scheduledFor === null) return;
    const stays = Math.max(session.undoSeconds, scheduledFor ? 10 : 0) * 1000;
    this.outgoing = outgoing;
    this.scheduledFor = scheduledFor;
    this.leavesAt = new Date(Date.now() + stays);
    this.#timer = setTimeout(() => this.close(), stays);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.outgoing = null;
  }

  /** Takes it back, and opens it again to be written on. */
  async take(): Promise<void> {
    const outgoing = this.outgoing;
    if (outgoing === null) return;
    this.close();
    try {
      await composer.open(await call('outgoing_undo', { outgoing }));
    } catch (error) {
      notices.fail(error);
    }
  }
}

export const undo = new Undo();

composer.onSent = (outgoing, at) => undo.offer(outgoing, at);
