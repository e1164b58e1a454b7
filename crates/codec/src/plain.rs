//! Plain text, which can be used without a closer look: values of JSON, and cells of tables.
//!
//! Both are short. Examining eight bytes at a time finds the end of such a text faster than a search that is optimized
//! for long ones.

/// Returns how many bytes come before the first that is a quote, a backslash, a control character or not ASCII.
#[inline]
pub(super) fn ascii_length(text: &[u8]) -> usize {
    let is_other = |byte| !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\';
    let others = |bytes| zeros(bytes ^ each(b'"')) | zeros(bytes ^ each(b'\\')) | below(bytes, 0x20) | bytes;
    position(text, others, is_other).unwrap_or(text.len())
}

/// Returns the position of the first such byte.
#[inline]
pub(super) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    position(text, |bytes| zeros(bytes ^ each(byte)), |other| other == byte)
}

/// Returns the position of the first byte that is searched for. `marks` sets the highest bit of such bytes in eight;
/// above the lowest of them it may be wrong.
#[inline]
fn position(text: &[u8], marks: impl Fn(u64) -> u64, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let (chunks, rest) = text.as_chunks();
    for (index, chunk) in chunks.iter().enumerate() {
        let found = marks(u64::from_le_bytes(*chunk)) & each(0x80);
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    Some(text.len() - rest.len() + rest.iter().position(|&byte| is_it(byte))?)
}

/// Repeats a byte eight times.
const fn each(byte: u8) -> u64 {
    u64::MAX / 0xff * byte as u64
}

/// Marks the bytes that are zero.
fn zeros(bytes: u64) -> u64 {
    below(bytes, 1)
}

/// Marks the ASCII bytes below a limit.
fn below(bytes: u64, limit: u8) -> u64 {
    bytes.wrapping_sub(each(limit)) & !bytes
}

/// Returns whether a text is entirely ASCII that JSON writes unchanged, except for bytes that are `allowed` and, with
/// `QUOTES`, quotes. Examines all bytes without stopping at the first mismatch, so that the compiler can vectorize it.
pub(super) fn is_plain_but<const QUOTES: bool>(allowed: u8, text: &[u8]) -> bool {
    const WIDTH: usize = 32;
    let is_quote = |byte: u8| !QUOTES && byte == b'"';
    let is_other = |byte: u8| (!(0x20..0x80).contains(&byte) | is_quote(byte) | (byte == b'\\')) & (byte != allowed);
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, &byte| any | is_other(byte));
    let (chunks, rest) = text.as_chunks::<WIDTH>();
    let found = chunks.iter().fold(false, |found, chunk| found | any(chunk));
    // The last bytes as a whole chunk again, if there are enough: examining some of them twice does no harm.
    !(found | text.last_chunk::<WIDTH>().map_or_else(|| any(rest), |last| any(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plain_rows(mut text in "[a-z,]{0,100}", place: prop::sample::Index, other in prop::sample::select(vec!['\t', '\n', '"', '\\', 'ö', ' '])) {
            prop_assert!(is_plain_but::<false>(b'\t', text.as_bytes()));
            text.insert(place.index(text.len() + 1), other);
            prop_assert_eq!(is_plain_but::<false>(b'\t', text.as_bytes()), " \t".contains(other));
            prop_assert_eq!(is_plain_but::<true>(b'\t', text.as_bytes()), " \t\"".contains(other));
            prop_assert_eq!(is_plain_but::<false>(b',', text.as_bytes()), other == ' ');
        }

        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(find(b'a', &bytes), bytes.iter().position(|&byte| byte == b'a'));
            let length = ascii_length(&bytes);
            let is_plain = |byte: &u8| matches!(byte, 0x20..0x80) && !b"\"\\".contains(byte);
            prop_assert!(bytes[..length].iter().all(is_plain));
            prop_assert!(!bytes.get(length).is_some_and(is_plain));
        }
    }
}
