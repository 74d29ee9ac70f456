//! What the end of one conversation means for the rest of the round: pure.
//!
//! | end | then |
//! |---|---|
//! | 2xx to the final dot | taken |
//! | 5xx to MAIL, RCPT, DATA or the final dot | refused by the domain: no other host is asked |
//! | no answer after the final dot | enough: this host may have taken it, another would make a second copy |
//! | 4xx anywhere, 5xx in the greeting or to EHLO, any fault | this host is of no use now: the next one |
//!
//! RFC 5321 §5.1: a client must try the other addresses until one succeeds, and a permanent answer about the
//! transaction ends it.

use model::{Outcome, Phase};
use smtp::{Ended, RecipientResult};

/// What follows for one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Taken,
    NextHost,
    Enough,
}

pub(crate) fn after(result: &RecipientResult, sent_final_dot: bool) -> After {
    if result.delivered {
        return After::Taken;
    }
    match &result.outcome {
        Outcome::Replied(reply) if reply.is_permanent() && result.phase >= Phase::Mail => After::Enough,
        Outcome::Failed(_) if result.phase == Phase::Body && sent_final_dot => After::Enough,
        _ => After::NextHost,
    }
}

/// The end that speaks for a round in which no host took the message: what a server said outweighs that another did
/// not answer, and the later outweighs the earlier.
pub(crate) fn decisive(ends: &[Ended]) -> Option<&Ended> {
    let replied = |end: &&Ended| matches!(end.outcome, Outcome::Replied(_));
    ends.iter().rev().find(replied).or_else(|| ends.last())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Fault, Reply};

    fn replied(phase: Phase, code: u16) -> RecipientResult {
        RecipientResult { phase, outcome: Reply::new(code, None, "…").into(), delivered: false }
    }

    fn failed(phase: Phase) -> RecipientResult {
        RecipientResult { phase, outcome: Fault::Closed.into(), delivered: false }
    }

    #[test]
    fn each_end_leads_where_the_table_says() {
        let delivered = RecipientResult { delivered: true, ..replied(Phase::Body, 250) };
        let table = [
            (delivered, true, After::Taken),
            (replied(Phase::Rcpt, 550), false, After::Enough),
            (replied(Phase::Mail, 550), false, After::Enough),
            (replied(Phase::Body, 554), true, After::Enough),
            (replied(Phase::Body, 451), true, After::NextHost),
            (replied(Phase::Rcpt, 450), false, After::NextHost),
            (replied(Phase::Greeting, 554), false, After::NextHost),
            (replied(Phase::Greeting, 421), false, After::NextHost),
            (replied(Phase::Ehlo, 550), false, After::NextHost),
            (failed(Phase::Body), true, After::Enough),
            (failed(Phase::Body), false, After::NextHost),
            (failed(Phase::Connect), false, After::NextHost),
        ];
        for (result, sent_final_dot, expected) in table {
            assert_eq!(after(&result, sent_final_dot), expected, "{result:?}");
        }
    }

    #[test]
    fn what_a_server_said_outweighs_silence() {
        let said = Ended { phase: Phase::Rcpt, outcome: Reply::new(450, None, "later").into() };
        let silent = Ended { phase: Phase::Connect, outcome: Fault::ConnectTimeout("b.test".into()).into() };
        assert_eq!(decisive(&[said.clone(), silent.clone()]), Some(&said));
        assert_eq!(decisive(std::slice::from_ref(&silent)), Some(&silent));
        assert_eq!(decisive(&[]), None);
    }
}
