//! Conversations as programs hold them.

use super::*;
use std::sync::Mutex;

/// Takes everything but what it was told not to.
#[derive(Default)]
struct Taken {
    messages: Mutex<Vec<(String, Vec<String>, String)>>,
    refuses: Option<&'static str>,
}

impl Queue for Taken {
    async fn may_send_as(&self, sender: &str) -> Result<(), CallError> {
        match sender {
            "stranger@x.test" => Err(CallError::new("no-account", "no account here sends as stranger@x.test", "")),
            _ => Ok(()),
        }
    }

    async fn submit(&self, message: &[u8], sender: &str, recipients: &[String]) -> Result<OutgoingId, CallError> {
        if let Some(code) = self.refuses {
            return Err(CallError::new(code, "it “failed”", ""));
        }
        let text = String::from_utf8_lossy(message).into_owned();
        let mut messages = self.messages.lock().unwrap();
        messages.push((sender.to_owned(), recipients.to_vec(), text));
        Ok(OutgoingId(messages.len() as i64))
    }
}

/// The replies to this input.
async fn replies(input: &str, queue: &Taken) -> Vec<String> {
    let mut out = Vec::new();
    hold(input.as_bytes(), &mut out, queue).await.unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// The first three digits of each.
async fn codes(input: &str, queue: &Taken) -> Vec<String> {
    replies(input, queue).await.iter().map(|line| line[..3].to_owned()).collect()
}

#[tokio::test]
async fn messages_are_taken_one_after_the_other() {
    let queue = Taken::default();
    let input = "EHLO me\r\nMAIL FROM:<me@x.test> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<anna@y.test> NOTIFY=NEVER\r\n\
        rcpt to: ben@y.test\r\nDATA\r\nSubject: One\r\n\r\n..dots\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<@relay:cleo@y.test>\r\n\
        DATA\r\nSubject: Two\n\nbare\n.\nQUIT\r\nNOOP\r\n";
    let said = codes(input, &queue).await;
    let expected = [
        "220", "250", "250", "250", "250", "250", "250", "250", "250", "354", "250", "250", "250", "354", "250",
        "221",
    ];
    assert_eq!(said, expected);
    let messages = queue.messages.lock().unwrap();
    let both = vec!["anna@y.test".to_owned(), "ben@y.test".to_owned()];
    assert_eq!(messages[0], ("me@x.test".to_owned(), both, "Subject: One\r\n\r\n.dots\r\n".to_owned()));
    assert_eq!(messages[1], (String::new(), vec!["cleo@y.test".to_owned()], "Subject: Two\n\nbare\n".to_owned()));
}

#[tokio::test]
async fn wrong_commands_are_refused_and_change_nothing() {
    let queue = Taken::default();
    let long = format!("NOOP {}\r\n", "x".repeat(10_000));
    let table = [
        ("MAIL FROM:<a@x.test>\r\n", "503"),
        ("HELO me\r\n", "250"),
        ("DATA\r\n", "503"),
        ("RCPT TO:<a@x.test>\r\n", "503"),
        ("MAIL FROM:<not an address>\r\n", "553"),
        ("MAIL FROM a@x.test\r\n", "501"),
        ("MAIL FROM:<stranger@x.test>\r\n", "550"),
        ("MAIL FROM:<a@x.test> X=1\r\n", "555"),
        ("MAIL FROM:<a@x.test> SIZE=999999999999\r\n", "552"),
        ("MAIL FROM:<root>\r\n", "250"),
        ("MAIL FROM:<a@x.test>\r\n", "503"),
        ("RCPT TO:<>\r\n", "553"),
        ("DATA now\r\n", "501"),
        ("VRFY root\r\n", "252"),
        ("AUTH PLAIN\r\n", "502"),
        ("WIZ\r\n", "500"),
        (long.as_str(), "500"),
        ("RSET\r\n", "250"),
        ("DATA\r\n", "503"),
        ("quit\r\n", "221"),
    ];
    let input: String = table.iter().map(|(line, _)| *line).collect();
    let expected: Vec<&str> = std::iter::once("220").chain(table.iter().map(|(_, code)| *code)).collect();
    assert_eq!(codes(&input, &queue).await, expected);
    assert!(queue.messages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_queued_is_refused_for_now_or_for_good() {
    let table = [
        ("disk-full", "452 4.3.1 it ?failed?"),
        ("invalid", "554 5.6.0 it ?failed?"),
        ("busy", "451 4.3.0 it ?failed?"),
    ];
    for (code, reply) in table {
        let queue = Taken { refuses: Some(code), ..Taken::default() };
        let input = "HELO me\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n\r\n.\r\n";
        assert_eq!(replies(input, &queue).await.last().map(String::as_str), Some(reply));
    }
}

#[tokio::test]
async fn a_message_without_its_final_dot_is_not_sent() {
    let queue = Taken::default();
    let input = "HELO me\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nSubject: half\r\n";
    let mut out = Vec::new();
    let error = hold(input.as_bytes(), &mut out, &queue).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(queue.messages.lock().unwrap().is_empty());
}
