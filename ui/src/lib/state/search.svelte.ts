// Looking for letters by their words, while they are being typed.

import type { SearchOrder } from '../engine/types';
import { desk, focusList, SEARCH_ID } from './desk.svelte';
import { found } from './letters.svelte';
import { searched } from './searched.svelte';

const AFTER = 60;

class Search {
  /** Whether what is shown is what the servers found, or are about to. */
  onServer = $state(false);
  /** Whether the servers are being asked. */
  asking = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** To the field; where there is none, one comes. */
  begin(): void {
    desk.drawer = false;
    desk.inFront = false;
    if (desk.list === null) desk.search('');
    setTimeout(() => {
      const field = document.getElementById(SEARCH_ID);
      if (field instanceof HTMLInputElement) field.select();
    });
  }

  /** What is in the field. With nothing in it one is where one was. */
  type(query: string): void {
    clearTimeout(this.#timer);
    this.onServer = false;
    desk.search(query);
    if (query.trim() !== '') {
      this.#timer = setTimeout(() => void this.#find(query), AFTER);
      return;
    }
    found.clear();
    searched.clear();
    if (desk.list !== found) desk.leaveSearch();
  }

  /** A search that is kept. */
  open(query: string): void {
    desk.drawer = false;
    desk.inFront = false;
    this.type(query);
    setTimeout(focusList, AFTER * 3);
  }

  /** Finds in another order. */
  sort(order: SearchOrder): void {
    searched.order = order;
    if (desk.query.trim() !== '') void this.#find(desk.query);
  }

  /** Asks the servers for what is in the field. */
  async askServer(): Promise<void> {
    const query = desk.query.trim();
    if (query === '') return;
    clearTimeout(this.#timer);
    this.onServer = true;
    this.asking = true;
    await found.turnTo({ list: 'search', query, server: true });
    this.asking = false;
  }

  /** From the field to the first letter that was found. */
  toFirst(): void {
    if (desk.list !== found || found.count === 0) return;
    if (found.selectedIndex < 0) desk.moveTo(0);
    focusList();
  }

  /** Back to where one was. */
  leave(): void {
    clearTimeout(this.#timer);
    this.onServer = false;
    searched.clear();
    desk.leaveSearch();
    setTimeout(focusList);
  }

  // The text stays as it was typed: whether a word is typed to its end is told by the space behind it.
  #find(query: string): Promise<void> {
    return found.turnTo({ list: 'search', query: query.trimStart() });
  }
}

export const search = new Search();
