// The time, for what shows it. It ticks only while something on the screen reads it.

import { createSubscriber } from 'svelte/reactivity';

class Clock {
  readonly #subscribe: () => void;

  constructor(every: number) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, every);
      return () => clearInterval(timer);
    });
  }

  get now(): Date {
    this.#subscribe();
    return new Date();
  }
}

/** For countdowns. */
export const seconds = new Clock(1000);

/** For the dates in lists. */
export const minutes = new Clock(60_000);
