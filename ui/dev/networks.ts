// The networks of the samples: at home now, in a café before.

import type {
  Calls,
  CheckLine,
  DirectVerdict,
  NetworkHistory,
  NetworkNow,
  NetworkView,
} from '../src/lib/engine/types';
import * as findings from './findings';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const DAY = 24 * 60;

function network(id: number, name: string, named: boolean, seen: number): NetworkView {
  return { id, name, named, kind: 'wi-fi', first_seen: ago(30 * DAY), last_seen: ago(seen) };
}

function line(id: number, minutes: number, verdict: DirectVerdict, because: string, whole = true): CheckLine {
  return { id, at: ago(minutes), verdict, because, whole };
}

const blocked = 'This network blocks port 25, so no mail server can be reached from here.';
const nameless = 'Your address has no name: expect Gmail, GMX and many others to refuse.';

/** Scenes: `fresh` knows no network, `offline` is on none, `unrecognised` on one that the system does not name. */
export function networkAnswers(scene: string) {
  const bare = ['empty', 'welcome', 'fresh', 'offline', 'unrecognised'].includes(scene);
  let networks: NetworkHistory[] = bare
    ? []
    : [
        {
          network: network(1, 'At home', true, 0),
          here: true,
          checks: [
            line(9, 25, 'risky', nameless, false),
            line(8, 5 * 60, 'risky', nameless),
            line(7, 2 * DAY, 'good', 'Nothing that was looked at speaks against direct sending.'),
            line(6, 9 * DAY, 'blocked', blocked),
          ],
        },
        {
          network: network(2, 'Wi-Fi network 2', false, 3 * DAY),
          here: false,
          checks: [line(3, 3 * DAY, 'blocked', blocked)],
        },
        { network: network(3, 'The library', true, 12 * DAY), here: false, checks: [] },
      ];
  let looked = !bare;
  const here = () => networks.find((one) => one.here);
  const now = (): NetworkNow => ({
    here: scene === 'offline' ? 'nowhere' : scene === 'unrecognised' ? 'unrecognised' : 'recognised',
    network: here()?.network ?? null,
    latest: looked ? { at: ago(25), whole_at: ago(5 * 60), fresh: true, report: findings.network } : null,
    identities: looked ? [{ address: 'robin@example.org', at: ago(5 * 60), report: findings.identity }] : [],
  });
  const changed = (id: number, change: (one: NetworkView) => NetworkView) => {
    networks = networks.map((one) => (one.network.id === id ? { ...one, network: change(one.network) } : one));
    return null;
  };
  return {
    network_now: now,
    network_history: () => networks,
    network_check_show: ({ check }: Calls['network_check_show']['args']) => {
      const kept = networks.flatMap(({ checks }) => checks).find(({ id }) => id === check)!;
      const report = { ...findings.network, verdict: kept.verdict, because: kept.because };
      return { at: kept.at, whole_at: kept.at, fresh: false, report };
    },
    network_rename: ({ network, name }: Calls['network_rename']['args']) =>
      changed(network, (one) => ({ ...one, name: name || 'Wi-Fi network', named: name !== '' })),
    network_forget: ({ network }: Calls['network_forget']['args']) => {
      if (here()?.network.id === network) looked = false;
      networks = networks.filter((one) => one.network.id !== network);
      return null;
    },
    check_network: async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      looked = true;
      if (scene === 'error')
        throw { code: 'internal', message: 'The network could not be read from the disk.', hint: '' };
      return findings.network;
    },
  };
}
