//! Sequence sets: which letters a command means (RFC 3501 §6.4.8, §9 `sequence-set`).

use imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};

/// Whether a set names `number`; `largest` is what `*` stands for. A range may be written either way round.
pub(crate) fn names(set: &SequenceSet, number: u32, largest: u32) -> bool {
    let value = |end: &SeqOrUid| match end {
        SeqOrUid::Value(value) => value.get(),
        SeqOrUid::Asterisk => largest,
    };
    set.0.as_ref().iter().any(|sequence| match sequence {
        Sequence::Single(one) => value(one) == number,
        Sequence::Range(from, to) => {
            let (from, to) = (value(from), value(to));
            (from.min(to)..=from.max(to)).contains(&number)
        }
    })
}

/// Numbers as a set, `1:3,7`: for VANISHED, COPYUID and MODIFIED. The order is kept.
pub(crate) fn write(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*number) => *end = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let runs = runs.into_iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}:{to}") });
    runs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_names_what_it_should() {
        let table = [
            ("1:3", 2, true),
            ("3:1", 2, true),
            ("559:*", 555, true),
            ("*", 555, true),
            ("*", 554, false),
            ("1,4", 3, false),
        ];
        for (set, number, expected) in table {
            assert_eq!(names(&set.parse().unwrap(), number, 555), expected, "{set} {number}");
        }
    }

    #[test]
    fn runs_are_written_as_ranges() {
        assert_eq!(write(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(write(&[]), "");
    }
}
