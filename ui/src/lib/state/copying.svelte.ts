// Something that can be copied, and says for a moment that it was.

import { words } from '../words';
import { attempt, notices } from './notices.svelte';

const STAYS = 2500;

export class Copying {
  done = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  async copy(text: string): Promise<void> {
    await attempt(async () => {
      await navigator.clipboard.writeText(text);
      this.done = true;
      notices.announce(words.common.copied);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => (this.done = false), STAYS);
    });
  }
}
