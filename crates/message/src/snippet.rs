//! The first words of a letter that mean something, for a row in a list.

use crate::flowed::quoted;

/// At most so many characters of the text's own words; of the quoted ones where there are no others.
pub(crate) fn of(text: &str, limit: usize) -> String {
    let lines: Vec<&str> = text.lines().take_while(|line| line.trim_end() != "--").take(400).collect();
    let own = gather(&lines, limit, |at| {
        quoted(lines.get(at).copied().unwrap_or_default()).0 == 0 && !leads_in(&lines, at)
    });
    if own.is_empty() { gather(&lines, limit, |_| true) } else { own }
}

fn gather(lines: &[&str], limit: usize, wanted: impl Fn(usize) -> bool) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in (0..lines.len())
        .filter(|at| wanted(*at))
        .filter_map(|at| lines.get(at))
        .map(|line| quoted(line.trim()).1)
        .filter(|line| !is_junk(line))
        .flat_map(str::split_whitespace)
    {
        let word: String = word.chars().filter(|c| !is_filler(*c)).collect();
        if word.is_empty() || is_long_link(&word) {
            continue;
        }
        if length > 0 {
            out.push(' ');
            length += 1;
        }
        for c in word.chars() {
            if length + 1 >= limit {
                return format!("{}…", out.trim_end());
            }
            out.push(c);
            length += 1;
        }
    }
    out
}

/// Whether the line only leads into the quotation below it: “On Monday Anna wrote:”, on one line or two.
fn leads_in(lines: &[&str], at: usize) -> bool {
    let is_quote = |line: &&str| line.starts_with('>');
    let mut following = lines.iter().skip(at).skip_while(|line| !line.trim_end().ends_with(':'));
    let ends_soon = lines.iter().skip(at).take(2).any(|line| line.trim_end().ends_with(':'));
    let current = lines.get(at).map(|line| line.trim()).unwrap_or_default();
    ends_soon
        && !current.is_empty()
        && following.next().is_some()
        && following.find(|line| !line.trim().is_empty()).is_some_and(is_quote)
}

/// Rules, style sheets and other lines that say nothing.
fn is_junk(line: &str) -> bool {
    let line = line.trim();
    let is_rule = !line.is_empty() && line.chars().all(|c| !c.is_alphanumeric()) && line.chars().count() > 3;
    let is_style = line.ends_with(['{', '}'])
        || line.starts_with("@media")
        || line.starts_with("@import")
        || line.starts_with("@font-face")
        || (line.ends_with(';') && line.contains(':') && !line.contains(": ") || line.ends_with("!important;"));
    is_rule || is_style
}

/// What newsletters put behind their first words to push the rest out of sight, and what cannot be seen.
fn is_filler(c: char) -> bool {
    c.is_control()
        || crate::attached::turns_direction(c)
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{2007}' | '\u{fffd}')
}

fn is_long_link(word: &str) -> bool {
    let word = word.trim_start_matches(['<', '(', '[']);
    word.len() > 40 && (word.starts_with("https://") || word.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_what_the_writer_says() {
        let table = [
            ("Hello Anna,\n\nhow  are you?", "Hello Anna, how are you?"),
            ("Yes.\n\nOn Monday, Anna wrote:\n> Coming?\n", "Yes."),
            ("On Mon, 3 Nov 2025 at 14:00, Anna <anna@example.org>\nwrote:\n\n> Coming?\n\nYes.", "Yes."),
            ("> all\n> quoted", "all quoted"),
            ("Hi\n-- \nAnna", "Hi"),
            ("p {\ncolor:red;\n}\n@media print {\n}\nWords", "Words"),
            ("=========\nNews\n---------", "News"),
            ("See https://example.org/a/very/long/link/that/nobody/wants/to/read now", "See now"),
            ("Pre\u{200c}\u{34f} \u{200c}\u{34f} header", "Pre header"),
            ("Please note:\nit rains", "Please note: it rains"),
            ("", ""),
        ];
        for (text, snippet) in table {
            assert_eq!(of(text, 100), snippet, "{text}");
        }
    }

    #[test]
    fn a_snippet_has_a_bound() {
        assert_eq!(of("one two three", 8), "one two…");
        assert_eq!(of("onetwo", 6), "onetw…");
    }
}
