// How tall a letter's frame has to be. Its page cannot say so: nothing runs there, and nobody looks in. So what is in
// sight of it at first is set here once more, as bare text in the same type and width, and measured.

import type { Block } from '../engine/types';

/** Around the page on each side, above and below it, as its style sheet says. */
const SIDES = 48;
const ABOVE_AND_BELOW = 40;
/** What a page may be taller than its text: marks, lines under a head, a fallen letter of another script. */
const ROOM = 8;
const LEAST = 96;
const TYPE = 'system-ui, -apple-system, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", sans-serif';

/** The height of a frame of this width, and no more than `most`. */
export function frameHeight(page: Block[], width: number, most: number): number {
  const height = measured(page, width) + ABOVE_AND_BELOW + ROOM;
  return Math.round(Math.min(Math.max(height, LEAST), Math.max(most, 240)));
}

/** How tall these blocks are below each other. */
function measured(page: Block[], width: number): number {
  const sheet = document.createElement('div');
  sheet.setAttribute('aria-hidden', 'true');
  sheet.inert = true;
  Object.assign(sheet.style, {
    position: 'fixed',
    visibility: 'hidden',
    display: 'flow-root',
    width: `${Math.max(width - SIDES, 60)}px`,
    maxWidth: '80ch',
    font: `15px/1.5 ${TYPE}`,
    overflowWrap: 'anywhere',
    whiteSpace: 'pre-wrap',
    contain: 'layout style',
  });
  sheet.append(...page.map(block));
  document.body.append(sheet);
  const { height } = sheet.getBoundingClientRect();
  sheet.remove();
  return height;
}

function block({ text, font, inset, gap, height }: Block): HTMLElement {
  const part = document.createElement('div');
  part.textContent = text;
  part.style.fontSize = `${font}px`;
  part.style.paddingLeft = `${inset}px`;
  if (font === 13) part.style.fontFamily = 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace';
  if (font > 15) part.style.fontWeight = 'bold';
  if (gap > 0) part.style.marginBottom = `${gap}px`;
  if (height > 0) part.style.height = `${height}px`;
  return part;
}
