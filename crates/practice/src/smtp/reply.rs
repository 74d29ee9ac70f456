//! An SMTP reply as a server writes it (RFC 5321 §4.2, enhanced codes of RFC 2034 on every line).

use std::fmt;

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    enhanced: Option<&'static str>,
    lines: Vec<String>,
}

impl Reply {
    /// A reply of one line with an enhanced code.
    pub(crate) fn new(code: u16, enhanced: &'static str, text: impl Into<String>) -> Self {
        Self { code, enhanced: Some(enhanced), lines: vec![text.into()] }
    }

    /// A reply that has no enhanced code: greetings, EHLO, 354 and 334.
    pub(crate) fn bare(code: u16, text: impl Into<String>) -> Self {
        Self { code, enhanced: None, lines: vec![text.into()] }
    }

    /// Adds a line.
    pub(crate) fn and(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Whether the server closes the connection after it (RFC 5321 §3.8).
    pub(crate) fn closes(&self) -> bool {
        matches!(self.code, 221 | 421)
    }

    /// The reply as one line, as a notification quotes it.
    pub(crate) fn on_one_line(&self) -> String {
        let enhanced = self.enhanced.map(|code| format!("{code} ")).unwrap_or_default();
        format!("{} {enhanced}{}", self.code, self.lines.join(" "))
    }

    /// The enhanced code.
    pub(crate) fn enhanced(&self) -> &'static str {
        self.enhanced.unwrap_or("5.0.0")
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let enhanced = self.enhanced.map(|code| format!("{code} ")).unwrap_or_default();
        for (index, line) in self.lines.iter().enumerate() {
            let mark = if index + 1 == self.lines.len() { ' ' } else { '-' };
            write!(f, "{}{mark}{enhanced}{line}\r\n", self.code)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_carries_the_codes_and_the_last_one_a_space() {
        let reply = Reply::new(550, "5.7.25", "one").and("two");
        assert_eq!(reply.to_string(), "550-5.7.25 one\r\n550 5.7.25 two\r\n");
        assert_eq!(reply.on_one_line(), "550 5.7.25 one two");
    }
}
