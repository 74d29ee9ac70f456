// Looking for letters by their words, while they are being typed.

import { desk, focusList, SEARCH_ID } from './desk.svelte';
import { found } from './letters.svelte';

const AFTER = 150;

class Search {
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
    desk.search(query);
    if (query.trim() !== '') {
      this.#timer = setTimeout(() => void found.turnTo({ list: 'search', query: query.trim() }), AFTER);
      return;
    }
    found.clear();
    if (desk.list !== found) desk.leaveSearch();
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
    desk.leaveSearch();
    setTimeout(focusList);
  }
}

export const search = new Search();
