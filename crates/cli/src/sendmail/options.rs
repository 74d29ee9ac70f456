//! The options of sendmail, as Sendmail, Postfix and Exim have them. Those that only mean something to a daemon are
//! accepted and ignored, as every sendmail does; what asks for a daemon is refused.

use model::CallError;

/// What the arguments say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub mode: Mode,
    /// `-t`: recipients in the headers count.
    pub from_headers: bool,
    /// `-f`, `-r`: the envelope sender; empty for the null sender.
    pub sender: Option<String>,
    /// `-F`: the name in From where the message has none.
    pub full_name: Option<String>,
    pub recipients: Vec<String>,
    /// `-i`, `-oi`: a line with a single dot does not end the message.
    pub ignore_dots: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Queue the message on standard input (`-bm`, and without any `-b`).
    #[default]
    Deliver,
    /// Speak SMTP on standard input and output (`-bs`).
    Converse,
    /// List what waits (`-bp`, `mailq`).
    List,
    /// Work off the queue now (`-q`).
    RunQueue,
    /// Rebuild aliases (`-bi`, `newaliases`): there are none.
    Aliases,
}

/// Options that stand alone, and may stand together (`-ti`).
const ALONE: &str = "timnvGUx";
/// Options with a value, attached or behind them, that mean nothing here.
const IGNORED: &str = "BCDdhLMOpXA";

/// Reads the arguments. Options may have their value attached or behind them.
pub fn read(arguments: &[String]) -> Result<Wanted, CallError> {
    let mut wanted = Wanted::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.strip_prefix('-').filter(|option| !option.is_empty()) {
            None => wanted.recipients.extend(addresses(argument)),
            Some("-") => wanted.recipients.extend(rest.by_ref().flat_map(|argument| addresses(argument))),
            Some(option) => wanted.take(option, argument, &mut rest)?,
        }
    }
    Ok(wanted)
}

impl Wanted {
    fn take<'a>(
        &mut self,
        option: &str,
        argument: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), CallError> {
        let mut value = |attached: &str| match attached {
            "" => rest.next().cloned().ok_or_else(|| usage(argument, "needs a value")),
            attached => Ok(attached.to_owned()),
        };
        let Some(letter) = option.chars().next() else { return Ok(()) };
        let attached = option.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            'b' => self.mode = mode(attached).ok_or_else(|| usage(argument, "is not possible here"))?,
            'q' => self.mode = queue_mode(attached).ok_or_else(|| usage(argument, "asks for a daemon"))?,
            'o' => self.processing(attached, &mut value)?,
            'f' | 'r' => self.sender = Some(unbracketed(&value(attached)?)),
            'F' => self.full_name = Some(value(attached)?),
            'N' => notify(argument, &value(attached)?)?,
            'R' => returned(argument, &value(attached)?)?,
            'V' => drop(value(attached)?),
            _ if IGNORED.contains(letter) => drop(value(attached)?),
            _ if option.chars().all(|letter| ALONE.contains(letter)) => self.alone(option),
            _ => return Err(usage(argument, "is not known")),
        }
        Ok(())
    }

    fn alone(&mut self, letters: &str) {
        self.from_headers |= letters.contains('t');
        self.ignore_dots |= letters.contains('i');
    }

    /// `-oi` and its like. `-oA` and others may have their value behind them.
    fn processing(
        &mut self,
        option: &str,
        value: &mut impl FnMut(&str) -> Result<String, CallError>,
    ) -> Result<(), CallError> {
        match option {
            "i" => self.ignore_dots = true,
            "A" | "M" | "Q" | "S" | "H" => drop(value("")?),
            _ => {}
        }
        Ok(())
    }
}

fn mode(letter: &str) -> Option<Mode> {
    match letter {
        "m" => Some(Mode::Deliver),
        "s" => Some(Mode::Converse),
        "p" | "pc" | "pa" | "pr" | "pu" => Some(Mode::List),
        "i" | "I" => Some(Mode::Aliases),
        _ => None,
    }
}

/// `-q`, and Exim's `-qf` and `-qff`. With an interval (`-q30m`) it would have to stay.
fn queue_mode(rest: &str) -> Option<Mode> {
    matches!(rest, "" | "f" | "ff" | "i").then_some(Mode::RunQueue)
}

/// Notifications are asked for by Postrider itself, always: of failure, delay and success. What is asked for here is
/// checked, and not less than what is done.
fn notify(argument: &str, value: &str) -> Result<(), CallError> {
    let known = |word: &str| matches!(word, "never" | "failure" | "delay" | "success");
    let words: Vec<String> = value.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    let alone = words.len() == 1 || !words.iter().any(|word| word == "never");
    let right = alone && words.iter().all(|word| known(word));
    right.then_some(()).ok_or_else(|| usage(argument, "wants never, or some of failure,delay,success"))
}

fn returned(argument: &str, value: &str) -> Result<(), CallError> {
    let known = ["full", "hdrs"].iter().any(|word| value.eq_ignore_ascii_case(word));
    known.then_some(()).ok_or_else(|| usage(argument, "wants full or hdrs"))
}

/// Some programs hand over several recipients in one argument, parted by commas.
fn addresses(argument: &str) -> Vec<String> {
    if argument.contains('"') {
        return vec![unbracketed(argument)];
    }
    argument.split(',').map(unbracketed).filter(|address| !address.is_empty()).collect()
}

fn unbracketed(address: &str) -> String {
    let address = address.trim();
    address.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(address).to_owned()
}

fn usage(option: &str, what: &str) -> CallError {
    let hint = "Known: -t -i -oi -f -F -r -bm -bs -bp -bi -q -N -R -V.";
    CallError::new("invalid", format!("sendmail: the option {option} {what}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Wanted {
        read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).expect(line)
    }

    #[test]
    fn the_options_that_programs_really_use_are_understood() {
        let git = read_line("-i -f me@x.test -- anna@y.test ben@y.test");
        assert_eq!(git.sender.as_deref(), Some("me@x.test"));
        assert_eq!(git.recipients, ["anna@y.test", "ben@y.test"]);
        let cron = read_line("-FCronDaemon -i -B8BITMIME -oem root");
        assert_eq!((cron.ignore_dots, cron.recipients), (true, vec!["root".to_owned()]));
        assert_eq!(cron.full_name.as_deref(), Some("CronDaemon"));
        let mutt = read_line("-oem -oi -f<me@x.test> -N delay,failure -R hdrs -- anna@y.test");
        assert_eq!((mutt.sender.as_deref(), mutt.recipients.len()), (Some("me@x.test"), 1));
        let table = [
            ("-t -oi", Mode::Deliver, true, true),
            ("-ti", Mode::Deliver, true, true),
            ("-Am -tv", Mode::Deliver, true, false),
            ("-bs", Mode::Converse, false, false),
            ("-bp", Mode::List, false, false),
            ("-bpc", Mode::List, false, false),
            ("-bi", Mode::Aliases, false, false),
            ("-q", Mode::RunQueue, false, false),
            (
                "-odq -om -o7 -oA /etc/aliases -L tag -h 3 -O Timeout.queuereturn=1d -X /dev/null",
                Mode::Deliver,
                false,
                false,
            ),
            ("-V an-envelope -G -U -n -m", Mode::Deliver, false, false),
        ];
        for (line, mode, from_headers, ignore_dots) in table {
            let wanted = read_line(line);
            assert_eq!(
                (wanted.mode, wanted.from_headers, wanted.ignore_dots),
                (mode, from_headers, ignore_dots),
                "{line}"
            );
            assert!(wanted.recipients.is_empty(), "{line}: {:?}", wanted.recipients);
        }
    }

    #[test]
    fn a_null_sender_and_several_recipients_in_one_argument_are_understood() {
        let wanted = read_line("-f <> a@x.test,<b@x.test> c@x.test");
        assert_eq!(wanted.sender.as_deref(), Some(""));
        assert_eq!(wanted.recipients, ["a@x.test", "b@x.test", "c@x.test"]);
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for line in ["-Z", "-f", "-bd", "-bt", "-bv", "-q30m", "-N sometimes", "-N never,delay", "-R all", "-V"] {
            let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(read(&arguments).expect_err(line).code, "invalid", "{line}");
        }
    }
}
