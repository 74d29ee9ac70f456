// What the bar does to the text in the editor. The platform's own editing commands keep undo and the caret right.

import { wholeLink } from '../pure/sanitise';

/** A format that is on or off at the caret. */
export type Format = 'bold' | 'italic' | 'underline' | 'list' | 'quote';

const STATES: Format[] = ['bold', 'italic', 'underline'];

class Editing {
  /** The formats at the caret. */
  active = $state.raw<ReadonlySet<Format>>(new Set());
  #node: HTMLElement | null = null;
  #kept: Range | null = null;

  /** Takes an editor in hand until the returned function is called. */
  attach(node: HTMLElement): () => void {
    this.#node = node;
    const look = () => this.#look();
    document.addEventListener('selectionchange', look);
    document.execCommand('defaultParagraphSeparator', false, 'div');
    document.execCommand('styleWithCSS', false, 'false');
    return () => {
      document.removeEventListener('selectionchange', look);
      if (this.#node === node) this.#node = null;
      this.#kept = null;
      this.active = new Set();
    };
  }

  /** Puts the caret before the first character. */
  focusStart(): void {
    if (!this.#node) return;
    this.#node.focus();
    const range = document.createRange();
    range.setStart(this.#node, 0);
    this.#use(range);
    this.#node.scrollTop = 0;
  }

  toggle(format: Format): void {
    this.#return();
    if (format === 'list') this.#run('insertUnorderedList');
    else if (format !== 'quote') this.#run(format);
    else if (this.#inside('blockquote')) this.#run('outdent');
    else this.#run('formatBlock', 'blockquote');
    this.#look();
  }

  /** Puts markup, which must be safe already, at the caret. */
  insert(markup: string): void {
    this.#return();
    this.#run('insertHTML', markup);
  }

  /** Makes the selection a link, or writes the address where nothing is selected. Tells whether it could. */
  link(typed: string): boolean {
    const url = wholeLink(typed);
    if (url === null) return false;
    this.#return();
    if (window.getSelection()?.isCollapsed === false) this.#run('createLink', url);
    else {
      const anchor = document.createElement('a');
      anchor.href = url;
      anchor.textContent = typed.trim();
      this.#run('insertHTML', anchor.outerHTML);
    }
    return true;
  }

  #run(command: string, value?: string): void {
    // Deprecated on paper, and yet the only editing commands that every web view has.
    document.execCommand(command, false, value);
  }

  /** Back into the text, where the caret was last. */
  #return(): void {
    const node = this.#node;
    if (!node) return;
    if (document.activeElement !== node) node.focus();
    if (this.#kept) this.#use(this.#kept);
  }

  #use(range: Range): void {
    const selection = window.getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
  }

  #look(): void {
    const selection = window.getSelection();
    if (!this.#node || !selection || selection.rangeCount === 0) return;
    const range = selection.getRangeAt(0);
    if (!this.#node.contains(range.commonAncestorContainer)) return;
    this.#kept = range.cloneRange();
    const active = STATES.filter((format) => document.queryCommandState(format));
    if (this.#inside('ul')) active.push('list');
    if (this.#inside('blockquote')) active.push('quote');
    this.active = new Set(active);
  }

  #inside(name: string): boolean {
    const start = window.getSelection()?.anchorNode ?? null;
    const element = start instanceof Element ? start : start?.parentElement;
    const found = element?.closest(name) ?? null;
    return found !== null && this.#node !== null && this.#node.contains(found);
  }
}

export const editing = new Editing();
