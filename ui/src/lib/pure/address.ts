// Addresses as they are typed and shown. The engine decides in the end; this is what a chip needs to know at once.

import type { Address } from '../engine/types';
import { words } from '../words';

/** A recipient in a field: what was typed, and whether it can be an address. */
export type Recipient = { name: string | null; address: string; valid: boolean };

const LOCAL_ATOM = /^[^\s"(),:;<>@[\\\]]+$/u;
const LOCAL_QUOTED = /^"(?:[^"\\]|\\.)+"$/u;
const LABEL = /^(?!-)[\p{L}\p{N}\p{M}_-]{1,63}(?<!-)$/u;
const LITERAL = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9a-f:.]+)\]$/iu;

/** Whether a text can be delivered to, as far as its shape tells. */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1).replace(/\.$/, '');
  if (new TextEncoder().encode(local).length > 64 || domain.length > 253) return false;
  return validLocal(local) && (LITERAL.test(domain) || domain.split('.').every((label) => LABEL.test(label)));
}

function validLocal(local: string): boolean {
  return LOCAL_QUOTED.test(local) || local.split('.').every((atom) => LOCAL_ATOM.test(atom));
}

/** Splits what was typed or pasted at commas, semicolons and line ends that are not inside quotes or brackets. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  let bracket = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === '<') bracket = true;
    if (character === '>') bracket = false;
    if (!quoted && !bracket && /[,;\n]/.test(character)) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part].map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** Reads `Name <address>`, `<address>` or a bare address. */
export function readRecipient(text: string): Recipient {
  const angled = /^(.*)<([^<>]*)>\s*$/su.exec(text.trim());
  const address = (angled ? (angled[2] ?? '') : text).trim().replace(/^mailto:/i, '');
  const name = angled ? unquote((angled[1] ?? '').trim()) : '';
  return { name: name === '' ? null : name, address, valid: isAddress(address) };
}

function unquote(name: string): string {
  const quoted = /^"(.*)"$/su.exec(name);
  return quoted ? (quoted[1] ?? '').replace(/\\(.)/gsu, '$1') : name;
}

/** Reads a whole list. */
export function readRecipients(text: string): Recipient[] {
  return splitList(text).map(readRecipient);
}

/** The recipient of a stored address. */
export function fromAddress({ name, address }: Address): Recipient {
  return { name, address, valid: isAddress(address) };
}

/** The list without what is in it twice; the first one stays. */
export function withoutDoubles(recipients: Recipient[]): Recipient[] {
  const seen = new Set<string>();
  return recipients.filter(({ address }) => {
    const key = address.toLowerCase();
    return !seen.has(key) && seen.add(key);
  });
}

/** The name that is shown, or the address where there is none. */
export function shownName({ name, address }: Address): string {
  return name?.trim() || address;
}

/** `Name <address>` for people, unquoted. */
export function fullName({ name, address }: Address): string {
  return name?.trim() ? `${name} <${address}>` : address;
}

/** The names of several, shortened: "Anna, Ben and 3 others". */
export function shownNames(addresses: Address[], most = 3): string {
  const names = addresses.map(shownName);
  if (names.length <= most) return names.join(', ');
  return words.names.others(names.slice(0, most - 1).join(', '), names.length - most + 1);
}

/** The bare addresses of several: a name would hide what matters here. */
export function shownAddresses(addresses: Address[]): string {
  return addresses.map(({ address }) => address).join(', ');
}
