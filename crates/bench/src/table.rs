//! The measurements as a table, 80 columns wide.

use super::figure::Figure;
use super::report::{Measured, Report, Row};
use super::scenario::Scenario;
use anstyle::Style;
use clearpipe_io::text;
use std::fmt::{self, Display, Formatter};

/// Headings.
pub const HEADING: Style = Style::new().bold();
/// Less important text.
pub const DIM: Style = Style::new().dimmed();

/// The rows of some scenarios.
pub struct Table<'a> {
    /// The measurements.
    pub report: &'a Report,
    /// The scenarios in this order.
    pub scenarios: &'a [&'static Scenario],
    /// Additional notes about a group, by scenario and group.
    pub notes: &'a [(String, String, String)],
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for scenario in self.scenarios {
            writeln!(f, "\n  {HEADING}{}{HEADING:#}", scenario.name)?;
            writeln!(f, "  {DIM}{}{DIM:#}", scenario.about)?;
            let rows: Vec<&Row> = self.report.results.iter().filter(|row| row.scenario == scenario.name).collect();
            for group in rows.chunk_by(|one, other| one.group == other.group) {
                self.group(f, group)?;
            }
        }
        writeln!(f, "\n  {DIM}{}{DIM:#}", measured_how(self.report))
    }
}

impl Table<'_> {
    fn group(&self, f: &mut Formatter<'_>, rows: &[&Row]) -> fmt::Result {
        let Some(first) = rows.first() else { return Ok(()) };
        let note = self.notes.iter().find(|(scenario, group, _)| *scenario == first.scenario && *group == first.group);
        let title = note.map_or(&first.group, |(.., note)| note);
        let unit = match first.measured {
            Measured::RecordsPerSecond(_) => "records/s",
            Measured::Bytes(_) => "memory",
        };
        let has_ratio = rows.iter().any(|row| row.ratio.is_some());
        let ratio = if has_ratio { format!("  {:>12}", "ratio") } else { String::new() };
        writeln!(f, "\n  {HEADING}{title:<33}{HEADING:#}{DIM}{unit:>10}  {:>17}{ratio}{DIM:#}", "lowest – highest")?;
        for row in rows {
            let figure = row.measured.figure();
            let spread = format!("{} – {}", short(row, figure.low), short(row, figure.high));
            write!(
                f,
                "  {:<33}{HEADING}{:>10}{HEADING:#}  {DIM}{spread:>17}{DIM:#}",
                row.name,
                short(row, figure.median)
            )?;
            match &row.ratio {
                Some(_) => writeln!(f, "  {:>12}", ratio_of(row))?,
                None if has_ratio => writeln!(f, "  {DIM}{:>12}{DIM:#}", "baseline")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

/// Describes how the measurement was made.
pub fn measured_how(report: &Report) -> String {
    let cpu = report.cpu.as_ref().map_or_else(String::new, |cpu| format!(" ({cpu})"));
    format!(
        "Figures and ratios are medians of {}, with -n {} (a tenth for small batches), on {}{cpu}.",
        text::plural(u64::from(report.repeats), "alternating round"),
        text::count(report.records),
        text::plural(report.cores as u64, "core"),
    )
}

/// Formats a measurement of a row in short form.
pub fn short(row: &Row, value: f64) -> String {
    match row.measured {
        Measured::RecordsPerSecond(_) => text::short(value, ""),
        Measured::Bytes(_) => text::short(value, "B"),
    }
}

/// Formats the ratio of a row: a percentage or, if the ideal ratio is known, a factor.
pub fn ratio_of(row: &Row) -> String {
    match (&row.ratio, row.ideal_ratio) {
        (Some(Figure { median, .. }), Some(ideal)) => format!("{} × of {ideal}", text::short(*median, "")),
        (Some(Figure { median, .. }), None) => text::percent(*median, 1.0),
        (None, _) => String::new(),
    }
}
