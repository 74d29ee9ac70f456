//! How many connections an account may have (`sync.connections`): a number for all, and others for accounts by their
//! address, as in `2, anna@example.org 5`.

/// One that listens and acts, and one that fetches.
pub const USUAL: u32 = 2;
/// More make nothing quicker, and every server counts them.
pub const MOST: u32 = 20;

/// What is wrong with a setting of `sync.connections`; `None` where nothing is.
pub fn fault(setting: &str) -> Option<&'static str> {
    let is_number = |word: &str| word.parse::<u32>().is_ok_and(|number| (USUAL..=MOST).contains(&number));
    let is_part = |part: &str| match part.split_whitespace().collect::<Vec<_>>().as_slice() {
        [number] => is_number(number),
        [address, number] => address.contains('@') && is_number(number),
        _ => false,
    };
    let sound = setting.split(',').all(is_part);
    (!sound)
        .then_some("numbers from 2 to 20, each after the address of its account but for the one that counts for all")
}

/// How many the account of this address may have.
pub fn of(setting: &str, address: &str) -> u32 {
    let parts = setting.split(',').map(|part| part.split_whitespace().collect::<Vec<_>>());
    let mut for_all = USUAL;
    for part in parts {
        match part.as_slice() {
            [whose, number] if whose.eq_ignore_ascii_case(address) => return number.parse().unwrap_or(USUAL),
            [number] => for_all = number.parse().unwrap_or(USUAL),
            _ => {}
        }
    }
    for_all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_for_all_accounts_but_those_that_have_their_own() {
        let table = [
            ("", "a@example.org", 2),
            ("4", "a@example.org", 4),
            ("4, A@example.org 6", "a@example.org", 6),
            ("a@example.org 6, 3", "b@example.org", 3),
            ("a@example.org 6", "b@example.org", 2),
        ];
        for (setting, address, expected) in table {
            assert_eq!(of(setting, address), expected, "{setting} {address}");
        }
    }

    #[test]
    fn what_is_no_number_of_connections_is_told() {
        for setting in ["2", "20", "2, a@example.org 5", "a@example.org 5"] {
            assert_eq!(fault(setting), None, "{setting}");
        }
        for setting in ["", "1", "21", "many", "example.org 5", "2 3 4", "2,"] {
            assert!(fault(setting).is_some(), "{setting}");
        }
    }
}
