//! Comparing the beginning of a text with a known one.

/// A known beginning of other texts.
///
/// Comparing sixteen bytes in one operation and masking those that don't matter takes a few instructions; calling the
/// system's comparison takes dozens, and a line of JSON has a key every few bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Literal {
    bytes: Vec<u8>,
    /// Its first sixteen bytes, and a mask of those that it has.
    word: u128,
    mask: u128,
}

impl Literal {
    const WIDTH: usize = 16;

    /// Creates a literal of these bytes.
    pub fn new(bytes: &[u8]) -> Literal {
        let padded = |byte_of: &dyn Fn(u8) -> u8| {
            let mut word = [0; Self::WIDTH];
            word.iter_mut().zip(bytes).for_each(|(byte, &other)| *byte = byte_of(other));
            u128::from_le_bytes(word)
        };
        Literal { bytes: bytes.to_vec(), word: padded(&|byte| byte), mask: padded(&|_| 0xff) }
    }

    /// Returns its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the rest of a text that begins with the literal.
    #[inline]
    pub fn strip_from<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        match text.first_chunk() {
            Some(first) if self.bytes.len() <= Self::WIDTH => {
                let is_same = u128::from_le_bytes(*first) & self.mask == self.word;
                if is_same { text.get(self.bytes.len()..) } else { None }
            }
            _ => text.strip_prefix(&self.bytes[..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_standard_library(
            literal in prop::collection::vec(0..3_u8, 0..20),
            text in prop::collection::vec(0..3_u8, 0..40),
            begins_with_it: bool,
        ) {
            let text = if begins_with_it { [&literal[..], &text].concat() } else { text };
            prop_assert_eq!(Literal::new(&literal).strip_from(&text), text.strip_prefix(&literal[..]));
        }
    }
}
