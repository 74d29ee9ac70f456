//! What mail programs of many languages put before the subject of an answer and of a forward (RFC 5322 §3.6.5).

/// What a prefix says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `Re:` and the like.
    Answer,
    /// `Fwd:` and the like.
    Forward,
}

impl Prefix {
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Answer => &[
                "re", "aw", "sv", "vs", "antw", "odp", "ynt", "ref", "rif", "réf", "res", "bls", "atb", "回复",
                "回覆", "答复", "返信",
            ],
            Self::Forward => {
                &["fwd", "fw", "wg", "tr", "rv", "enc", "vl", "doorst", "pd", "i", "vb", "转发", "轉寄", "転送"]
            }
        }
    }
}

/// The subject without these prefixes, also numbered (`Re[2]:`) and with a wide colon.
pub fn bare_subject(subject: &str, prefix: Prefix) -> &str {
    let mut rest = subject.trim();
    while let Some((head, tail)) = rest.split_once([':', '：']) {
        let word =
            head.trim().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '*'));
        if !prefix.words().contains(&word.trim().to_lowercase().as_str()) {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_one_kind_are_taken_off_and_others_are_left() {
        let table = [
            ("Hello", "Hello"),
            ("RE: AW: Re[2]: Hello", "Hello"),
            ("SV: Fwd: Hello", "Fwd: Hello"),
            ("回复：Hello", "Hello"),
            ("Regarding: Hello", "Regarding: Hello"),
            ("Re:", ""),
        ];
        for (subject, bare) in table {
            assert_eq!(bare_subject(subject, Prefix::Answer), bare, "{subject}");
        }
        assert_eq!(bare_subject("WG: Fwd: Re: Hello", Prefix::Forward), "Re: Hello");
    }
}
