//! The beginning of an input as text, for a preview before a run.

use super::byte_order_mark::MARK;
use super::content::{self, Content};
use super::encoding::Decoded;
use crate::compression::unpacked_start;
use crate::encoding::Encoding;
use crate::options::InputOptions;
use clearpipe_model::problem::Problem;
use futures::io::AsyncRead;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The beginning of an input.
#[derive(Debug, PartialEq, Eq)]
pub struct FileStart {
    /// Its first bytes, decompressed and as UTF-8. Bytes that are invalid in its encoding are invalid here.
    pub bytes: Vec<u8>,
    /// Whether these are all of them.
    pub whole: bool,
    /// Why the input can't hold records, if it can't.
    pub problem: Option<Problem>,
    /// Whether another encoding may solve the problem.
    pub may_be_encoded: bool,
}

impl FileStart {
    /// Returns the beginning of an input whose first bytes, or all of them (`is_whole`), are `start`. Looks at no more
    /// than the first `most` bytes after decompression.
    ///
    /// # Errors
    /// If the compressed data is damaged.
    pub fn new(start: &[u8], is_whole: bool, most: usize, encoding: Encoding) -> io::Result<FileStart> {
        let (unpacked, whole) = unpacked_start(start, is_whole, most)?;
        let bytes = decoded(&unpacked, whole, encoding)?;
        let mut text = &*bytes;
        while let Some(rest) = text.strip_prefix(MARK) {
            text = rest;
        }
        let look = |bytes| content::look(bytes, InputOptions::default().max_line, whole);
        // No encoding turns an image into text. Checks that need more bytes than there are don't decide anything here.
        let (problem, may_be_encoded) = match (look(&unpacked), look(text)) {
            (Content::Other(problem), _) | (_, Content::Other(problem)) => (Some(problem), false),
            (_, Content::Zeros { problem, is_utf_16 }) => (Some(problem), is_utf_16),
            (_, Content::Text | Content::TooShort) => (None, false),
        };
        Ok(FileStart { bytes, whole, problem, may_be_encoded })
    }
}

/// Returns the beginning of an input as UTF-8. A character that continues after it is left out.
fn decoded(bytes: &[u8], is_whole: bool, encoding: Encoding) -> io::Result<Vec<u8>> {
    let mut reader = Decoded::new(Beginning { bytes, is_whole }, encoding);
    let mut context = Context::from_waker(futures::task::noop_waker_ref());
    let mut decoded = Vec::new();
    let mut room = [0; 4096];
    loop {
        match Pin::new(&mut reader).poll_read(&mut context, &mut room) {
            Poll::Ready(Ok(0)) | Poll::Pending => return Ok(decoded),
            Poll::Ready(Ok(length)) => decoded.extend_from_slice(&room[..length]),
            Poll::Ready(Err(error)) => return Err(error),
        }
    }
}

/// The beginning of the input; the rest isn't available yet.
struct Beginning<'a> {
    bytes: &'a [u8],
    is_whole: bool,
}

impl AsyncRead for Beginning<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.bytes.is_empty() && !self.is_whole {
            return Poll::Pending;
        }
        Poll::Ready(io::Read::read(&mut self.bytes, into))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(bytes: &[u8], encoding: &str) -> FileStart {
        FileStart::new(bytes, true, 1000, encoding.parse().unwrap()).unwrap()
    }

    #[test]
    fn it_is_utf_8_whatever_it_was() {
        let utf_16 = |mark: &str| -> Vec<u8> {
            format!("{mark}id,größe\n1,€\n").encode_utf16().flat_map(u16::to_le_bytes).collect()
        };
        for (bytes, encoding) in [
            ("id,größe\n1,€\n".as_bytes(), "auto"),
            (&utf_16("\u{feff}"), "auto"),
            (&utf_16(""), "auto"),
            (&utf_16(""), "utf-16le"),
            (b"id,gr\xF6\xDFe\n1,\x80\n", "windows-1252"),
            (b"id,gr\xF6\xDFe\n1,\xA4\n", "iso-8859-15"),
        ] {
            let FileStart { bytes, whole, problem, .. } = start(bytes, encoding);
            assert_eq!((&*String::from_utf8(bytes).unwrap(), whole, problem), ("id,größe\n1,€\n", true, None));
        }
        assert_eq!(start(b"id,gr\xF6\xDFe\n", "auto").bytes, b"id,gr\xF6\xDFe\n");
    }

    #[test]
    fn of_a_long_one_only_the_beginning() {
        let text = "é".repeat(1000);
        let cut = FileStart::new(text.as_bytes(), true, 11, Encoding::default()).unwrap();
        assert_eq!((cut.bytes.len(), cut.whole, cut.problem), (11, false, None));
        let utf_16: Vec<u8> = "a,\u{1F600}".repeat(100).encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cut = FileStart::new(&utf_16, false, 6, Encoding::default()).unwrap();
        assert_eq!((&*cut.bytes, cut.whole), (&b"a,"[..], false));
    }

    #[test]
    fn other_files_are_named() {
        let png = [&b"\x89PNG\r\n\x1A\n\0\0"[..], &[0; 600]].concat();
        for encoding in ["auto", "windows-1252"] {
            let FileStart { problem, may_be_encoded, .. } = start(&png, encoding);
            assert_eq!(problem.unwrap().to_string(), "the input is a PNG image; there are no records in it");
            assert!(!may_be_encoded);
        }
        let cyrillic: Vec<u8> = "имя,id,x\n1,2,3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(start(&cyrillic, "auto").may_be_encoded);
        assert_eq!(start(&cyrillic, "utf-16le").problem, None);
    }
}
