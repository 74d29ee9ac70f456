//! `format=flowed` (RFC 3676): long paragraphs in short lines that a reader may join again.

/// The longest line that is written: RFC 3676 §4.2 advises at most 78, and up to here lettre leaves ASCII text as it is.
const WIDTH: usize = 74;

/// Joins the lines of flowed text: a paragraph becomes one line, its quote marks stay as `> `.
pub(crate) fn unwrap(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quote depth of the line that flows on into the next one.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let marks = line.len() - line.trim_start_matches('>').len();
        let rest = line.get(marks..).unwrap_or_default();
        let content = rest.strip_prefix(' ').unwrap_or(rest);
        // §4.3: a signature separator is never joined, though it ends in a space.
        let is_signature = content == "-- ";
        if open.is_some_and(|depth| depth != marks || is_signature) {
            end_paragraph(&mut out);
            open = None;
        }
        if open.is_none() && marks > 0 {
            out.extend(std::iter::repeat_n('>', marks));
            out.push(' ');
        }
        if content.ends_with(' ') && !is_signature {
            out.push_str(if del_sp { content.strip_suffix(' ').unwrap_or(content) } else { content });
            open = Some(marks);
        } else {
            out.push_str(content);
            out.push('\n');
            open = None;
        }
    }
    if open.is_some() {
        end_paragraph(&mut out);
    }
    out
}

/// Ends a paragraph that was to flow on: the space that said so goes.
fn end_paragraph(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// Wraps text whose paragraphs are one line each: soft line ends, space-stuffing, quote marks on every line.
pub(crate) fn wrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    for line in text.lines() {
        let (depth, content) = quoted(line);
        let prefix = ">".repeat(depth);
        if content == "-- " {
            push_line(&mut out, &prefix, content);
            continue;
        }
        let content = content.trim_end_matches(' ');
        let room = WIDTH.saturating_sub(depth + 2).max(20);
        let mut rest = content;
        while let Some(at) = break_at(rest, room) {
            let (head, tail) = rest.split_at(at);
            push_line(&mut out, &prefix, head);
            rest = tail;
        }
        push_line(&mut out, &prefix, rest);
    }
    out
}

/// The depth of quotation and what is quoted: `>> x` and `> > x` alike.
pub(crate) fn quoted(line: &str) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = line;
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = match after.strip_prefix(' ') {
            Some(next) if next.starts_with('>') => next,
            _ => after,
        };
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest })
}

/// Where to break: behind the last space within the room, or behind the first one after it. Trailing space is what
/// makes the break a soft one.
fn break_at(text: &str, room: usize) -> Option<usize> {
    if text.chars().count() <= room {
        return None;
    }
    let limit = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    let within = text.get(..limit)?.rfind(' ').map(|at| at + 1).filter(|at| !text.get(..*at).is_none_or(is_blank));
    let at = within.or_else(|| text.get(limit..)?.find(' ').map(|at| limit + at + 1))?;
    (at < text.len()).then_some(at)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// §4.4: a line that begins with a space, `From ` or a quote mark gets one more space, which the reader takes off; so
/// does what stands behind quote marks.
fn push_line(out: &mut String, prefix: &str, content: &str) {
    let stuffed = if prefix.is_empty() {
        content.starts_with([' ', '>']) || content.starts_with("From ")
    } else {
        !content.is_empty()
    };
    out.push_str(prefix);
    if stuffed {
        out.push(' ');
    }
    out.push_str(content);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_line_ends_are_joined() {
        let table = [
            ("one \ntwo \nthree\nfour", false, "one two three\nfour\n"),
            ("one \ntwo", true, "onetwo\n"),
            ("> a \n> b\n>> c \n>> d\ne", false, "> a b\n>> c d\ne\n"),
            ("> a \nb", false, "> a\nb\n"),
            ("text \n-- \nsig", false, "text\n-- \nsig\n"),
            (" stuffed\n >not a quote", false, "stuffed\n>not a quote\n"),
        ];
        for (flowed, del_sp, joined) in table {
            assert_eq!(unwrap(flowed, del_sp), joined, "{flowed}");
        }
    }

    #[test]
    fn what_was_wrapped_is_joined_to_the_same() {
        let long = "word ".repeat(60);
        let text =
            format!("{}\n\n> {}\n>> short\n\n-- \nAnna\n{}\n", long.trim_end(), long.trim_end(), "x".repeat(200));
        let wrapped = wrap(&text);
        assert!(wrapped.lines().filter(|line| !line.starts_with('x')).all(|line| line.chars().count() <= 78));
        assert_eq!(unwrap(&wrapped, false), text);
    }

    #[test]
    fn quote_marks_of_either_writing_count() {
        let table = [("> > a", (2, "a")), (">>a", (2, "a")), (">  a", (1, " a")), ("a > b", (0, "a > b"))];
        for (line, expected) in table {
            assert_eq!(quoted(line), expected, "{line}");
        }
    }
}
