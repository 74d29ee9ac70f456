// The practice world of the samples: switches that turn, and a story at several points. Scenes: playing, played.

import type { Calls, PracticeStory, PracticeSwitches, PracticeTurn, StoryStep } from '../src/lib/engine/types';

type Answers = { [N in keyof Calls]?: (args: Calls[N]['args']) => Calls[N]['answer'] };

const OFF: PracticeSwitches = {
  port_25: 'open',
  reverse_dns: 'confirmed',
  dns_list: 'absent',
  portal: 'off',
  hours_slept: 0,
};

const step = (progress: StoryStep['progress'], outgoing: number | null = null): StoryStep => ({
  progress,
  outgoing,
  next_attempt_at: progress === 'under-way' ? new Date(Date.now() + 24_000).toISOString() : null,
});

export function practiceAnswers(scene: string): Answers {
  let switches: PracticeSwitches =
    scene === 'playing' ? { ...OFF, port_25: 'blocked', dns_list: 'policy', hours_slept: 1 } : OFF;
  const stories: Record<string, PracticeStory> = {
    playing: { greylist: step('under-way', 1), detour: step('to-do'), direct: step('to-do') },
    played: { greylist: step('done', 1), detour: step('done', 2), direct: step('done', 3) },
  };
  const story = stories[scene] ?? { greylist: step('to-do'), detour: step('to-do'), direct: step('to-do') };
  const turned = (turn: PracticeTurn): Partial<PracticeSwitches> => {
    switch (turn.switch) {
      case 'port-25':
        return { port_25: turn.to };
      case 'reverse-dns':
        return { reverse_dns: turn.to };
      case 'dns-list':
        return { dns_list: turn.to };
      case 'portal':
        return { portal: turn.to };
    }
  };
  return {
    practice_story: () => story,
    practice_switches: () => switches,
    practice_switch: (turn) => (switches = { ...switches, ...turned(turn) }),
    practice_reset: () => (switches = { ...OFF, hours_slept: switches.hours_slept }),
    practice_sleep: () => (switches = { ...switches, hours_slept: switches.hours_slept + 1 }),
  };
}
