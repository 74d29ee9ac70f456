import { describe, expect, it } from 'vitest';
import { completed, completionsOf } from './completion';

const hints = {
  'from:': 'who',
  'filename:': 'file',
  'has:attachment': 'files',
  'is:unread': 'new',
  'in:': 'mailbox',
};
const mailboxes = ['inbox', 'Invoices', 'My bees', 'archive'];
const texts = (query: string) => completionsOf(query, query.length, hints, mailboxes).map(({ text }) => text);

describe('completion of a search', () => {
  it('knows what can be searched for', () => {
    expect(texts('')).toEqual(Object.keys(hints));
    expect(texts('f')).toEqual(['from:', 'filename:']);
    expect(texts('bees -fr')).toEqual(['-from:']);
    expect(texts('(is')).toEqual(['is:unread']);
    expect(texts('from:')).toEqual([]);
    expect(texts('bees')).toEqual([]);
    expect(texts('bees ')).toEqual([]);
  });

  it('knows the mailboxes', () => {
    expect(texts('in:in')).toEqual(['in:inbox', 'in:Invoices']);
    expect(texts('in:my')).toEqual(['in:"My bees"']);
    expect(texts('in:inbox')).toEqual([]);
  });

  it('is put where the word was', () => {
    expect(completed('bees fr now', 7, { text: 'from:', hint: '' })).toEqual({ query: 'bees from:now', caret: 10 });
    expect(completed('is', 2, { text: 'is:unread', hint: '' })).toEqual({ query: 'is:unread ', caret: 10 });
  });
});
