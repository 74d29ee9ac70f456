// The settings of the sending engine that have a place in the window, and what may be chosen. What is usual, the engine
// says.

import { words } from '../words';

/** How a setting is changed. */
export type SettingKind = 'pauses' | 'first-pauses' | 'seconds' | 'choice';

/** A setting as the window shows it. The engine checks what is chosen; the rest is on the command line. */
export type SettingOf = { key: string; kind: SettingKind; choices: string[] };

const choice = (key: string, choices: string[]): SettingOf => ({ key, kind: 'choice', choices });
const typed = (key: string, kind: SettingKind): SettingOf => ({ key, kind, choices: [] });

/** The settings in groups, in the order in which they are shown. */
export const SETTINGS: { group: keyof typeof words.sending.groups; settings: SettingOf[] }[] = [
  {
    group: 'leaving',
    settings: [typed('outbound.undo_seconds', 'seconds')],
  },
  {
    group: 'again',
    settings: [
      typed('outbound.schedule', 'pauses'),
      typed('outbound.greylist_schedule', 'first-pauses'),
      choice('outbound.max_age', ['1d', '2d', '3d', '5d', '7d']),
    ],
  },
  {
    group: 'late',
    settings: [
      choice('outbound.delay_notice', ['15m', '30m', '1h', '2h', '4h']),
      choice('outbound.delay_report', ['1h', '2h', '4h', '8h', '1d']),
    ],
  },
  {
    group: 'encryption',
    settings: [
      choice('outbound.dane', ['off', 'when-proven', 'strict']),
      choice('outbound.downgrade', ['show', 'refuse']),
    ],
  },
  {
    group: 'closing',
    settings: [choice('window.on_closing', ['ask', 'stay', 'hand-over', 'quit'])],
  },
];

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of `90s`, `5m`, `2h` or `1d`; `null` for anything else. */
export function durationSeconds(text: string): number | null {
  const [, number, unit] = /^\s*(\d{1,7})\s*([smhd])\s*$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit ?? ''] ?? NaN);
  return seconds > 0 ? seconds : null;
}

/** A duration as one says it: "90 s", "5 min", "1 h 20 min", "5 days". */
export function durationWords(seconds: number): string {
  if (seconds < 120 && seconds % 60 !== 0) return `${seconds} s`;
  if (seconds < 3600) return parts(seconds, 60, 'min', 1, 's');
  if (seconds < 2 * 86_400 && seconds !== 86_400) return parts(seconds, 3600, 'h', 60, 'min');
  const days = Math.floor(seconds / 86_400);
  const rest = Math.floor((seconds % 86_400) / 3600);
  return `${days === 1 ? '1 day' : `${days} days`}${rest === 0 ? '' : ` ${rest} h`}`;
}

function parts(seconds: number, large: number, unit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${unit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`;
}

/** What a list of pauses comes to, in a sentence; `null` where it is none, and for other settings. */
export function pausesWords({ kind }: Pick<SettingOf, 'kind'>, text: string): string | null {
  if (kind !== 'pauses' && kind !== 'first-pauses') return null;
  const all = text.split(',').map(durationSeconds);
  const said = all.flatMap((seconds) => (seconds === null ? [] : [durationWords(seconds)]));
  if (said.length !== all.length) return null;
  const say = words.sending;
  if (kind === 'first-pauses') return say.thenUsual(said.join(', '));
  const last = said.pop() ?? '';
  return say.then(said.join(', '), last);
}

/** What a value of a setting is called. */
export function valueWords({ key, kind }: SettingOf, value: string): string {
  if (kind !== 'choice') return value;
  const seconds = durationSeconds(value);
  return words.sending.options[key]?.choices?.[value] ?? (seconds === null ? value : durationWords(seconds));
}

/** Why a value cannot be: said at once, before the engine is asked. */
export function whyNot({ kind }: SettingOf, value: string): string | null {
  const say = words.sending;
  if (kind === 'seconds') return /^\d{1,3}$/.test(value) && Number(value) <= 120 ? null : say.badSeconds;
  return kind !== 'choice' && pausesWords({ kind }, value) === null ? say.badPauses : null;
}
