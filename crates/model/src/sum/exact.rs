//! A sum of floating-point numbers that is exact, and therefore does not depend on their order.
//!
//! The sum is kept as one long fixed-point number that spans all exponents of a 64-bit float, in digits of 32 bits
//! stored in 64: R. M. Neal, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571 (2015).

use super::PartialSum;

/// One digit for each 32 of the 2,046 exponents, and two more above them for the carries.
const DIGITS: usize = 67;

/// After this many additions a digit might overflow: each adds less than 2^53 to it, and it holds 2^63.
const ADDITIONS_BETWEEN_CARRIES: u32 = 1000;

/// The least significant bit stands for 2^-1075: one below the smallest subnormal, since normal numbers are shifted
/// by their exponent, which is one too many.
const LOWEST_EXPONENT: i32 = -1075;

/// The exact sum of any number of finite numbers.
#[derive(Clone, Debug)]
pub struct ExactSum {
    digits: [i64; DIGITS],
    additions: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        ExactSum { digits: [0; DIGITS], additions: 0 }
    }
}

impl ExactSum {
    /// Adds a number. NaN and infinities never occur in records and are ignored.
    pub fn add(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as usize;
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        // A subnormal number has no leading 1, and the same exponent as the smallest normal ones.
        let (mantissa, exponent) = match exponent {
            0x7ff => return,
            0 => (fraction, 1),
            _ => (fraction | 1 << 52, exponent),
        };
        let (digit, shift) = (exponent / 32, exponent % 32);
        let low = (mantissa << shift) & 0xffff_ffff;
        let high = mantissa >> (32 - shift);
        if number.is_sign_negative() {
            self.digits[digit] -= low;
            self.digits[digit + 1] -= high;
        } else {
            self.digits[digit] += low;
            self.digits[digit + 1] += high;
        }
        self.count_addition();
    }

    fn count_addition(&mut self) {
        self.additions += 1;
        if self.additions == ADDITIONS_BETWEEN_CARRIES {
            self.carry();
        }
    }

    /// Adds a partial sum.
    pub fn add_partial(&mut self, part: &PartialSum) {
        const OFFSET: usize = (PartialSum::LOWEST_EXPONENT - LOWEST_EXPONENT) as usize;
        let magnitude = part.fixed().unsigned_abs();
        let (low, high) = (magnitude << (OFFSET % 32), magnitude >> (128 - OFFSET % 32));
        let sign = part.fixed().signum() as i64;
        for at in 0..4 {
            self.digits[OFFSET / 32 + at] += sign * ((low >> (32 * at)) as u32 as i64);
        }
        self.digits[OFFSET / 32 + 4] += sign * high as i64;
        self.count_addition();
        if let Some(others) = part.others() {
            self.add_sum(others);
        }
    }

    #[cold]
    fn add_sum(&mut self, other: &ExactSum) {
        let mut other = other.clone();
        // After the carry, adding it changes each digit by no more than adding a number does.
        other.carry();
        self.digits.iter_mut().zip(other.digits).for_each(|(digit, other)| *digit += other);
        self.count_addition();
    }

    /// Returns the sum, rounded once to the nearest 64-bit float (ties to even).
    pub fn value(&self) -> f64 {
        let mut sum = self.clone();
        sum.carry();
        // All digits but the highest are now from 0 to 2^32; the highest holds the sign.
        let negative = sum.digits[DIGITS - 1] < 0;
        if negative {
            sum.digits.iter_mut().for_each(|digit| *digit = -*digit);
            sum.carry();
        }
        let Some(top) = sum.digits.iter().rposition(|&digit| digit != 0) else { return 0.0 };
        // The three highest digits have at least 65 significant bits. Whether there is anything below them only matters
        // for ties: one bit is enough to record it.
        let lowest = top.saturating_sub(2);
        let mut significant =
            sum.digits[lowest..=top].iter().rev().fold(0u128, |all, &digit| all << 32 | digit as u128);
        if sum.digits[..lowest].iter().any(|&digit| digit != 0) {
            significant |= 1;
        }
        let magnitude = scale(significant as f64, LOWEST_EXPONENT + 32 * lowest as i32);
        if negative { -magnitude } else { magnitude }
    }

    /// Brings every digit but the highest into 0..2^32.
    fn carry(&mut self) {
        let mut carry = 0;
        for digit in &mut self.digits[..DIGITS - 1] {
            let sum = *digit + carry;
            *digit = sum & 0xffff_ffff;
            carry = sum >> 32;
        }
        self.digits[DIGITS - 1] += carry;
        self.additions = 0;
    }
}

/// Returns number × 2^exponent, computed in steps that a float can represent.
fn scale(mut number: f64, mut exponent: i32) -> f64 {
    while exponent != 0 {
        let step = exponent.clamp(-1000, 1000);
        number *= power_of_two(step);
        exponent -= step;
    }
    number
}

/// Returns 2^exponent, exactly, for an exponent from -1022 to 1023. `f64::powi` doesn't guarantee any precision.
fn power_of_two(exponent: i32) -> f64 {
    debug_assert!((-1022..=1023).contains(&exponent), "2^{exponent} is no normal number");
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|&number| sum.add(number));
        sum.value()
    }

    #[test]
    fn known_sums() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[1.0]), 1.0);
        assert_eq!(sum(&[-1.5, 0.25]), -1.25);
        assert_eq!(sum(&[1e308, 1.0, -1e308]), 1.0);
        assert_eq!(sum(&[1e16, 1.0, 1.0]), 1e16 + 2.0);
        assert_eq!(sum(&[5e-324, 5e-324]), 1e-323);
        assert_eq!(sum(&[5e-324, 1.0, -1.0]), 5e-324);
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        // Halfway between two floats, and slightly above.
        assert_eq!(sum(&[9007199254740992.0, 1.0]), 9007199254740992.0);
        assert_eq!(sum(&[9007199254740992.0, 1.0, 1e-300]), 9007199254740994.0);
        assert_eq!(sum(&vec![1.7e308; 5000].iter().chain(&vec![-1.7e308; 5000]).copied().collect::<Vec<_>>()), 0.0);
    }

    proptest! {
        #[test]
        fn one_number_is_itself(number in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
            prop_assert_eq!(sum(&[number]), number);
        }

        #[test]
        fn the_order_does_not_matter(mut numbers in prop::collection::vec(prop::num::f64::NORMAL, 0..50)) {
            let forward = sum(&numbers);
            numbers.reverse();
            prop_assert_eq!(sum(&numbers).to_bits(), forward.to_bits());
            numbers.sort_by(f64::total_cmp);
            prop_assert_eq!(sum(&numbers).to_bits(), forward.to_bits());
        }

        #[test]
        #[cfg_attr(miri, ignore = "arithmetic alone, and a minute of it there")]
        fn small_integers_add_up(numbers in prop::collection::vec(-1_000_000i64..1_000_000, 0..3000)) {
            let floats: Vec<f64> = numbers.iter().map(|&n| n as f64 / 1024.0).collect();
            prop_assert_eq!(sum(&floats), numbers.iter().sum::<i64>() as f64 / 1024.0);
        }

        #[test]
        fn two_numbers_round_as_the_hardware_does(a in prop::num::f64::NORMAL, b in prop::num::f64::NORMAL) {
            prop_assert_eq!(sum(&[a, b]), a + b);
        }
    }
}
