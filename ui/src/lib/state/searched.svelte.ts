// What is known of a search beside its rows: what is to be marked, what is wrong with it, how many there are. It grows
// as more rows come into view.

import { call } from '../engine/call';
import type { LetterId, Problem, RowMarks, SearchOrder, SearchPage, SearchSnippet } from '../engine/types';

/** Rows whose text is asked for at a time, around those in view. */
const AT_A_TIME = 40;

class Searched {
  problems = $state.raw<Problem[]>([]);
  /** How many there are; `null` where nobody counted them, and there are more than were seen. */
  total = $state<number | null>(null);
  /** How many are known to be there. */
  seen = $state(0);
  /** Which come first; it stays for the next search. */
  order = $state<SearchOrder>('newest');
  marks = $state.raw<ReadonlyMap<LetterId, RowMarks>>(new Map());
  snippets = $state.raw<ReadonlyMap<LetterId, SearchSnippet>>(new Map());

  #query = '';
  #asked = new Set<LetterId>();

  /** Takes over what came with the first rows of a search. */
  begin(query: string, page: SearchPage): void {
    if (query !== this.#query) this.clear();
    this.#query = query;
    this.total = null;
    this.seen = 0;
    this.marks = new Map();
    this.add(query, 0, page);
  }

  /** Takes over what came with rows further down, or with the same again. */
  add(query: string, offset: number, page: SearchPage): void {
    if (query !== this.#query) return;
    this.problems = page.problems;
    this.total = page.total ?? this.total;
    this.seen = Math.max(this.seen, offset + page.rows.length);
    const marks = new Map(this.marks);
    page.rows.forEach((row, index) => {
      const marked = page.marks[index];
      if (row.letter !== null && marked) marks.set(row.letter, marked);
    });
    this.marks = marks;
  }

  clear(): void {
    this.#query = '';
    this.#asked.clear();
    this.problems = [];
    this.total = null;
    this.seen = 0;
    this.marks = new Map();
    this.snippets = new Map();
  }

  /** Asks for the text around the hits in these letters, each once. */
  async look(letters: readonly LetterId[]): Promise<void> {
    const wanted = letters.filter((letter) => !this.#asked.has(letter)).slice(0, AT_A_TIME);
    if (wanted.length === 0 || this.#query === '') return;
    wanted.forEach((letter) => this.#asked.add(letter));
    const query = this.#query;
    try {
      const found = await call('search_snippets', { query, letters: wanted });
      if (query !== this.#query) return;
      this.snippets = new Map([...this.snippets, ...found.map((snippet) => [snippet.letter, snippet] as const)]);
    } catch {
      // The first words of the letter stay where they are.
    }
  }
}

export const searched = new Searched();
