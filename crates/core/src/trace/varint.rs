//! Integers of variable length: seven bits a byte, the lowest first; the highest bit says that another byte follows.
//! This is LEB128. Signed numbers are first made unsigned so that those near zero stay small: 0, -1, 1, -2, 2 become 0,
//! 1, 2, 3, 4.

/// Appends a number.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends the difference between a number and the one that was expected.
pub(super) fn put_change(out: &mut Vec<u8>, value: u64, expected: u64) {
    let change = value.wrapping_sub(expected) as i64;
    put(out, (change << 1 ^ change >> 63) as u64);
}

/// Reads what was appended.
pub(super) struct Numbers<'a>(pub &'a [u8]);

impl Numbers<'_> {
    /// Takes a byte, if there is another one.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// Takes a number; nothing if it isn't whole, or doesn't fit into 64 bits.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// Takes a number that is known to be small.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        self.number()?.try_into().ok()
    }

    /// Takes a number that was written as the difference from the one that was expected.
    pub(super) fn changed(&mut self, expected: u64) -> Option<u64> {
        let code = self.number()?;
        Some(expected.wrapping_add(code >> 1 ^ (code & 1).wrapping_neg()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let mut bytes = Vec::new();
        let values = [0, 1, 127, 128, 300, 1 << 40, u64::MAX - 1, u64::MAX];
        for value in values {
            put(&mut bytes, value);
            values.iter().for_each(|&expected| put_change(&mut bytes, value, expected));
        }
        let mut numbers = Numbers(&bytes);
        for value in values {
            assert_eq!(numbers.number(), Some(value));
            values.iter().for_each(|&expected| assert_eq!(numbers.changed(expected), Some(value)));
        }
        assert_eq!(numbers.number(), None);
        let sizes = [-1_i64, 1, -64, 63, 64].map(|change| {
            let mut bytes = Vec::new();
            put_change(&mut bytes, 1000_u64.wrapping_add_signed(change), 1000);
            bytes.len()
        });
        assert_eq!(sizes, [1, 1, 1, 1, 2]);
        assert_eq!(Numbers(&[0x80]).number(), None, "cut off");
        assert_eq!(Numbers(&[0xff; 11]).number(), None, "too large");
        assert_eq!(Numbers(&[0xac, 0x02]).small::<u8>(), None);
    }
}
