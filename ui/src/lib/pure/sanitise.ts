// What may stand in the editor: text with simple structure, links, and nothing that loads, runs or lies. Pasted markup
// and quoted letters pass through here before they touch the page.

const KEPT = new Set(
  'a b blockquote br code div em h1 h2 h3 hr i li ol p pre s strong sub sup table tbody td th thead tr u ul'.split(
    ' ',
  ),
);
const DROPPED_WHOLE = new Set(
  'applet audio base button canvas embed frame frameset head iframe input link map math meta noscript object picture script select source style svg template textarea title video'.split(
    ' ',
  ),
);
const LINK = /^(?:https?:\/\/|mailto:)/i;
const BLOCKS = new Set(
  'article aside center dd details dl dt figcaption figure footer h4 h5 h6 header main nav section'.split(' '),
);

/** Markup reduced to what the editor keeps. */
export function safeMarkup(html: string): string {
  const source = new DOMParser().parseFromString(html, 'text/html');
  const target = document.implementation.createHTMLDocument('');
  for (const child of [...source.body.childNodes]) copy(child, target.body, target);
  return target.body.innerHTML;
}

function copy(node: Node, parent: Node, doc: Document): void {
  if (node.nodeType === Node.TEXT_NODE) {
    parent.appendChild(doc.createTextNode(node.nodeValue ?? ''));
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const element = node as Element;
  const name = element.localName;
  if (DROPPED_WHOLE.has(name)) return;
  if (name === 'img') {
    appendAlternative(element, parent, doc);
    return;
  }
  const into = container(element, name, doc);
  if (into) parent.appendChild(into);
  for (const child of [...element.childNodes]) copy(child, into ?? parent, doc);
}

function container(element: Element, name: string, doc: Document): Element | null {
  if (BLOCKS.has(name)) return doc.createElement('div');
  if (!KEPT.has(name)) return null;
  const made = doc.createElement(name);
  if (name === 'a') {
    const href = element.getAttribute('href')?.trim() ?? '';
    if (!LINK.test(href)) return null;
    made.setAttribute('href', href);
  }
  if (name === 'blockquote' && element.getAttribute('type') === 'cite') made.setAttribute('type', 'cite');
  return made;
}

/** An image is not carried along, but its words are. */
function appendAlternative(element: Element, parent: Node, doc: Document): void {
  const words = element.getAttribute('alt')?.trim();
  if (words) parent.appendChild(doc.createTextNode(`[${words}]`));
}

/** Plain text as markup, line for line. */
export function markupOfText(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return escaped.replace(/\r\n?/g, '\n').replace(/\n/g, '<br>');
}

/** A link as typed, made whole; `null` where it leads nowhere that a letter may point to. */
export function wholeLink(typed: string): string | null {
  const text = typed.trim();
  if (text === '' || /\s/.test(text)) return null;
  if (LINK.test(text)) return text;
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^:/]+:\d/.test(text)) return null;
  return text.includes('@') ? `mailto:${text}` : `https://${text}`;
}
