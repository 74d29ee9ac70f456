// How many connections an account has: a setting for all accounts, with others for some by their address.

/** What it is where nothing was chosen. */
export const USUAL = 2;
/** What may be chosen. */
export const CHOICES = [2, 3, 4, 5, 8, 10];

type Part = { address: string | null; number: number };

function parts(setting: string): Part[] {
  return setting.split(',').flatMap((part) => {
    const words = part.trim().split(/\s+/);
    const number = Number(words.at(-1));
    if (!Number.isInteger(number) || words.length > 2 || words[0] === '') return [];
    return [{ address: words.length === 2 ? (words[0] ?? null) : null, number }];
  });
}

const same = (one: string | null, other: string) => one?.toLowerCase() === other.toLowerCase();

/** How many the account of this address has. */
export function connectionsOf(setting: string, address: string): number {
  const all = parts(setting);
  const own = all.find((part) => same(part.address, address)) ?? all.find((part) => part.address === null);
  return own?.number ?? USUAL;
}

/** The setting after another number was chosen for an account; `null` where it is the usual one for all. */
export function withConnections(setting: string, address: string, number: number): string | null {
  const others = parts(setting).filter((part) => !same(part.address, address));
  const forAll = others.find((part) => part.address === null)?.number ?? USUAL;
  const all = number === forAll ? others : [...others, { address, number }];
  const text = all.map((part) => (part.address === null ? `${part.number}` : `${part.address} ${part.number}`));
  return text.length === 0 ? null : text.join(', ');
}
