// Widths of the panes, kept from one start to the next.

/** A pane whose border drags. */
export type Pane = 'sidebar' | 'list';

const LIMITS: Record<Pane, { least: number; most: number; usual: number }> = {
  sidebar: { least: 180, most: 320, usual: 220 },
  list: { least: 280, most: 560, usual: 384 },
};

class Panes {
  sidebar = $state(remembered('sidebar'));
  list = $state(remembered('list'));

  resize(pane: Pane, width: number): void {
    const { least, most } = LIMITS[pane];
    this[pane] = Math.round(Math.min(Math.max(width, least), most));
  }

  remember(pane: Pane): void {
    localStorage.setItem(`pane.${pane}`, String(this[pane]));
  }
}

function remembered(pane: Pane): number {
  const { least, most, usual } = LIMITS[pane];
  const width = Number(localStorage.getItem(`pane.${pane}`));
  return width >= least && width <= most ? width : usual;
}

export const panes = new Panes();
export { LIMITS as PANE_LIMITS };
