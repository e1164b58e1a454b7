//! What the server answers to a request: a file of the page, or why not.

use crate::encoding::accepts_brotli;
use crate::names::{self, Names};
use crate::page::{File, Page};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CONNECTION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT,
    HeaderMap, HeaderValue, ORIGIN, TRANSFER_ENCODING, VARY,
};
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;

/// The page as one file: it is there to be kept, since the policy of a served page forbids what is inline.
const DOWNLOAD: &str = "/clearpipe.html";

/// A page and to whom it is given.
#[derive(Debug)]
pub struct Site {
    /// The page.
    pub page: Page,
    /// The names by which it may be asked for.
    pub names: Names,
    /// The headers of every answer.
    pub headers: HeaderMap,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Unclear,
    Method,
    Expectation,
    Host,
    Origin,
    Missing,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Refusal::Unclear => StatusCode::BAD_REQUEST,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Expectation => StatusCode::EXPECTATION_FAILED,
            Refusal::Host => StatusCode::MISDIRECTED_REQUEST,
            Refusal::Origin => StatusCode::FORBIDDEN,
            Refusal::Missing => StatusCode::NOT_FOUND,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Refusal::Unclear => "Bad request: it must name one host and a path.\n",
            Refusal::Method => "Method not allowed.\n",
            Refusal::Expectation => "This expectation can't be met.\n",
            Refusal::Host => "This server does not answer to that name. Start it with --allow-host NAME to allow it.\n",
            Refusal::Origin => "This server does not answer to pages of other sites.\n",
            Refusal::Missing => "Not found.\n",
        }
    }
}

impl Site {
    /// Answers a request. Its body is never read.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let mut response = match self.found(request) {
            Ok((path, file)) => self.response_with(request, path, file),
            Err(refusal) => self.refused(refusal),
        };
        // No other request can follow a body that isn't read.
        let headers = request.headers();
        let has_body = headers.contains_key(TRANSFER_ENCODING)
            || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
        if has_body {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if request.method() == Method::HEAD {
            *response.body_mut() = Full::default();
        }
        response
    }

    fn found<'a, B>(&self, request: &'a Request<B>) -> Result<(&'a str, &File), Refusal> {
        let headers = request.headers();
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Refusal::Method);
        }
        if headers.get_all(EXPECT).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
            return Err(Refusal::Expectation);
        }
        let (path, host) = names::wanted(request.uri(), headers, self.names.scheme).ok_or(Refusal::Unclear)?;
        if !self.names.has(host) {
            return Err(Refusal::Host);
        }
        // Browsers send it with what a page of another site asks for, and with `null` what a page without a site does.
        let is_own = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| self.names.has_origin(origin));
        if !headers.get_all(ORIGIN).iter().all(is_own) {
            return Err(Refusal::Origin);
        }
        let decoded = percent_decode_str(path).decode_utf8().map_err(|_| Refusal::Missing)?;
        let file = self.page.find(&decoded).ok_or(Refusal::Missing)?;
        Ok((path, file))
    }

    fn response_with<B>(&self, request: &Request<B>, path: &str, file: &File) -> Response<Full<Bytes>> {
        let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let brotli = file.brotli.as_ref().filter(|_| accepts_brotli(accepted));
        let content = brotli.unwrap_or(&file.plain);
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
        // A cache must not give one client what another one has accepted.
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        if brotli.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        if path == DOWNLOAD {
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        }
        let mut response = Response::new(Full::new(content.clone()));
        *response.headers_mut() = headers;
        response
    }

    fn refused(&self, refusal: Refusal) -> Response<Full<Bytes>> {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(refusal.text().len()));
        if refusal == Refusal::Method {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        let mut response = Response::new(Full::new(Bytes::from_static(refusal.text().as_bytes())));
        *response.status_mut() = refusal.status();
        *response.headers_mut() = headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::headers;
    use crate::names::Scheme;
    use std::fs;

    fn site() -> Site {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("index.html", "page"),
            ("index.html.br", "packed"),
            ("clearpipe.html", "one file"),
            ("a b.js", "script"),
            ("ü.txt", "text"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Site {
            page: Page::read(folder.path()).unwrap(),
            names: Names {
                host: "127.0.0.1".to_owned(),
                port: 4180,
                scheme: Scheme::Http,
                allowed: vec!["pc.example".to_owned()],
            },
            headers: headers(true).unwrap(),
        }
    }

    fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().method(method).uri(target);
        for &(name, value) in headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap()
    }

    fn get(target: &str, headers: &[(&str, &str)]) -> Response<Full<Bytes>> {
        let mut headers = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "host") {
            headers.push(("host", "localhost:4180"));
        }
        site().answer(&request("GET", target, &headers))
    }

    #[test]
    fn a_file_has_its_type_and_length_and_what_keeps_the_page_to_itself() {
        for (target, length, kind) in [
            ("/", "4", "text/html; charset=utf-8"),
            ("/index.html?x=%", "4", "text/html; charset=utf-8"),
            ("/a%20b.js", "6", "text/javascript; charset=utf-8"),
            ("/%C3%BC.txt", "4", "text/plain; charset=utf-8"),
            ("http://localhost:4180/a%20b.js", "6", "text/javascript; charset=utf-8"),
            ("http://localhost:4180", "4", "text/html; charset=utf-8"),
        ] {
            let response = get(target, &[]);
            assert_eq!(response.status(), 200, "{target}");
            assert_eq!(response.headers()["content-length"], length, "{target}");
            assert_eq!(response.headers()["content-type"], kind, "{target}");
            assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin");
            assert!(!response.headers().contains_key("content-disposition"));
        }
    }

    #[test]
    fn the_page_as_one_file_is_to_be_kept_and_not_to_be_shown() {
        assert_eq!(get("/clearpipe.html?x", &[]).headers()["content-disposition"], "attachment");
    }

    #[test]
    fn the_compressed_file_goes_to_those_who_accept_it() {
        let packed = get("/", &[("accept-encoding", "gzip, br")]);
        assert_eq!(packed.headers()["content-encoding"], "br");
        assert_eq!(packed.headers()["content-length"], "6");
        for headers in [&[][..], &[("accept-encoding", "gzip")]] {
            let plain = get("/", headers);
            assert!(!plain.headers().contains_key("content-encoding"));
            assert_eq!(plain.headers()["vary"], "Accept-Encoding");
        }
    }

    #[test]
    fn what_is_refused_says_why() {
        for (method, target, headers, status) in [
            ("POST", "/", &[][..], 405),
            ("OPTIONS", "*", &[], 405),
            ("CONNECT", "localhost:4180", &[], 405),
            ("GET", "/nothing", &[], 404),
            ("GET", "/%", &[], 404),
            ("GET", "/%ff", &[], 404),
            ("GET", "/%00", &[], 404),
            ("GET", "/..%2findex.html", &[], 404),
            ("GET", "/%2findex.html", &[], 404),
            ("GET", "/index.html.br", &[], 404),
            ("GET", "/", &[("host", "localhost:4180")], 400),
            ("GET", "index.html", &[], 400),
            ("GET", "ftp://localhost:4180/", &[], 400),
            ("GET", "https://localhost:4180/", &[], 400),
            ("GET", "http://localhost:4180@evil.example/", &[], 400),
            ("GET", "http://evil.example/", &[], 421),
            ("GET", "/", &[("origin", "http://evil.example")], 403),
            ("GET", "/", &[("origin", "null")], 403),
            ("GET", "/", &[("origin", "http://localhost:4180"), ("origin", "http://evil.example")], 403),
            ("GET", "/", &[("expect", "the-unexpected")], 417),
        ] {
            let headers = [headers, &[("host", "localhost:4180")]].concat();
            let response = site().answer(&request(method, target, &headers));
            assert_eq!(response.status(), status, "{method} {target} {headers:?}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        }
        assert_eq!(get("/", &[("host", "evil.example:4180")]).status(), 421);
        assert_eq!(site().answer(&request("POST", "/", &[])).headers()["allow"], "GET, HEAD");
        assert_eq!(site().answer(&request("GET", "/", &[])).status(), 400);
    }

    #[test]
    fn the_pages_own_origin_is_answered() {
        for origin in ["http://localhost:4180", "http://127.0.0.1:4180", "https://pc.example"] {
            assert_eq!(get("/", &[("origin", origin)]).status(), 200, "{origin}");
        }
    }

    #[test]
    fn nothing_follows_a_body() {
        for (headers, is_closed) in [
            (&[][..], false),
            (&[("content-length", "0")], false),
            (&[("content-length", "5")], true),
            (&[("transfer-encoding", "chunked")], true),
        ] {
            assert_eq!(get("/", headers).headers().contains_key("connection"), is_closed, "{headers:?}");
        }
    }
}
