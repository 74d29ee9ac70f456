// What may be meant by what is typed into the search field: names of what can be searched for, mailboxes, values.

/** Something that can be put in the place of what is being typed. */
export type Completion = {
  /** What is shown, and put in. */
  text: string;
  hint: string;
};

/** A word that is being typed: where it begins, and what it is so far. */
export type Typed = { begin: number; word: string };

/** The word before the caret. */
export function wordAt(query: string, caret: number): Typed {
  const before = query.slice(0, caret);
  const begin = Math.max(before.lastIndexOf(' '), before.lastIndexOf('(')) + 1;
  return { begin, word: before.slice(begin) };
}

/** What may be meant; nothing where it is plainly a word. With an empty field it is everything. */
export function completionsOf(
  query: string,
  caret: number,
  hints: Readonly<Record<string, string>>,
  mailboxes: readonly string[],
): Completion[] {
  const { word } = wordAt(query, caret);
  const sign = word.startsWith('-') ? '-' : '';
  const typed = word.slice(sign.length).toLowerCase();
  if (typed === '' && (sign !== '' || query.trim() !== '')) return [];
  if (typed.startsWith('in:')) return inMailbox(typed.slice(3), mailboxes, sign);
  const named = Object.entries(hints).filter(([name]) => name.startsWith(typed) && name !== typed);
  return named.map(([name, hint]) => ({ text: sign + name, hint }));
}

function inMailbox(begin: string, mailboxes: readonly string[], sign: string): Completion[] {
  const wanted = begin.replace(/^"/, '');
  const fitting = mailboxes.filter((name) => {
    const folded = name.toLowerCase();
    return folded.startsWith(wanted) && folded !== wanted;
  });
  const quoted = (name: string) => (/[\s()"]/.test(name) ? `"${name.replaceAll('"', '')}"` : name);
  return [...new Set(fitting)].slice(0, 8).map((name) => ({ text: `${sign}in:${quoted(name)}`, hint: '' }));
}

/** The query with a completion put in, and where the caret stands then. */
export function completed(query: string, caret: number, { text }: Completion): { query: string; caret: number } {
  const { begin } = wordAt(query, caret);
  const put = text.endsWith(':') ? text : `${text} `;
  return { query: query.slice(0, begin) + put + query.slice(caret).trimStart(), caret: begin + put.length };
}
