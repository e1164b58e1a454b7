//! The byte order mark of UTF-8. It says nothing, but many programs write it at the beginning of a file, and where files
//! were put together it stands within one.

/// U+FEFF in UTF-8.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether these bytes are the beginning of a mark, but not all of it.
pub(super) fn is_beginning_of_mark(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.len() < MARK.len() && MARK.starts_with(bytes)
}
