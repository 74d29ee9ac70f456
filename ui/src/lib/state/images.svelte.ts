// Whose remote images are always shown.

import { asFailure, call, type CallFailed } from '../engine/call';
import type { ImagePermissionView, ImageScope } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

class Images {
  list = $state.raw<ImagePermissionView[]>([]);
  loaded = $state(false);
  failure = $state.raw<CallFailed | null>(null);

  async fetch(): Promise<void> {
    try {
      this.list = await call('image_permission_list', {});
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      this.failure = asFailure(error);
    }
  }

  /** Shows the images of a sender or a domain from now on. Tells whether that is so. */
  async grant(scope: ImageScope, name: string): Promise<boolean> {
    const done = await attempt(async () => {
      this.list = await call('image_permission_grant', { scope, name });
      notices.announce(words.images.granted(name));
      return true;
    });
    return done ?? false;
  }

  /** Asks again before they are shown. Tells whether that is so. */
  async revoke(scope: ImageScope, name: string): Promise<boolean> {
    const done = await attempt(async () => {
      this.list = await call('image_permission_revoke', { scope, name });
      notices.announce(words.images.askedAgain(name));
      return true;
    });
    return done ?? false;
  }
}

export const images = new Images();
