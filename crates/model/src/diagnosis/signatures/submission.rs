//! What smart hosts say to their own customers: about the login, the sender and the sending limit.

use super::super::Class;
use super::super::signature::Signature;
use super::super::verdict::Shade;

const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const SES_SUPPRESSION: &str = "https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html";
const SES: &str = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html";
const SENDGRID: &str =
    "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting";
const POSTFIX: &str = "https://www.postfix.org/postconf.5.html#reject_sender_login_mismatch";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "Gmail", "534/535", "*", ["application-specific password"] => AuthFailed + shade(Shade::AppPassword) + smart_host,
        "534 5.7.9 Application-specific password required. For more information, go to https://support.google.com/mail/?p=InvalidSecondFactor",
        GMAIL;
    "Gmail", "534", "*", ["log in with your web browser"] => AuthFailed + shade(Shade::AppPassword) + smart_host,
        "534 5.7.14 Please log in with your web browser and then try again.",
        GMAIL;
    "Yandex", "535", "*", ["this user does not have access rights"] => AuthFailed + shade(Shade::AppPassword) + smart_host,
        "535 5.7.8 Error: authentication failed: This user does not have access rights to this service",
        "https://yandex.com/support/mail/mail-clients/smtp-error.html";
    "Gmail", "535", "5.7.8", [] => AuthFailed + smart_host,
        "535 5.7.8 Username and Password not accepted.",
        GMAIL;
    "Gmail", "530", "*", ["authentication required"] => AuthFailed + shade(Shade::LoginWanted) + smart_host,
        "530 5.7.0 Authentication Required. For more information, go to https://support.google.com/mail/?p=WantAuthError",
        GMAIL;
    "Gmail", "454", "4.7.0", ["cannot authenticate due to temporary system problem"] => AuthFailed + shade(Shade::LoginUnavailable) + smart_host,
        "454 4.7.0 Cannot authenticate due to temporary system problem. Try again later.",
        GMAIL;
    "Gmail", "454", "4.7.0", ["too many login attempts"] => AuthFailed + shade(Shade::LoginUnavailable) + smart_host,
        "454 4.7.0 Too many login attempts, please try again later.",
        GMAIL;
    "Gmail", "550", "5.4.5", ["daily"] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(240) + smart_host,
        "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852",
        GMAIL;
    "Gmail", "550", "5.7.1", ["daily smtp relay"] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(240) + smart_host,
        "550 5.7.1 Daily SMTP relay limit exceeded for customer.",
        GMAIL;
    "Gmail", "450", "4.2.1", ["peak smtp relay limit"] => Throttled + shade(Shade::SendingLimit) + smart_host,
        "450 4.2.1 Peak SMTP relay limit exceeded for customer.",
        GMAIL;
    "Gmail", "550", "5.7.1", ["invalid credentials for relay"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550 5.7.1 Invalid credentials for relay [192.0.2.10].",
        GMAIL;
    "Gmail", "550", "5.7.0", ["mail relay denied"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550 5.7.0 Mail relay denied. Invalid credentials for relay for one of the domains in: example.net",
        GMAIL;
    "Microsoft", "535", "5.7.139", ["basic authentication is disabled"] => AuthFailed + shade(Shade::AppPassword) + smart_host,
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
        MICROSOFT;
    "Microsoft", "535", "5.7.139", [] => AuthFailed + smart_host,
        "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
        MICROSOFT;
    "Microsoft", "535", "5.7.3", [] => AuthFailed + smart_host,
        "535 5.7.3 Authentication unsuccessful",
        MICROSOFT;
    "Microsoft", "530", "5.7.57", [] => AuthFailed + shade(Shade::LoginWanted) + smart_host,
        "530 5.7.57 Client not authenticated to send mail.",
        MICROSOFT;
    "Microsoft", "550", "5.7.60", [] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        MICROSOFT;
    "Microsoft", "554", "5.2.252", [] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "554 5.2.252 SendAsDenied; bella@example.net not allowed to send as carl@example.net",
        MICROSOFT;
    "Microsoft", "554", "*", ["sendasdenied"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
        MICROSOFT;
    "Microsoft", "550", "5.1.90", [] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(240) + smart_host,
        "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
        MICROSOFT;
    "Microsoft", "554", "5.2.0", ["submissionquotaexceeded"] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(240) + smart_host,
        "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
        MICROSOFT;
    "Microsoft", "550", "5.7.501-503", [] => SenderBlocklisted + smart_host,
        "550 5.7.501 Access denied, spam abuse detected",
        MICROSOFT;
    "Microsoft", "550", "5.7.705", [] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(240) + smart_host,
        "550 5.7.705 Access denied, tenant has exceeded threshold",
        MICROSOFT;
    "Microsoft", "550", "5.7.708", [] => SenderBlocklisted + smart_host,
        "550 5.7.708 Access denied, traffic not accepted from this IP",
        MICROSOFT;
    "Amazon SES", "5xx", "*", ["amazon ses", "suppress"] => Suppressed,
        "550 5.1.1 Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address",
        SES_SUPPRESSION;
    "Amazon SES", "454", "*", ["throttling failure: maximum sending rate"] => Throttled + shade(Shade::SendingLimit) + smart_host,
        "454 Throttling failure: Maximum sending rate exceeded.",
        SES;
    "Amazon SES", "454", "*", ["throttling failure: daily message quota"] => Throttled + shade(Shade::SendingLimit) + minutes(240) + smart_host,
        "454 Throttling failure: Daily message quota exceeded.",
        SES;
    "Amazon SES", "454", "*", ["temporary authentication failure"] => AuthFailed + shade(Shade::LoginUnavailable) + smart_host,
        "454 Temporary authentication failure",
        SES;
    "Amazon SES", "554", "*", ["email address is not verified"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: bella@example.net",
        SES;
    "Amazon SES", "554", "*", ["access denied", "ses:sendrawemail"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "554 Access denied: User 'arn:aws:iam::123456789012:user/mail' is not authorized to perform 'ses:SendRawEmail' on resource",
        SES;
    "SendGrid", "550", "*", ["does not match a verified sender identity"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
        SENDGRID;
    "SendGrid", "451", "*", ["maximum credits exceeded"] => Throttled + shade(Shade::SendingLimit) + minutes(240) + smart_host,
        "451 Authentication failed: Maximum credits exceeded",
        SENDGRID;
    "SendGrid", "550", "*", ["unauthenticated senders not allowed"] => AuthFailed + shade(Shade::LoginWanted) + smart_host,
        "550 Unauthenticated senders not allowed",
        SENDGRID;
    "Postfix", "5xx", "*", ["not owned by user"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "553 5.7.1 <bella@example.net>: Sender address rejected: not owned by user carl",
        POSTFIX;
    "Postfix", "553", "5.7.1", ["not logged in"] => AuthFailed + shade(Shade::LoginWanted) + smart_host,
        "553 5.7.1 <bella@example.net>: Sender address rejected: not logged in",
        POSTFIX;
    "GMX, web.de", "550", "*", ["sender address is not allowed"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550-Requested action not taken: mailbox unavailable 550 Sender address is not allowed.",
        "https://hilfe.gmx.net/";
    "Yandex", "553", "5.7.1", ["not owned by auth user"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "553 5.7.1 Sender address rejected: not owned by auth user.",
        "https://yandex.com/support/mail/mail-clients/smtp-error.html";
    "mail.ru", "550", "*", ["message sending for this account is disabled"] => AuthFailed + smart_host,
        "550 Message sending for this account is disabled",
        "https://postmaster.mail.ru/";
    "mail.ru", "550", "*", ["not local sender over smtp"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550 not local sender over smtp",
        "https://postmaster.mail.ru/";
    "cPanel", "550", "*", ["has exceeded the max", "emails per hour"] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(60) + smart_host,
        "550 Domain example.net has exceeded the max emails per hour (150/150 (100%)) allowed. Message discarded.",
        "https://docs.cpanel.net/knowledge-base/email/how-to-configure-email-sending-limits/";
    "Spectrum", "5xx", "*", ["aup#", "-1500"] => AuthFailed + shade(Shade::NotYourAddress) + smart_host,
        "550 sender rejected. AUP#Out-1500",
        "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";
    "Spectrum", "4xx/5xx", "*", ["aup#", "-1580"] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(60) + smart_host,
        "550 too many recipients in a short time. AUP#Out-1580",
        "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";
    "Cox", "4xx/5xx", "*", ["aup#cxthrt"] => Throttled + shade(Shade::SendingLimit) + for_now + minutes(60) + smart_host,
        "554 cox sending limited AUP#CXTHRT",
        "https://www.cox.com/residential/support/email-error-codes.html";
    "GoDaddy", "535", "*", ["ib401"] => AuthFailed + smart_host,
        "535 Authentication not allowed on IBSMTP Servers. IB401",
        "https://www.godaddy.com/help/fix-rejected-email-with-a-bounce-error-40685";
    "Mimecast", "550", "*", ["exceeding outbound thread limit"] => Throttled + shade(Shade::SendingLimit) + for_now + smart_host,
        "550 Exceeding outbound thread limit",
        "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "5xx", "*", ["authentication required"] => AuthFailed + shade(Shade::LoginWanted) + smart_host,
        "550 5.7.1 Authentication required",
        "https://www.rfc-editor.org/rfc/rfc4954#section-6";
    "many", "5xx", "*", ["authentication is required"] => AuthFailed + shade(Shade::LoginWanted) + smart_host,
        "550 SMTP authentication is required.",
        "https://www.rfc-editor.org/rfc/rfc4954#section-6";
};
