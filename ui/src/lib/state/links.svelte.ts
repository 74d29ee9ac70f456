// A link that was clicked in a letter. It is shown with where it really leads before anything is opened.

import { openLink } from '../engine/shell';
import { composer } from './composer.svelte';
import { attempt } from './notices.svelte';

class Links {
  url = $state<string | null>(null);

  show(url: string): void {
    if (/^mailto:/i.test(url)) void composer.begin(url);
    else this.url = url;
  }

  close(): void {
    this.url = null;
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
}

export const links = new Links();
