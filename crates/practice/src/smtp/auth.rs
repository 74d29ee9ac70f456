//! AUTH PLAIN (RFC 4616) and AUTH LOGIN, as a small exchange of questions and answers apart from the wire.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::reply::Reply;

/// Where an exchange stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// Send this challenge and hand the answer to the next step.
    Ask(String, Step),
    Credentials {
        user: String,
        password: String,
    },
    Failed(Reply),
}

/// What the next answer is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Plain,
    LoginUser,
    LoginPassword { user: String },
}

impl Exchange {
    /// Starts with what the AUTH line said.
    pub(crate) fn begin(mechanism: &str, initial: Option<&str>) -> Self {
        match (mechanism, initial) {
            ("PLAIN", None) => Self::Ask(String::new(), Step::Plain),
            ("PLAIN", Some(answer)) => Step::Plain.answer(answer),
            ("LOGIN", None) => Self::Ask(BASE64_STANDARD.encode("Username:"), Step::LoginUser),
            ("LOGIN", Some(answer)) => Step::LoginUser.answer(answer),
            _ => Self::Failed(Reply::new(504, "5.5.4", "Unrecognized authentication type")),
        }
    }
}

impl Step {
    /// Goes on with the client's answer.
    pub(crate) fn answer(self, line: &str) -> Exchange {
        if line == "*" {
            return Exchange::Failed(Reply::new(501, "5.7.0", "Authentication aborted"));
        }
        let decoded = BASE64_STANDARD.decode(line).ok().and_then(|octets| String::from_utf8(octets).ok());
        let Some(text) = decoded else {
            return Exchange::Failed(Reply::new(501, "5.5.2", "Cannot decode the base64 of the response"));
        };
        match self {
            Self::Plain => plain(&text),
            Self::LoginUser => Exchange::Ask(BASE64_STANDARD.encode("Password:"), Self::LoginPassword { user: text }),
            Self::LoginPassword { user } => Exchange::Credentials { user, password: text },
        }
    }
}

fn plain(text: &str) -> Exchange {
    let mut fields = text.split('\0');
    match (fields.next(), fields.next(), fields.next(), fields.next()) {
        (Some(_), Some(user), Some(password), None) => {
            Exchange::Credentials { user: user.to_owned(), password: password.to_owned() }
        }
        _ => Exchange::Failed(Reply::new(501, "5.5.2", "The response is not authzid NUL user NUL password")),
    }
}

/// What the server says to a user and password.
pub(crate) fn verdict(admitted: bool) -> Reply {
    if admitted {
        Reply::new(235, "2.7.0", "Authentication successful")
    } else {
        Reply::new(535, "5.7.8", "Error: authentication failed: authentication credentials invalid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(user: &str, password: &str) -> Exchange {
        Exchange::Credentials { user: user.into(), password: password.into() }
    }

    #[test]
    fn plain_and_login_end_in_the_same_credentials() {
        let plain = BASE64_STANDARD.encode("\0you\0secret");
        assert_eq!(Exchange::begin("PLAIN", Some(&plain)), credentials("you", "secret"));
        assert_eq!(Exchange::begin("PLAIN", None), Exchange::Ask(String::new(), Step::Plain));
        assert_eq!(Step::Plain.answer(&plain), credentials("you", "secret"));
        let Exchange::Ask(_, password) = Exchange::begin("LOGIN", Some(&BASE64_STANDARD.encode("you"))) else {
            panic!("LOGIN asks for the password");
        };
        assert_eq!(password.answer(&BASE64_STANDARD.encode("secret")), credentials("you", "secret"));
    }

    #[test]
    fn what_cannot_be_read_fails_with_501_and_an_unknown_mechanism_with_504() {
        for exchange in [Step::Plain.answer("*"), Step::Plain.answer("%%"), Step::Plain.answer("YQ==")] {
            assert!(matches!(exchange, Exchange::Failed(reply) if reply.code == 501));
        }
        assert!(matches!(Exchange::begin("CRAM-MD5", None), Exchange::Failed(reply) if reply.code == 504));
    }
}
