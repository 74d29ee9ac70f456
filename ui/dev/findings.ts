// Reports of checks, as the engine gives them.

import type { Check, CheckReport, Finding, FindingStatus } from '../src/lib/engine/types';

const why =
  'Mail servers look up the name of the address that talks to them (reverse DNS), and whether that name leads back to it. Real mail servers have one that somebody chose.';

function finding(
  check: Check,
  status: FindingStatus,
  title: string,
  cause: string,
  more: Partial<Finding> = {},
): Finding {
  return {
    check,
    subject: '',
    status,
    found: 'sample',
    title,
    evidence: [],
    cause,
    fix: null,
    alternative: null,
    why,
    copy: [],
    warning: null,
    ...more,
  };
}

const useSmartHost =
  'Send through a smart host: the mail server of your provider passes your letters on, and its address is trusted.';

export const network: CheckReport = {
  verdict: 'risky',
  because: 'Your address has no name: expect Gmail, GMX and many others to refuse.',
  took_ms: 5240,
  for_support: 'Your address has no name.',
  findings: [
    finding('way-out', 'pass', 'This computer is on line', 'There is a network, and it lets this computer out.', {
      evidence: [{ asked: 'the operating system', answer: 'connected', took_ms: null }],
    }),
    finding(
      'port-25-ipv4',
      'pass',
      'Port 25 is open (IPv4)',
      'mx.example.org answered at port 25, so letters can be handed over to mail servers directly.',
      {
        evidence: [
          {
            asked: 'mx.example.org (192.0.2.1:25)',
            answer: '220 mx.example.org ESMTP; then 250 to EHLO, offering SIZE 10240000, STARTTLS',
            took_ms: 42,
          },
          { asked: 'mx.example.net (192.0.2.2:25)', answer: 'no answer', took_ms: 3200 },
        ],
      },
    ),
    finding(
      'port-25-ipv6',
      'unknown',
      'This network has no IPv6',
      'There is no way out over IPv6, so there is nothing to test. That is no fault as long as the other kind works.',
    ),
    finding(
      'submission',
      'pass',
      'smtp.example.net can be reached',
      'It answers at port 465 and 587, so letters can go through it from here.',
    ),
    finding(
      'public-address',
      'pass',
      'Others see this computer as 203.0.113.9',
      'A router stands between this computer (192.168.1.7) and the Internet and gives everybody behind it one address (NAT).',
    ),
    finding(
      'reverse-name',
      'fail',
      '203.0.113.9 has no name',
      'Nobody has set reverse DNS for this address. Gmail, GMX, Yahoo and many others refuse mail from such an address, whatever is in the letter.',
      {
        evidence: [{ asked: 'the name of 203.0.113.9 (PTR)', answer: 'no name', took_ms: 31 }],
        warning: 'reverse-dns',
        fix: 'Only whoever gave you the address can set its name: at home that is your Internet provider, for a rented server there is usually a field for it in the hosting panel (“reverse DNS” or “PTR”).',
        alternative: useSmartHost,
        copy: [
          {
            label: 'Request to your provider',
            text: 'Dear support team,\nplease set the reverse DNS (PTR record) of my address 203.0.113.9 to mail.example.org.\nThank you.',
          },
          { label: 'Record for your domain', text: 'mail.example.org. IN A 203.0.113.9' },
        ],
      },
    ),
    finding(
      'address-list',
      'unknown',
      'Spamhaus did not answer',
      'The list does not answer questions that come through public name servers, as yours did. That says nothing about your address.',
    ),
    finding(
      'resolver-truth',
      'pass',
      'Names that do not exist stay so',
      'The name servers of this network say when there is no such name.',
    ),
    finding(
      'clock',
      'warn',
      'The clock of this computer is 95 seconds behind',
      'Letters carry a wrong time, and look out of order to those who get them.',
      {
        fix: 'Let this computer set its clock by the network: that is a switch in the settings for date and time.',
      },
    ),
  ],
};

export const identity: CheckReport = {
  verdict: 'good',
  because: 'Nothing that was looked at speaks against direct sending.',
  took_ms: 310,
  for_support: 'Nothing speaks against it.',
  findings: [
    finding('sender-domain', 'pass', 'example.org can receive', 'Answers and notices of failure can come back.'),
    finding(
      'spf',
      'pass',
      'example.org lets 203.0.113.9 send for it',
      'Letters that go directly from here come from where the domain says (SPF).',
    ),
    finding(
      'dkim',
      'pass',
      'Letters from example.org are signed, and the key is in DNS',
      'Receivers can prove that they are yours, whichever way they go.',
    ),
  ],
};
