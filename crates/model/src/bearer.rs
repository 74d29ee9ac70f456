//! What is said in a login with an OAuth 2.0 access token, to SMTP and IMAP servers alike: OAUTHBEARER (RFC 7628) and
//! XOAUTH2, its older likeness.
//!
//! A server that refuses the token says why in a challenge of JSON before it says no; the client has to answer that,
//! with `\x01` or with nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

/// Characters of a reason that are shown.
const LONGEST_REASON: usize = 300;

/// The one message of OAUTHBEARER (RFC 7628 §3.1).
pub fn oauthbearer(user: &str, host: &str, port: Option<u16>, token: &str) -> String {
    let user = user.replace('=', "=3D").replace(',', "=2C");
    let port = port.map(|port| format!("port={port}\x01")).unwrap_or_default();
    format!("n,a={user},\x01host={host}\x01{port}auth=Bearer {token}\x01\x01")
}

/// The one message of XOAUTH2.
pub fn xoauth2(user: &str, token: &str) -> String {
    format!("user={user}\x01auth=Bearer {token}\x01\x01")
}

/// Why a token was refused, in one line (RFC 7628 §3.2.2).
pub fn reason(challenge: &[u8]) -> Option<String> {
    let decoded = BASE64.decode(challenge.trim_ascii()).ok()?;
    let text = match serde_json::from_slice::<Value>(&decoded) {
        Ok(Value::Object(members)) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
            members.join(", ")
        }
        _ => String::from_utf8_lossy(&decoded).into_owned(),
    };
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = text.chars().map(shown).take(LONGEST_REASON).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mechanism_writes_its_message_its_own_way() {
        // The example of RFC 7628 §4.1, but for its protocol.
        assert_eq!(
            oauthbearer(
                "user@example.com",
                "server.example.com",
                Some(587),
                "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
            ),
            "n,a=user@example.com,\x01host=server.example.com\x01port=587\x01\
             auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"
        );
        assert_eq!(oauthbearer("a,b=c", "h", None, "t"), "n,a=a=2Cb=3Dc,\x01host=h\x01auth=Bearer t\x01\x01");
        assert_eq!(
            xoauth2("someuser@example.com", "ya29.vF9"),
            "user=someuser@example.com\x01auth=Bearer ya29.vF9\x01\x01"
        );
    }

    #[test]
    fn the_reason_for_a_refusal_is_read_from_what_comes_before_it() {
        let table: [(&[u8], Option<&str>); 6] = [
            (
                br#"{"status":"invalid_token","scope":"example_scope","n":1}"#,
                Some("status=invalid_token, scope=example_scope, n=1"),
            ),
            (br#"{"status":"401","schemes":"bearer"}"#, Some("status=401, schemes=bearer")),
            (b"token expired\r\n\x1b[2J", Some("token expired   [2J")),
            (b"", None),
            (b"{}", None),
            (b"\x01", None),
        ];
        for (challenge, expected) in table {
            assert_eq!(reason(BASE64.encode(challenge).as_bytes()).as_deref(), expected);
        }
        assert_eq!(reason(b"not base64"), None);
        assert_eq!(reason(BASE64.encode(vec![b'x'; 9000]).as_bytes()).map(|text| text.len()), Some(LONGEST_REASON));
    }
}
