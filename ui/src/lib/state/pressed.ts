// From a key press of the page to a command.

import { quit } from '../engine/shell';
import { commandOf, quits } from '../pure/keys';
import { run } from './commands';

/** Hears every key that nothing else took. */
export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (quits(event)) {
    event.preventDefault();
    void quit();
    return;
  }
  // A dialog has the keyboard: Esc closes it, and nothing happens behind it.
  if (document.querySelector('dialog[open]')) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const command = commandOf({
    key: event.key,
    ctrl: event.ctrlKey || event.metaKey,
    alt: event.altKey,
    shift: event.shiftKey,
    repeat: event.repeat,
    typing: isField(target),
    onControl: target?.closest('button, a, summary') !== null && target !== null,
  });
  if (command !== null && run(command)) event.preventDefault();
}

function isField(target: HTMLElement | null): boolean {
  if (!target) return false;
  const writes = target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
  return (
    writes || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}
