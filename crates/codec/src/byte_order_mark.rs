//! The byte order mark of UTF-8. It carries no information, but many programs write it at the beginning of a file, and
//! in concatenated files it appears in the middle.

/// U+FEFF in UTF-8.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Returns whether these bytes are a beginning of the mark, but not all of it.
pub(super) fn is_beginning_of_mark(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.len() < MARK.len() && MARK.starts_with(bytes)
}
