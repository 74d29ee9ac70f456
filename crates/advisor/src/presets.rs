//! Smart hosts that people have, ready to be filled in: where they are, how one logs in, how much they take, and what has
//! to be done there first.
//!
//! Hosts, ports and logins are from the page that each links to, limits from its `source`, as of autumn 2026. Providers
//! change limits and rarely say for whom; one that no page of theirs states is not stated here.

use model::{LoginForm, Security};

/// What stands where the login name is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserForm {
    /// The whole address of the account.
    Address,
    /// These words, the same for everybody.
    Fixed(&'static str),
    /// A name that the provider gives; what it is called there.
    Issued(&'static str),
}

/// One smart host.
#[derive(Debug)]
pub struct Preset {
    /// Its name, as it is listed and as routes would call it.
    pub name: &'static str,
    /// Host name; empty where everybody has another.
    pub host: &'static str,
    /// TCP port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// What the login is made with.
    pub login: LoginForm,
    /// The login name.
    pub user: UserForm,
    /// What is typed as the password, in a few words.
    pub secret: &'static str,
    /// Recipients a day, where the provider states them.
    pub recipients_a_day: Option<u32>,
    /// The largest message, in MB (10⁶ octets) as it travels, where the provider states it.
    pub megabytes: Option<u32>,
    /// The limits in words; empty where there are none to state.
    pub limits: &'static str,
    /// What to do before it works.
    pub set_up: &'static str,
    /// The provider's own page about it.
    pub link: &'static str,
    /// Where the limits are documented; empty where none are stated.
    pub source: &'static str,
}

/// All of them: mailbox providers, then services for programs, then one's own servers.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "Gmail",
        host: "smtp.gmail.com",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Address,
        secret: "An app password",
        recipients_a_day: Some(500),
        megabytes: Some(25),
        limits: "500 recipients a day (2,000 with Google Workspace), 25 MB a message.",
        set_up: "Turn on 2-Step Verification for the Google account, then make an app password for Postrider.",
        link: "https://support.google.com/accounts/answer/185833",
        source: "https://support.google.com/mail/answer/22839",
    },
    Preset {
        name: "Outlook.com",
        host: "smtp-mail.outlook.com",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Token,
        user: UserForm::Address,
        secret: "An OAuth access token",
        recipients_a_day: None,
        megabytes: None,
        limits: "Low for a new account, and raised as it is used.",
        set_up: "Microsoft takes no passwords from mail programs here any more. Have an access token made by an \
                 application that is registered with Microsoft; it is good for about an hour.",
        link: "https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040",
        source: "https://support.microsoft.com/en-us/office/sending-limits-in-outlook-com-279ee200-594c-40f0-9ec8-bb6af7735c2e",
    },
    Preset {
        name: "Microsoft 365",
        host: "smtp.office365.com",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Token,
        user: UserForm::Address,
        secret: "An OAuth access token",
        recipients_a_day: Some(10_000),
        megabytes: Some(35),
        limits: "10,000 recipients a day, 30 messages a minute, 35 MB a message unless the administrator chose otherwise.",
        set_up: "The administrator has to allow authenticated SMTP for the mailbox. Passwords are switched off by default \
                 at the end of 2026; an access token works on.",
        link: "https://learn.microsoft.com/en-us/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission",
        source: "https://learn.microsoft.com/en-us/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits",
    },
    Preset {
        name: "Yahoo",
        host: "smtp.mail.yahoo.com",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Address,
        secret: "An app password",
        recipients_a_day: Some(500),
        megabytes: None,
        limits: "500 recipients a day, 100 a message.",
        set_up: "Make an app password under Account Security.",
        link: "https://help.yahoo.com/kb/SLN15241.html",
        source: "https://help.yahoo.com/mkb/article.php?page=content&y=PROD_YSB_BZMAIL&locale=en_US&id=SLN17518",
    },
    Preset {
        name: "iCloud",
        host: "smtp.mail.me.com",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Address,
        secret: "An app-specific password",
        recipients_a_day: Some(1_000),
        megabytes: Some(20),
        limits: "1,000 messages or recipients a day, 500 recipients a message, 20 MB a message.",
        set_up: "Make an app-specific password at account.apple.com; it needs two-factor authentication.",
        link: "https://support.apple.com/en-us/102525",
        source: "https://support.apple.com/en-us/102198",
    },
    Preset {
        name: "Fastmail",
        host: "smtp.fastmail.com",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Address,
        secret: "An app password",
        recipients_a_day: None,
        megabytes: None,
        limits: "As the plan says.",
        set_up: "Make an app password under Privacy & Security that may use SMTP.",
        link: "https://www.fastmail.help/hc/en-us/articles/1500000278342",
        source: "https://www.fastmail.com/help/account/limits.html",
    },
    Preset {
        name: "GMX",
        host: "mail.gmx.net",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Address,
        secret: "The account's password, or an application password with two-factor authentication",
        recipients_a_day: None,
        megabytes: None,
        limits: "",
        set_up: "Allow POP3 and IMAP in the settings under E-Mail. Addresses of gmx.com use mail.gmx.com.",
        link: "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html",
        source: "",
    },
    Preset {
        name: "WEB.DE",
        host: "smtp.web.de",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Address,
        secret: "The account's password, or an application password with two-factor authentication",
        recipients_a_day: None,
        megabytes: None,
        limits: "",
        set_up: "Allow POP3 and IMAP in the settings under E-Mail.",
        link: "https://hilfe.web.de/pop-imap/imap/imap-serverdaten.html",
        source: "",
    },
    Preset {
        name: "Amazon SES",
        host: "email-smtp.us-east-1.amazonaws.com",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Issued("the SMTP user name from the SES console"),
        secret: "The SMTP password from the SES console (not an AWS secret key)",
        recipients_a_day: Some(200),
        megabytes: Some(40),
        limits: "200 recipients a day and one a second until AWS lifts the sandbox; 40 MB a message.",
        set_up: "Verify the sender's domain, make SMTP credentials, ask for production access, and put the region of the \
                 account in the place of us-east-1.",
        link: "https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html",
        source: "https://docs.aws.amazon.com/ses/latest/dg/quotas.html",
    },
    Preset {
        name: "SendGrid",
        host: "smtp.sendgrid.net",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Fixed("apikey"),
        secret: "An API key that may send mail",
        recipients_a_day: None,
        megabytes: Some(30),
        limits: "As the plan says; 30 MB a message.",
        set_up: "Verify the sender or its domain, and make an API key with the permission Mail Send.",
        link: "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api",
        source: "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api",
    },
    Preset {
        name: "Mailgun",
        host: "smtp.mailgun.org",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Issued("the SMTP user of the domain, such as postmaster@mg.example.org"),
        secret: "The SMTP password of that user",
        recipients_a_day: None,
        megabytes: Some(25),
        limits: "As the plan says; 25 MB a message.",
        set_up: "Verify the domain and make an SMTP user under Domain settings. A domain in the EU uses \
                 smtp.eu.mailgun.org.",
        link: "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp",
        source: "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-http",
    },
    Preset {
        name: "Postmark",
        host: "smtp.postmarkapp.com",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Issued("the server API token, or the access key of an SMTP token"),
        secret: "The same server API token, or the SMTP token's secret key",
        recipients_a_day: None,
        megabytes: Some(10),
        limits: "As the plan says; 50 recipients and 10 MB a message.",
        set_up: "Verify the sender or its domain; the token is on the server's API Tokens page.",
        link: "https://postmarkapp.com/developer/user-guide/send-email-with-smtp",
        source: "https://postmarkapp.com/developer",
    },
    Preset {
        name: "Mailjet",
        host: "in-v3.mailjet.com",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Issued("the API key"),
        secret: "The secret key",
        recipients_a_day: Some(200),
        megabytes: None,
        limits: "200 messages a day on the free plan.",
        set_up: "Verify the sender or its domain; the keys are under SMTP and SEND API settings.",
        link: "https://documentation.mailjet.com/hc/en-us/articles/360043229473",
        source: "https://www.mailjet.com/pricing/",
    },
    Preset {
        name: "Brevo",
        host: "smtp-relay.brevo.com",
        port: 465,
        security: Security::Tls,
        login: LoginForm::Password,
        user: UserForm::Issued("the login shown under SMTP & API"),
        secret: "An SMTP key (not an API key)",
        recipients_a_day: Some(300),
        megabytes: None,
        limits: "300 messages a day on the free plan.",
        set_up: "Verify the sender or its domain, and make an SMTP key under SMTP & API.",
        link: "https://developers.brevo.com/docs/smtp-integration",
        source: "https://help.brevo.com/hc/en-us/articles/8292912279954-Add-or-remove-emails-from-your-plan",
    },
    Preset {
        name: "Postfix",
        host: "",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Issued("a user of the server's SASL"),
        secret: "That user's password",
        recipients_a_day: None,
        megabytes: Some(10),
        limits: "message_size_limit, 10 MB unless it was changed.",
        set_up: "Switch on the submission service in master.cf with TLS and SASL, and let permit_sasl_authenticated relay.",
        link: "https://www.postfix.org/SASL_README.html",
        source: "https://www.postfix.org/postconf.5.html#message_size_limit",
    },
    Preset {
        name: "Exim",
        host: "",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Issued("a user of one of the server's authenticators"),
        secret: "That user's password",
        recipients_a_day: None,
        megabytes: Some(50),
        limits: "message_size_limit, 50 MB unless it was changed.",
        set_up: "Listen on 587 (daemon_smtp_ports), advertise TLS, and set up an authenticator; the ACL for RCPT accepts \
                 authenticated senders.",
        link: "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-smtp_authentication.html",
        source: "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-main_configuration.html",
    },
    Preset {
        name: "Sendmail",
        host: "",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Issued("a user of the server's SASL"),
        secret: "That user's password",
        recipients_a_day: None,
        megabytes: None,
        limits: "",
        set_up: "Build with SASL and STARTTLS, let the MSA listen on 587 with authentication, and name the mechanisms with \
                 TRUST_AUTH_MECH.",
        link: "https://www.sendmail.org/~ca/email/auth.html",
        source: "",
    },
    Preset {
        name: "Exchange",
        host: "",
        port: 587,
        security: Security::Starttls,
        login: LoginForm::Password,
        user: UserForm::Issued("the user's principal name, or DOMAIN\\user"),
        secret: "That user's password",
        recipients_a_day: None,
        megabytes: Some(36),
        limits: "MaxMessageSize of the receive connector, 36 MB unless it was changed; 5 messages a minute.",
        set_up: "Give the “Client Frontend” receive connector a certificate for its name; it listens on 587.",
        link: "https://learn.microsoft.com/en-us/exchange/mail-flow/connectors/receive-connectors",
        source: "https://learn.microsoft.com/en-us/exchange/mail-flow/message-size-limits",
    },
];

impl Preset {
    /// The login name to begin with, for an account of this address.
    pub fn user_for(&self, address: &str) -> String {
        match self.user {
            UserForm::Address => address.to_owned(),
            UserForm::Fixed(name) => name.to_owned(),
            UserForm::Issued(_) => String::new(),
        }
    }

    /// What the login name is, in a few words.
    pub fn user_is(&self) -> String {
        match self.user {
            UserForm::Address => "The whole address".to_owned(),
            UserForm::Fixed(name) => format!("“{name}”, the same for everybody"),
            UserForm::Issued(what) => {
                let mut letters = what.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_complete_and_the_only_one_of_its_name() {
        let mut names: Vec<_> = PRESETS.iter().map(|preset| preset.name.to_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PRESETS.len());
        for preset in PRESETS {
            let name = preset.name;
            assert!(!["auto", "direct", ""].contains(&name.to_lowercase().as_str()), "{name}");
            assert!(preset.link.starts_with("https://") && !preset.link.contains(' '), "{name}: {}", preset.link);
            assert!(preset.set_up.ends_with('.'), "{name}: {}", preset.set_up);
            assert!(preset.limits.is_empty() || preset.limits.ends_with('.'), "{name}: {}", preset.limits);
            assert!(!preset.secret.is_empty(), "{name}");
            assert!(
                !preset.secret.ends_with('.') && !preset.user_is().ends_with('.'),
                "{name}: a label, not a sentence"
            );
            assert!(preset.host.is_empty() || preset.host.contains('.'), "{name}: {}", preset.host);
            let stated = preset.recipients_a_day.is_some() || preset.megabytes.is_some();
            assert!(!stated || !preset.limits.is_empty(), "{name}: a limit without words");
            assert_eq!(preset.source.is_empty(), preset.limits.is_empty(), "{name}: limits have a source");
            assert!(preset.source.is_empty() || preset.source.starts_with("https://"), "{name}: {}", preset.source);
        }
    }

    #[test]
    fn the_port_fits_the_protection() {
        for preset in PRESETS {
            let fits = matches!((preset.port, preset.security), (465, Security::Tls) | (587, Security::Starttls));
            assert!(fits, "{}: {} {:?}", preset.name, preset.port, preset.security);
        }
    }

    #[test]
    fn a_provider_of_mailboxes_has_its_place_in_both_tables() {
        for (name, domain) in [
            ("Gmail", "gmail.com"),
            ("Outlook.com", "outlook.com"),
            ("Yahoo", "yahoo.com"),
            ("iCloud", "icloud.com"),
            ("Fastmail", "fastmail.com"),
            ("GMX", "gmx.net"),
            ("WEB.DE", "web.de"),
        ] {
            let preset = PRESETS.iter().find(|preset| preset.name == name).expect(name);
            let place = crate::provider_of(domain).expect(domain).smtp();
            assert_eq!(
                (place.host.as_str(), place.port, place.security),
                (preset.host, preset.port, preset.security)
            );
        }
    }

    #[test]
    fn the_login_name_is_filled_in_where_it_is_known() {
        let user = |name: &str| {
            let preset = PRESETS.iter().find(|preset| preset.name == name).expect(name);
            (preset.user_for("anna@example.org"), preset.user_is())
        };
        assert_eq!(user("Gmail"), ("anna@example.org".into(), "The whole address".into()));
        assert_eq!(user("SendGrid").0, "apikey");
        assert_eq!(user("Mailjet"), (String::new(), "The API key".into()));
    }
}
