// The searches that are kept, as the side bar lists them.

import { call } from '../engine/call';
import type { SavedSearch } from '../engine/types';
import { words } from '../words';
import { attempt, notices } from './notices.svelte';

class SavedSearches {
  list = $state.raw<SavedSearch[]>([]);

  async refresh(): Promise<void> {
    this.list = await call('search_saved_list', {});
  }

  async save(name: string, query: string): Promise<void> {
    await this.#change(async () => {
      const saved = await call('search_save', { name, query });
      notices.announce(words.searching.saved(saved.name));
    });
  }

  async rename(search: SavedSearch, name: string): Promise<void> {
    await this.#change(() => call('search_rename', { search: search.id, name }));
  }

  async remove(search: SavedSearch): Promise<void> {
    await this.#change(async () => {
      await call('search_remove', { search: search.id });
      notices.announce(words.searching.removed(search.name));
    });
  }

  /** Moves a search up or down among the others. */
  async move(search: SavedSearch, by: -1 | 1): Promise<void> {
    const to = this.list.findIndex(({ id }) => id === search.id) + by;
    if (to >= 0 && to < this.list.length) {
      await this.#change(() => call('search_move', { search: search.id, to }));
    }
  }

  async #change(work: () => Promise<unknown>): Promise<void> {
    await attempt(async () => {
      await work();
      await this.refresh();
    });
  }
}

export const savedSearches = new SavedSearches();
