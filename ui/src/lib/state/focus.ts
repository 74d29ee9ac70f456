// Where the keyboard goes when what had it is gone.

/** After the entry at this place was removed: to the button of the one that took its place, else to the heading. */
export function focusNext(list: HTMLElement | undefined, at: number, heading: HTMLElement): void {
  const buttons = [...(list?.querySelectorAll('button') ?? [])];
  (buttons[at] ?? buttons.at(-1) ?? heading).focus();
}
