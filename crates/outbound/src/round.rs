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

use crate::lanes::Finding;
use model::{Diagnosis, Fault, Outcome, Phase, Route, TlsPolicy};
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

/// One host's part in a round that it did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostEnd {
    pub host: String,
    pub ended: Ended,
    pub diagnosis: Diagnosis,
    pub then: After,
    /// The rule that its encryption had to obey.
    pub tls_policy: Option<TlsPolicy>,
}

impl HostEnd {
    /// What those who go to the same destination may learn from it.
    pub fn finding(&self) -> Finding {
        Finding { host: self.host.clone(), ended: self.ended.clone(), tls_policy: self.tls_policy }
    }

    /// Whether the host may have the message all the same.
    pub fn is_unanswered(&self) -> bool {
        self.then == After::Enough && matches!(self.ended.outcome, Outcome::Failed(_))
    }
}

/// The end that speaks for a round in which no host took the message, the later of equals:
///
/// 1. what ended the round: a refusal by the domain, or no answer to the final dot;
/// 2. a temporary answer: one host that says "later" outweighs another that says "never", as the last of several MX is
///    often one that only turns junk away;
/// 3. a refusal for what we are, where there is another way: no need to wait for a host that is dead today;
/// 4. a fault that may pass: the host that is dead today may be the one that takes it tomorrow;
/// 5. anything else.
pub(crate) fn decisive(ends: &[HostEnd], another_way: Option<&Route>) -> Option<HostEnd> {
    let weight = |end: &HostEnd| weight(end, another_way.is_some());
    ends.iter().enumerate().max_by_key(|(place, end)| (weight(end), *place)).map(|(_, end)| end.clone())
}

fn weight(end: &HostEnd, another_way: bool) -> u8 {
    let replied = matches!(end.ended.outcome, Outcome::Replied(_));
    let diagnosis = &end.diagnosis;
    match end.then {
        After::Enough | After::Taken => 5,
        After::NextHost if replied && diagnosis.temporary => 4,
        After::NextHost if another_way && diagnosis.would_other_route_help => 3,
        After::NextHost if diagnosis.temporary => 2,
        After::NextHost => 1,
    }
}

/// The end of a round in which nobody was asked, which no round should have.
pub(crate) fn nobody_asked() -> Ended {
    Ended { phase: Phase::Prepare, outcome: Fault::Local("no host was asked".to_owned()).into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Known, Reply, diagnose};

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

    fn end(host: &str, phase: Phase, outcome: impl Into<Outcome>, sent_final_dot: bool) -> HostEnd {
        let result = RecipientResult { phase, outcome: outcome.into(), delivered: false };
        let known = Known { host: host.to_owned(), ..Known::new(Route::Direct, "x.test", "a@x.test") };
        HostEnd {
            host: host.to_owned(),
            diagnosis: diagnose(phase, &result.outcome, &known),
            then: after(&result, sent_final_dot),
            tls_policy: None,
            ended: Ended { phase, outcome: result.outcome },
        }
    }

    #[test]
    fn the_end_that_says_most_speaks_for_the_round() {
        let greylisted =
            || end("greylisting", Phase::Rcpt, Reply::new(451, None, "Greylisted for 300 seconds"), false);
        let turned_away =
            || end("turning-away", Phase::Greeting, Reply::new(554, None, "This host takes no mail today"), false);
        let listed =
            || end("listing", Phase::Greeting, Reply::new(554, None, "Client host blocked using Spamhaus"), false);
        let unanswered = || end("unanswered", Phase::Body, Fault::Closed, true);
        let refused = || end("refusing", Phase::Rcpt, Reply::new(550, None, "5.1.1 User unknown"), false);
        let dead = || end("dead", Phase::Connect, Fault::ConnectTimeout("b.test".into()), false);
        // The ends, whose word counts without another way, and whose with one.
        let table = [
            (vec![greylisted(), turned_away()], "greylisting", "greylisting"),
            (vec![turned_away(), unanswered()], "unanswered", "unanswered"),
            (vec![greylisted(), unanswered()], "unanswered", "unanswered"),
            (vec![greylisted(), refused()], "refusing", "refusing"),
            (vec![greylisted(), dead()], "greylisting", "greylisting"),
            (vec![dead(), listed()], "dead", "listing"),
            (vec![listed(), dead()], "dead", "listing"),
            (vec![turned_away()], "turning-away", "turning-away"),
            (vec![dead()], "dead", "dead"),
        ];
        let smart_host = Route::SmartHost("post.example".into());
        for (ends, alone, with_another) in table {
            let speaks = |another| decisive(&ends, another).map(|end| end.host);
            assert_eq!(speaks(None).as_deref(), Some(alone), "{ends:?}");
            assert_eq!(speaks(Some(&smart_host)).as_deref(), Some(with_another), "{ends:?}");
        }
        assert_eq!(decisive(&[], None), None);
    }

    #[test]
    fn only_a_silence_after_the_final_dot_may_hide_a_delivery() {
        assert!(end("a", Phase::Body, Fault::Closed, true).is_unanswered());
        assert!(!end("a", Phase::Body, Fault::Closed, false).is_unanswered());
        assert!(!end("a", Phase::Body, Reply::new(554, None, "no"), true).is_unanswered());
    }
}
