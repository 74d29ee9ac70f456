// Which key does what. Only the keys; what the commands do is elsewhere.

/** What a key press asks for. */
export type Command =
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'open'
  | 'back'
  | 'reply'
  | 'reply-all'
  | 'forward'
  | 'archive'
  | 'trash'
  | 'unread'
  | 'flag'
  | 'compose'
  | 'search'
  | 'extend-next'
  | 'extend-previous'
  | 'select-all'
  | 'undo'
  | 'move'
  | 'copy'
  | 'next-letter'
  | 'previous-letter'
  | 'print'
  | 'send';

/** The parts of a key press that matter. */
export type Press = {
  key: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  /** Whether it is held down, and comes again by itself. */
  repeat: boolean;
  /** Whether the focus is in a field, where letters are text. */
  typing: boolean;
  /** Whether the focus is on a button or link, which takes Enter itself. */
  onControl: boolean;
};

const PLAIN: Record<string, Command> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
  Enter: 'open',
  Escape: 'back',
  r: 'reply',
  a: 'reply-all',
  f: 'forward',
  e: 'archive',
  '#': 'trash',
  Delete: 'trash',
  u: 'unread',
  s: 'flag',
  c: 'compose',
  '/': 'search',
  z: 'undo',
  m: 'move',
  y: 'copy',
  J: 'extend-next',
  K: 'extend-previous',
  n: 'next-letter',
  p: 'previous-letter',
};

const SHIFTED: Record<string, Command> = { ArrowDown: 'extend-next', ArrowUp: 'extend-previous' };
const CONTROLLED: Record<string, Command> = { Enter: 'send', a: 'select-all', z: 'undo', p: 'print' };
const REPEATED: ReadonlySet<Command | null> = new Set(['next', 'previous', 'extend-next', 'extend-previous']);

/** The command of a key press, if it is one. */
export function commandOf(press: Press): Command | null {
  if (press.ctrl && !press.alt && (!press.typing || press.key === 'Enter')) return controlled(press);
  if (press.ctrl || press.alt) return null;
  if (press.typing) return press.key === 'Escape' ? 'back' : null;
  if (press.onControl && press.key === 'Enter') return null;
  const command = (press.shift ? SHIFTED[press.key] : undefined) ?? PLAIN[press.key] ?? null;
  return press.repeat && !REPEATED.has(command) ? null : command;
}

/** Whether a key press quits: from wherever one is, also out of a dialog. */
export function quits({ key, ctrlKey, altKey, shiftKey, repeat }: KeyboardEvent): boolean {
  return ctrlKey && !altKey && !shiftKey && !repeat && key.toLowerCase() === 'q';
}

function controlled({ key, shift, repeat }: Press): Command | null {
  return shift || repeat ? null : (CONTROLLED[key] ?? null);
}
