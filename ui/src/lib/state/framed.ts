// The keyboard while a letter's frame has it. Nothing runs in the frame, so its keys cannot be heard: it scrolls with
// them, and copies. When the pointer comes back out of the frame, so does the keyboard; Ctrl takes it in once more, for
// what was selected there.

import { focusList } from './desk.svelte';

/** Long enough for the key that follows Ctrl. */
const COPYING = 1500;

/** Keeps an eye on a frame until the returned function is called. */
export function framed(frame: HTMLIFrameElement): () => void {
  // Whether the frame has the keyboard, and whether a click gave it away: where it came by Tab, it stays.
  let inside = false;
  let clicked = false;
  let copying: ReturnType<typeof setTimeout> | undefined;
  const back = () => {
    clearTimeout(copying);
    if (!inside) return;
    window.focus();
    focusList();
  };
  const heard = {
    blur: () => {
      setTimeout(() => {
        inside = document.hasFocus();
        clicked ||= inside && frame.matches(':hover');
      });
    },
    focus: () => {
      inside = false;
    },
    pointerover: (event: Event) => {
      const { target, buttons, ctrlKey, metaKey } = event as PointerEvent;
      // A button that is down is still selecting, and may have left the frame while it does.
      if (clicked && target !== frame && buttons === 0 && !ctrlKey && !metaKey) back();
    },
    pointerdown: () => {
      clicked = false;
    },
    keydown: (event: Event) => {
      const { key } = event as KeyboardEvent;
      clicked &&= key === 'Control' || key === 'Meta';
      if (!clicked) return;
      frame.focus();
      copying = setTimeout(back, COPYING);
    },
  };
  for (const [name, hear] of Object.entries(heard)) window.addEventListener(name, hear);
  return () => {
    clearTimeout(copying);
    for (const [name, hear] of Object.entries(heard)) window.removeEventListener(name, hear);
  };
}
