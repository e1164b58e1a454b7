//! The positions of values on an axis, and the values that are labelled.

use clearpipe_io::text;

/// If the largest value is at least this many times the smallest, the steps are logarithmic.
const WIDE: f64 = 8.0;

/// The approximate number of labelled values on a linear axis.
const TICKS: f64 = 5.0;

/// An axis from `low` to `high`.
#[derive(Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    is_logarithmic: bool,
}

impl Axis {
    /// Returns an axis that includes all these values.
    pub fn for_values(values: impl Iterator<Item = f64>) -> Axis {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            (least, most) = (least.min(value), most.max(value));
        }
        if least > most {
            return Axis { low: 0.0, high: 1.0, is_logarithmic: false };
        }
        match most / least >= WIDE {
            true => Axis { low: round(least, false), high: round(most, true), is_logarithmic: true },
            false => Axis { low: 0.0, high: (most / step(most)).ceil() * step(most), is_logarithmic: false },
        }
    }

    /// Returns the position of a value: 0 is the low end, 1 the high one.
    pub fn place(&self, value: f64) -> f64 {
        let place = match self.is_logarithmic {
            true => (value / self.low).ln() / (self.high / self.low).ln(),
            false => value / self.high,
        };
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Returns the labelled values.
    pub fn ticks(&self) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut tick = self.low;
        // Rounded numbers, so slightly more than the end counts as the end.
        while tick <= self.high * 1.0001 {
            ticks.push(tick);
            tick = if self.is_logarithmic { above(tick) } else { tick + step(self.high) };
        }
        ticks
    }
}

/// Formats a labelled value without meaningless digits.
pub fn label(tick: f64) -> String {
    let text = text::short(tick, "");
    match text.split_once(' ') {
        Some((digits, unit)) if digits.contains('.') => {
            format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// Returns the next of 1, 2, 5, 10, 20, 50 …
fn above(value: f64) -> f64 {
    round(value * 1.5, true)
}

/// Returns the nearest of 1, 2, 5, 10, 20, 50 … that is not below a value, or not above it.
fn round(value: f64, up: bool) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let all = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    // A rounding error must not move a number to the next step.
    let found = match up {
        true => all.into_iter().find(|&one| one >= value * 0.9999),
        false => all.into_iter().rev().find(|&one| one <= value * 1.0001),
    };
    found.unwrap_or(value)
}

fn step(most: f64) -> f64 {
    round(most / TICKS, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_values_begin_at_nothing() {
        let axis = Axis::for_values([300.0, 930.0].into_iter());
        assert_eq!(axis.ticks(), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!((axis.place(0.0), axis.place(500.0), axis.place(1000.0)), (0.0, 0.5, 1.0));
    }

    #[test]
    fn values_far_apart_have_logarithmic_steps() {
        let axis = Axis::for_values([30_000.0, 1_500_000.0].into_iter());
        assert_eq!(axis.ticks(), [2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6]);
        assert_eq!([5e4, 2e6, 1.5e6, 200.0].map(label), ["50 k", "2 M", "1.5 M", "200"]);
        assert_eq!((axis.place(2e4), axis.place(2e6)), (0.0, 1.0));
        assert!((axis.place(2e5) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn of_nothing_there_is_an_axis_too() {
        assert_eq!(Axis::for_values([f64::NAN].into_iter()).place(f64::NAN), 0.0);
    }
}
