// A link that was clicked in a letter. It is shown with where it really leads before anything is opened.

import { call } from '../engine/call';
import { openLink } from '../engine/shell';
import type { LinkView } from '../engine/types';
import { composer } from './composer.svelte';
import { attempt } from './notices.svelte';

class Links {
  url = $state<string | null>(null);
  /** What there is to say of it, when that has come. */
  look = $state.raw<LinkView | null>(null);

  show(url: string): void {
    if (/^mailto:/i.test(url)) {
      void composer.begin(url);
      return;
    }
    this.url = url;
    this.look = null;
    void this.#ask(url);
  }

  close(): void {
    this.url = null;
    this.look = null;
  }

  async open(): Promise<void> {
    const { url } = this;
    this.close();
    if (url !== null) await attempt(() => openLink(url));
  }

  async copy(): Promise<void> {
    const { url } = this;
    this.close();
    if (url !== null) await attempt(() => navigator.clipboard.writeText(url));
  }

  async #ask(url: string): Promise<void> {
    const look = await call('link_look', { url }).catch(() => null);
    if (this.url === url) this.look = look;
  }
}

export const links = new Links();
