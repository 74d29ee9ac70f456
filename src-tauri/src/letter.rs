//! The scheme `letter`: what the frame of a letter is filled with.
//!
//! Whatever the engine serves goes out under a Content-Security-Policy, without a referrer and with its type as
//! declared. What has no policy of its own gets the strictest one.

use crate::bridge::Desk;
use engine::Document;
use model::CallError;
use tauri::http::{Method, Request, Response, StatusCode, header};
use tauri::{AppHandle, Manager, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme, as in `letter://localhost/…`.
pub const SCHEME: &str = "letter";

/// The host that stands for the scheme on Windows.
pub const WINDOWS_HOST: &str = "letter.localhost";

/// Nothing at all is allowed.
const STRICTEST: &str = "default-src 'none'; sandbox";

/// Answers a request of a frame.
pub fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let response = if request.method() == Method::GET {
            respond(document(&app, &request).await)
        } else {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "A letter can only be read.")
        };
        responder.respond(response);
    });
}

async fn document<R: Runtime>(app: &AppHandle<R>, request: &Request<Vec<u8>>) -> Result<Document, CallError> {
    let path = request.uri().path().trim_start_matches('/');
    let query = request.uri().query().unwrap_or_default();
    app.state::<Desk>().engine().await?.document(path, query).await
}

fn respond(document: Result<Document, CallError>) -> Response<Vec<u8>> {
    match document {
        Ok(document) => build(StatusCode::OK, &document.content_type, &document.policy, document.body),
        Err(error) => refuse(StatusCode::NOT_FOUND, &format!("{} {}", error.message, error.hint)),
    }
}

fn refuse(status: StatusCode, words: &str) -> Response<Vec<u8>> {
    build(status, "text/plain; charset=utf-8", STRICTEST, words.as_bytes().to_vec())
}

fn build(status: StatusCode, content_type: &str, policy: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let policy = if policy.is_empty() { STRICTEST } else { policy };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body)
        // A content type that is no header value came out of a letter; its octets are not shown.
        .unwrap_or_else(|_| Response::new(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(response: &Response<Vec<u8>>) -> Vec<&str> {
        [
            header::CONTENT_TYPE,
            header::CONTENT_SECURITY_POLICY,
            header::REFERRER_POLICY,
            header::X_CONTENT_TYPE_OPTIONS,
        ]
        .iter()
        .map(|name| response.headers().get(name).map_or("", |value| value.to_str().unwrap()))
        .collect()
    }

    #[test]
    fn a_letter_is_served_under_the_policy_of_the_engine() {
        let response = respond(Ok(Document {
            content_type: "text/html; charset=utf-8".to_owned(),
            policy: "default-src 'none'; sandbox allow-popups".to_owned(),
            body: b"<p>Hello".to_vec(),
        }));
        assert_eq!(response.status(), StatusCode::OK);
        let expected =
            ["text/html; charset=utf-8", "default-src 'none'; sandbox allow-popups", "no-referrer", "nosniff"];
        assert_eq!(headers(&response), expected);
        assert_eq!(response.body(), b"<p>Hello");
    }

    #[test]
    fn what_comes_without_a_policy_gets_the_strictest() {
        let image = Document { content_type: "image/png".to_owned(), policy: String::new(), body: vec![1, 2, 3] };
        assert_eq!(headers(&respond(Ok(image)))[1], STRICTEST);
    }

    #[test]
    fn a_letter_that_is_not_there_is_answered_in_words() {
        let response = respond(Err(CallError::new("not-found", "This letter is gone.", "Look in the trash.")));
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.body(), b"This letter is gone. Look in the trash.");
        assert_eq!(headers(&response)[1], STRICTEST);
    }

    #[test]
    fn a_content_type_that_breaks_out_of_its_header_serves_nothing() {
        let document = Document {
            content_type: "image/png\r\nAccess-Control-Allow-Origin: *".to_owned(),
            policy: String::new(),
            body: vec![1],
        };
        let response = respond(Ok(document));
        assert!(response.headers().is_empty());
        assert!(response.body().is_empty());
    }
}
