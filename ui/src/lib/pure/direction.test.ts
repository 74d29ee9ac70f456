import { expect, it } from 'vitest';
import { direction } from './direction';

it.each([
  ['Minutes', 'ltr'],
  ['', 'ltr'],
  ['42 — “اجتماع” at ten', 'rtl'],
  ['Re: שלום', 'ltr'],
  ['שלום, Anna', 'rtl'],
  ['来週の予定', 'ltr'],
])('“%s” runs %s', (text, way) => expect(direction(text)).toBe(way));
