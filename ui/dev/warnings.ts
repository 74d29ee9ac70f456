// Pages of warnings, as the engine gives them.

import type { Calls, WarningName, WarningPage } from '../src/lib/engine/types';

const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

const headings: Record<WarningName, string> = {
  greylisting: 'Greylisting: the first letter has to wait',
  'reverse-dns': 'Reverse DNS: the name of your address',
  'port-25': 'Port 25 is blocked',
  'dynamic-address': 'An address as homes have it',
  'listed-address': 'Your address is on a block list',
  spf: 'SPF: who may send for your domain',
  dkim: 'DKIM: the signature of your letters',
  dmarc: 'DMARC: the proof that letters are yours',
  'no-smart-host': 'No smart host is set up',
  'null-mx': 'A domain that takes no mail',
};

const request =
  'Dear support team,\nI would like to send mail from my connection directly, with my own mail program. Outgoing TCP connections to port 25 (IPv4) do not get through. Please open port 25 (outgoing) for my connection, or tell me how I can do so, or which of your tariffs allows it.\nThank you.';

export function warningPage({ name, outgoing, delivery, finding }: Calls['warning_show']['args']): WarningPage {
  const letter = outgoing !== undefined && delivery !== undefined;
  const letters = letter ? [{ outgoing, delivery, address: 'layla@greylist.test' }] : [];
  return {
    name,
    heading: headings[name],
    what: 'Some mail servers ask a sender whom they do not know to come back a few minutes later, and then take the letter.',
    means: [
      'Nothing is wrong. mx.greylist.test asked the letter to layla@greylist.test to come back, and it waits here until then. Postrider goes back by itself.',
    ],
    next_attempt_at: letter ? ahead(3.1) : null,
    seen: letter
      ? [
          {
            at: ahead(-2),
            place: 'mx.greylist.test (127.0.0.1:2525)',
            asked: 'the recipient',
            answer: '451 4.7.1 Greylisted, please come back in 300 seconds',
            took_ms: 1250,
          },
        ]
      : (finding?.evidence ?? []).map((one) => ({ ...one, at: ahead(-5), place: 'this network' })),
    todo: [
      'There is nothing to do. Leave this computer on; otherwise the letter goes when it is on line again.',
      'To send directly, ask your Internet provider to open outgoing port 25. Some have a switch for it in their customer pages; others do it for business connections only.',
    ].slice(0, name === 'greylisting' ? 1 : 2),
    actions: [
      letter ? { action: 'hand-over', route: 'Fastmail', letters } : { action: 'add-smart-host', account: 1 },
      ...(name === 'greylisting' ? [] : [{ action: 'check-network' as const, account: null }]),
    ],
    copy:
      name === 'greylisting' ? [] : [{ label: 'Request to your provider', text: request }, ...(finding?.copy ?? [])],
    alternative: 'If it is urgent, Fastmail can take it over: it is usually known there already.',
    why: 'Programs that send junk rarely come back after they were put off, and mail servers always do. So a few minutes of patience keep much of the junk away. The server remembers the address that it saw, the sender and the recipient; Postrider therefore comes back from the same address. Once it knows you, it usually takes your letters at once.',
    smart_host: 'Fastmail',
  };
}
