// A letter as it came, for those who want to see it.

import { call } from '../engine/call';
import type { LetterRow } from '../engine/types';
import { attempt } from './notices.svelte';

class Source {
  text = $state<string | null>(null);

  async show(row: LetterRow): Promise<void> {
    const { letter } = row;
    if (letter === null) return;
    await attempt(async () => (this.text = await call('letter_source', { letter })));
  }

  showText(text: string): void {
    this.text = text;
  }

  close(): void {
    this.text = null;
  }
}

export const source = new Source();
