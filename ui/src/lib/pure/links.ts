// A link taken apart so that the part that matters, the host, can be seen.

/** What stands before the host, the host, and the rest. */
export type LinkParts = { before: string; host: string; after: string };

/** The parts of a link; for what has no host, everything is shown as the host. */
export function linkParts(url: string): LinkParts {
  try {
    const { host, username } = new URL(url);
    const at = host === '' ? -1 : url.indexOf(host, url.indexOf('//') + 2 + (username === '' ? 0 : username.length));
    if (at < 0) return { before: '', host: host || url, after: '' };
    return { before: url.slice(0, at), host, after: url.slice(at + host.length) };
  } catch {
    return { before: '', host: url, after: '' };
  }
}
