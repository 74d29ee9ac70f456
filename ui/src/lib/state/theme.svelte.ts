// Whether the window is dark, as the system says.

class Theme {
  dark = $state(false);

  constructor() {
    const query = typeof window === 'undefined' ? undefined : window.matchMedia('(prefers-color-scheme: dark)');
    this.dark = query?.matches ?? false;
    query?.addEventListener?.('change', (event) => (this.dark = event.matches));
  }
}

export const theme = new Theme();
