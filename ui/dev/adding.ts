// What is found for an address, and what its servers say. The address chooses: one at gmail.com signs in, one at
// own.example has a certificate of its own, one at hosted.example is with a host that DNS alone names, one at
// nowhere.example is not known.

import type { AccountTest, Calls, CertificateView, FoundAccount, OAuthProviderView } from '../src/lib/engine/types';

type Name = 'account_discover' | 'account_test' | 'oauth_providers' | 'oauth_device';
type Answers = { [N in Name]: (args: Calls[N]['args']) => Calls[N]['answer'] | Promise<Calls[N]['answer']> };

const good = (message: string) => ({ ok: true, message, hint: '', code: '' });
const domainOf = (address: string) => address.split('@')[1] ?? '';

const certificate: CertificateView = {
  sha256: '5f2ac3a31c7d4e80b9f1d64c02e7a9988b11d0c3f4e5a6b7c8d9e0f1a2b3c4d5',
  names: ['mail.own.example', 'own.example'],
  subject: 'CN=mail.own.example',
  issuer: 'CN=mail.own.example',
  self_signed: true,
  not_before: '2026-02-01T00:00:00Z',
  not_after: '2036-02-01T00:00:00Z',
};

const provider: OAuthProviderView = {
  provider: 'google',
  name: 'Google',
  has_client: false,
  by_code: true,
  by_hand: false,
  register: 'https://provider.example/register',
};

function found(address: string): FoundAccount {
  const domain = domainOf(address);
  const hosted = domain === 'hosted.example';
  const server = (kind: string, port: number) => ({
    server: {
      host: `${kind}.${hosted ? 'provider.example' : domain}`,
      port,
      security: 'tls',
      user: address,
      login: 'password',
    } as const,
    logins: ['password' as const],
    answers: good('It answers.'),
    hearsay: hosted,
  });
  return {
    origin: hosted ? 'services' : 'domain',
    words: hosted
      ? `${domain} says so itself, in DNS`
      : `${domain} says so itself, on a page at autoconfig.${domain}`,
    name: 'Example',
    page: null,
    imap: server('imap', 993),
    smtp: server('smtp', 465),
  };
}

async function tested({ form, password }: Calls['account_test']['args']): Promise<AccountTest> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { imap, smtp } = form;
  const refused = {
    ok: false,
    code: 'auth-failed',
    message: `${smtp?.host} refused the password: 535 5.7.8 Authentication failed`,
    hint: 'Check the password, or ask your provider for an app password.',
  };
  if (domainOf(form.address) === 'own.example' && !imap?.trusted)
    return {
      imap: {
        ok: false,
        code: 'certificate',
        message: `Nobody vouches for the certificate of ${imap?.host}.`,
        hint: 'Trust it only if you know that it is yours.',
        certificate,
      },
      smtp: null,
    };
  return {
    imap: good(`Logged in at ${imap?.host}.`),
    smtp: password === 'right' ? good(`Logged in at ${smtp?.host}.`) : refused,
  };
}

export const addingAnswers: Answers = {
  account_discover: ({ address, database }) => {
    const google = domainOf(address) === 'gmail.com';
    const unknown = domainOf(address) === 'nowhere.example';
    return {
      address,
      found: unknown ? [] : [found(address)],
      asked: [
        {
          source: `https://autoconfig.${domainOf(address)}/mail/config-v1.1.xml`,
          said: unknown ? 'There is no such host.' : 'It names servers.',
        },
      ],
      provider: google
        ? {
            name: 'Google',
            password: {
              text: 'Google takes an app password in place of your usual one. It needs 2-Step Verification.',
              link: 'https://provider.example/apppasswords',
            },
            takes_passwords: true,
            oauth: 'google',
          }
        : null,
      database: database ?? false,
    };
  },
  account_test: tested,
  oauth_providers: () => [provider],
  oauth_device: () => ({ sign_in: 2, code: 'QHXD-MVNB', url: 'https://provider.example/device', seconds: 900 }),
};
