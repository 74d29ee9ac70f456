//! The header of a message to be sent, field by field as it stands, so that fields can be taken out, folded or added
//! and the rest stays as it was.

/// One field with its continuation lines and line ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawField<'x> {
    /// Its name as written.
    pub name: &'x str,
    /// All of it.
    pub bytes: &'x [u8],
}

impl<'x> RawField<'x> {
    /// Whether it is called so; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Its value, unfolded.
    pub fn value(&self) -> String {
        let text = String::from_utf8_lossy(self.bytes);
        let value = text.split_once(':').map(|(_, value)| value).unwrap_or_default();
        value.replace(['\r', '\n'], "").trim().to_owned()
    }
}

/// The fields and the body. The header ends at the first empty line, or before the first line that is neither a field
/// nor its continuation: what a strict and a lenient reader would tell apart differently is body here. A line of
/// `mbox` (`From `) before the first field is passed over.
pub(crate) fn raw_fields(raw: &[u8]) -> (Vec<RawField<'_>>, &[u8]) {
    let mut fields: Vec<RawField<'_>> = Vec::new();
    let mut start = 0;
    for line in super::lines(raw) {
        if line.content.trim_ascii().is_empty() {
            return (fields, raw.get(line.end..).unwrap_or_default());
        }
        let is_mbox = fields.is_empty() && line.content.starts_with(b"From ");
        if !take_line(&mut fields, raw, start, &line) && !is_mbox {
            return (fields, raw.get(start..).unwrap_or_default());
        }
        start = line.end;
    }
    (fields, &[])
}

/// The fields of a header block whose end is known; lines that are no fields are passed over.
pub(crate) fn fields_in(block: &[u8]) -> Vec<RawField<'_>> {
    let mut fields: Vec<RawField<'_>> = Vec::new();
    let mut start = 0;
    for line in super::lines(block) {
        if !line.content.trim_ascii().is_empty() {
            take_line(&mut fields, block, start, &line);
        }
        start = line.end;
    }
    fields
}

/// Adds the line to the fields, as a new one or as a continuation; `false` if it is neither.
fn take_line<'x>(fields: &mut Vec<RawField<'x>>, raw: &'x [u8], start: usize, line: &super::Line<'x>) -> bool {
    if matches!(line.content.first(), Some(b' ' | b'\t')) {
        return extend_last(fields, raw, line.end);
    }
    let Some(name) = field_name(line.content) else { return false };
    fields.push(RawField { name, bytes: raw.get(start..line.end).unwrap_or_default() });
    true
}

/// The field's bytes lie in `raw`; it grows to the end of its continuation line.
fn extend_last<'x>(fields: &mut [RawField<'x>], raw: &'x [u8], end: usize) -> bool {
    let Some(last) = fields.last_mut() else { return false };
    let start = last.bytes.as_ptr() as usize - raw.as_ptr() as usize;
    last.bytes = raw.get(start..end).unwrap_or(last.bytes);
    true
}

/// RFC 5322 §2.2: printable ASCII but the colon; §4.5.1 lets white space stand before the colon.
fn field_name(line: &[u8]) -> Option<&str> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(line.get(..at)?).ok()?.trim_end();
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_bytes_and_the_body_begins_where_they_end() {
        type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let table: [Row<'_>; 6] = [
            ("A: 1\r\nB: 2\r\n 3\r\n\r\nbody", &[("A", "A: 1\r\n"), ("B", "B: 2\r\n 3\r\n")], "body"),
            ("A: 1\nnot a field\nB: 2\n", &[("A", "A: 1\n")], "not a field\nB: 2\n"),
            ("From me Mon\nA : 1\n\n", &[("A", "A : 1\n")], ""),
            ("A: 1\n \nBcc: x\n", &[("A", "A: 1\n")], "Bcc: x\n"),
            ("\nA: 1\n", &[], "A: 1\n"),
            ("A: 1", &[("A", "A: 1")], ""),
        ];
        for (raw, fields, body) in table {
            let (found, rest) = raw_fields(raw.as_bytes());
            let found: Vec<_> = found.iter().map(|f| (f.name, std::str::from_utf8(f.bytes).unwrap())).collect();
            assert_eq!((found.as_slice(), std::str::from_utf8(rest).unwrap()), (fields, body), "{raw}");
        }
    }
}
