import { describe, expect, it } from 'vitest';
import { markupOfText, safeMarkup, wholeLink } from './sanitise';

describe('markup from outside', () => {
  it.each([
    ['<b onclick="x()">bold</b>', '<b>bold</b>'],
    ['<script>alert(1)</script>after', 'after'],
    ['<style>p{}</style><p style="color:red" class="x">text</p>', '<p>text</p>'],
    ['<img src="https://tracker.example/x.gif">', ''],
    ['<img src="x" onerror="alert(1)" alt="a cat">', '[a cat]'],
    ['<a href="javascript:alert(1)">go</a>', 'go'],
    ['<a href=" https://example.org/ " target="_top">go</a>', '<a href="https://example.org/">go</a>'],
    ['<svg onload="alert(1)"><circle r="1" /></svg>x', 'x'],
    ['<iframe srcdoc="<script>1</script>"></iframe>x', 'x'],
    ['<span><font color="red">plain</font></span>', 'plain'],
    ['<section><h1>head</h1></section>', '<div><h1>head</h1></div>'],
    ['<blockquote type="cite"><p>said</p></blockquote>', '<blockquote type="cite"><p>said</p></blockquote>'],
    ['<form action="https://x.test"><input name="a">in</form>', 'in'],
    ['<meta http-equiv="refresh" content="0;url=https://x.test">x', 'x'],
    ['<ul><li>one<li>two</ul>', '<ul><li>one</li><li>two</li></ul>'],
    ['<math><mtext><img src=x onerror=alert(1)></mtext></math>x', 'x'],
  ])('%s is reduced to what the editor keeps', (html, kept) => {
    expect(safeMarkup(html)).toBe(kept);
  });
});

it('plain text is markup line for line', () => {
  expect(markupOfText('a < b\r\nc & d')).toBe('a &lt; b<br>c &amp; d');
});

it.each([
  ['example.org', 'https://example.org'],
  ['https://example.org/a', 'https://example.org/a'],
  ['anna@example.org', 'mailto:anna@example.org'],
  ['localhost:8080/x', 'https://localhost:8080/x'],
  ['javascript:alert(1)', null],
  ['file:///etc/passwd', null],
  ['two words', null],
  ['', null],
])('the link “%s” becomes %s', (typed, whole) => {
  expect(wholeLink(typed)).toBe(whole);
});
