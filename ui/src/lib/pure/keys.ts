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
};

/** The command of a key press, if it is one. */
export function commandOf(press: Press): Command | null {
  if (press.ctrl && press.key === 'Enter') return 'send';
  if (press.ctrl || press.alt) return null;
  if (press.typing) return press.key === 'Escape' ? 'back' : null;
  if (press.onControl && press.key === 'Enter') return null;
  const command = PLAIN[press.key] ?? null;
  return press.repeat && command !== 'next' && command !== 'previous' ? null : command;
}
