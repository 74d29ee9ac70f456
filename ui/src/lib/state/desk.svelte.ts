// Where one is: which list is in the middle, and on a narrow window which pane is in front.

import type { LetterRow, ListSource } from '../engine/types';
import { composer } from './composer.svelte';
import { drafts } from './drafts.svelte';
import { found, letters, type LetterList } from './letters.svelte';
import type { ListModel } from './lists';
import { outbox, scheduled } from './outgoings.svelte';
import { reader } from './reader.svelte';

/** The pages of the settings, in order. */
export const SETTINGS_PAGES = [
  'accounts',
  'sending',
  'signing',
  'destinations',
  'images',
  'transfer',
  'passwords',
] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

/** A place in the side bar. */
export type Place =
  | { at: 'letters'; source: ListSource }
  | { at: 'outbox' }
  | { at: 'scheduled' }
  | { at: 'drafts' }
  | { at: 'search'; query: string; from: Place }
  | { at: 'contacts' }
  | { at: 'practice' }
  | { at: 'deliverability' }
  | { at: 'settings'; page?: SettingsPage }
  | { at: 'add-account' };

/** The element that has the keyboard while one reads. */
export const LIST_ID = 'the-list';
/** The field for what is searched for. */
export const SEARCH_ID = 'the-search';

function listAt(place: Place): ListModel | null {
  switch (place.at) {
    case 'letters':
      return letters;
    case 'outbox':
      return outbox;
    case 'scheduled':
      return scheduled;
    case 'drafts':
      return drafts;
    case 'search':
      return found;
    default:
      return null;
  }
}

function hasOnePane(): boolean {
  return window.matchMedia('(max-width: 599px)').matches;
}

class Desk {
  place = $state.raw<Place>({ at: 'letters', source: { list: 'role', role: 'inbox' } });
  /** On a narrow window: whether the letter is in front of the list. */
  inFront = $state(false);
  drawer = $state(false);

  /** The place whose list is in the middle. It stays that of before until a search has its first answer. */
  get listed(): Place {
    const { place } = this;
    if (place.at !== 'search' || found.source !== null || listAt(place.from) === null) return place;
    return place.from;
  }

  get list(): ListModel | null {
    return listAt(this.listed);
  }

  /** The list in the middle, where it is one of letters. */
  get letterList(): LetterList | null {
    const { at } = this.listed;
    if (at === 'letters') return letters;
    return at === 'search' ? found : null;
  }

  /** Whether the letter covers the list, as on a window that is wide enough for one pane alone. */
  get covered(): boolean {
    return this.inFront && hasOnePane();
  }

  /** Whether the open letter can be seen: nothing else is in its pane, and the pane is not behind the list. */
  get letterInSight(): boolean {
    return this.list !== null && !composer.isShown && this.several.length === 0 && (this.inFront || !hasOnePane());
  }

  /** What is searched for. */
  get query(): string {
    return this.place.at === 'search' ? this.place.query : '';
  }

  /** Goes to a place of the side bar. */
  async go(place: Place): Promise<void> {
    this.place = place;
    found.clear();
    this.drawer = false;
    this.inFront = false;
    reader.close();
    composer.minimise();
    await this.refresh();
  }

  /** Fetches the list of this place, from its top. */
  async refresh(): Promise<void> {
    const { place } = this;
    if (place.at === 'letters') await letters.show(place.source);
    if (place.at === 'outbox') await this.#fresh(outbox);
    if (place.at === 'scheduled') await this.#fresh(scheduled);
    if (place.at === 'drafts') await this.#fresh(drafts);
    if (place.at === 'search' && found.source !== null) await found.turnTo(found.source);
  }

  /** Lists the letters of this place anew, in conversations or one by one, and stays at the one that is open. */
  async regroup(): Promise<void> {
    const { place } = this;
    const open = letters.selected?.letter ?? null;
    if (place.at !== 'letters') return;
    await letters.show(place.source);
    const index = open === null ? -1 : letters.indexOf(open);
    if (index >= 0) this.moveTo(index);
    else reader.close();
    focusList();
  }

  /** Looks for letters, from wherever one is. */
  search(query: string): void {
    const from = this.place.at === 'search' ? this.place.from : this.place;
    this.place = { at: 'search', query, from };
  }

  /** Back from what was found to where one was, and to what was open there. */
  leaveSearch(): void {
    if (this.place.at !== 'search') return;
    this.place = this.place.from;
    this.inFront = false;
    found.clear();
    const { list } = this;
    if (list && list !== drafts && list.selectedIndex >= 0) list.open();
    else reader.close();
  }

  /** Fetches the list of this place again; it keeps its place. */
  async look(): Promise<void> {
    const { place } = this;
    if (place.at === 'letters') await letters.refresh();
    if (place.at === 'outbox') await outbox.refresh();
    if (place.at === 'scheduled') await scheduled.refresh();
    if (place.at === 'drafts') await drafts.refresh();
    if (place.at === 'search') await found.refresh();
  }

  /** Begins a new letter. */
  async compose(): Promise<void> {
    this.drawer = false;
    await composer.begin();
  }

  /** Selects a row by hand: it is brought to the front. */
  choose(index: number): void {
    this.list?.select(index);
    this.openSelected();
  }

  openSelected(): void {
    if (this.place.at !== 'drafts') composer.minimise();
    this.list?.open();
    this.inFront = true;
  }

  /** Moves the selection by some rows, as with the arrow keys. */
  move(by: number): void {
    const { list } = this;
    if (!list || list.count === 0) return;
    this.moveTo(list.selectedIndex < 0 ? 0 : list.selectedIndex + by);
  }

  /** Takes the rows up to one that is so many away into the selection. */
  extend(by: number): void {
    const { list, letterList } = this;
    if (!list || list.count === 0) return;
    if (!letterList || letterList.selectedIndex < 0) this.move(by);
    else this.extendTo(letterList.selectedIndex + by);
  }

  /** Takes everything up to a row into the selection. */
  extendTo(index: number): void {
    if (!this.letterList) return this.choose(index);
    composer.minimise();
    this.letterList.extendTo(index);
  }

  /** Takes one row more into the selection, or out of it. */
  toggle(index: number): void {
    if (!this.letterList) return this.choose(index);
    composer.minimise();
    this.letterList.toggle(index);
  }

  /** Takes every row that is here into the selection. */
  selectAll(): void {
    if (!this.letterList || this.letterList.count === 0) return;
    composer.minimise();
    this.letterList.selectAll();
  }

  /** The letters that are selected together. */
  get several(): LetterRow[] {
    return [...(this.letterList?.several.values() ?? [])];
  }

  moveTo(index: number): void {
    if (this.place.at !== 'drafts') composer.minimise();
    this.list?.select(index);
  }

  /** One step back: out of the letter, to the list. */
  back(): void {
    this.inFront = false;
    this.drawer = false;
    focusList();
  }

  /** Goes to an outgoing in the Outbox, wherever one is. */
  async toOutgoing(id: number): Promise<void> {
    await this.go({ at: 'outbox' });
    const index = outbox.rows.findIndex((row) => row.id === id);
    if (index >= 0) this.choose(index);
    else {
      reader.showOutgoing(id);
      this.inFront = true;
    }
  }

  /** Goes to a letter that came in. */
  async toLetter(id: number): Promise<void> {
    await this.go({ at: 'letters', source: { list: 'role', role: 'inbox' } });
    const index = letters.indexOf(id);
    if (index >= 0) this.choose(index);
    else {
      reader.showLetter(id);
      this.inFront = true;
    }
  }

  async #fresh(list: typeof outbox | typeof drafts): Promise<void> {
    list.begin();
    await list.refresh();
  }
}

export const desk = new Desk();

/** Gives the keyboard back to the list. */
export function focusList(): void {
  document.getElementById(LIST_ID)?.focus({ preventScroll: true });
}
