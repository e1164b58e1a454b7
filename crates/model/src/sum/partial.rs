//! The exact sum of the few numbers of a batch, for [`ExactSum`].

use super::ExactSum;

/// The exact sum of up to [`PartialSum::MAX_NUMBERS`] finite numbers.
///
/// Numbers of ordinary magnitude, such as measured values, are added up in one integer; any others are kept separately.
#[derive(Clone, Debug, Default)]
pub struct PartialSum {
    /// A 128-bit integer, in units of 2^[`PartialSum::LOWEST_EXPONENT`]. It is split in two halves because every
    /// finished batch has one, and the alignment of a `u128` would make it larger.
    low: u64,
    high: i64,
    others: Option<Box<ExactSum>>,
}

impl PartialSum {
    /// The most numbers that may be added: each of those in the integer is below 2^110, and it holds 2^127.
    pub const MAX_NUMBERS: usize = 1 << 17;

    /// The exponent of two that the least significant bit of the integer stands for.
    pub(super) const LOWEST_EXPONENT: i32 = -70;

    /// The exponents, in the encoding of a float, of numbers that fit: from 2^-18 to below 2^39 with all of their bits.
    const FITTING: std::ops::Range<u64> = 1005..1062;

    /// Adds a number. NaN and infinities never occur in records and are ignored.
    #[inline]
    pub fn add(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = (bits >> 52) & 0x7ff;
        if !Self::FITTING.contains(&exponent) {
            return self.add_other(number);
        }
        let mantissa = (bits & ((1 << 52) - 1)) | 1 << 52;
        let magnitude = i128::from(mantissa) << (exponent - Self::FITTING.start);
        let sum = self.fixed() + if number.is_sign_negative() { -magnitude } else { magnitude };
        (self.low, self.high) = (sum as u64, (sum >> 64) as i64);
    }

    #[inline(never)]
    fn add_other(&mut self, number: f64) {
        if number.is_finite() && number != 0.0 {
            self.others.get_or_insert_default().add(number);
        }
    }

    pub(super) fn fixed(&self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }

    pub(super) fn others(&self) -> Option<&ExactSum> {
        self.others.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_number() -> impl Strategy<Value = f64> {
        let ordinary = (any::<f64>(), 1000..1070u64)
            .prop_map(|(number, exponent)| f64::from_bits(number.to_bits() & !(0x7ff << 52) | exponent << 52));
        prop_oneof![-1e3..1e3, ordinary, any::<f64>(), Just(0.0), Just(-0.0), Just(f64::MAX), Just(5e-324)]
    }

    proptest! {
        #[test]
        #[cfg_attr(miri, ignore = "arithmetic alone, and a minute of it there")]
        fn parts_add_up_to_the_whole(parts in prop::collection::vec(prop::collection::vec(any_number(), 0..40), 0..10)) {
            let (mut whole, mut of_parts) = (ExactSum::default(), ExactSum::default());
            for part in &parts {
                let mut sum = PartialSum::default();
                for &number in part {
                    whole.add(number);
                    sum.add(number);
                }
                of_parts.add_partial(&sum);
            }
            prop_assert_eq!(whole.value().to_bits(), of_parts.value().to_bits());
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic alone, and a minute of it there")]
    fn as_many_as_are_allowed_fit() {
        // The largest numbers that fit into the integer.
        let largest = f64::from_bits(((PartialSum::FITTING.end - 1) << 52) | ((1 << 52) - 1));
        let mut sum = PartialSum::default();
        (0..PartialSum::MAX_NUMBERS).for_each(|_| sum.add(-largest));
        assert!(sum.others().is_none());
        let mut whole = ExactSum::default();
        (0..3000).for_each(|_| whole.add_partial(&sum));
        assert_eq!(whole.value(), -largest * PartialSum::MAX_NUMBERS as f64 * 3000.0);
    }
}
