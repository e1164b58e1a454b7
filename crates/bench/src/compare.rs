//! Compares two reports.

use super::figure::Figure;
use super::report::{FORMAT, Measured, Report, Row};
use super::table::{DIM, HEADING, ratio_of, short};
use anstyle::{AnsiColor, Style};
use anyhow::{Context, bail};
use clearpipe_io::text;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// The width of a name.
const NAME: usize = 23;

/// The style of improvements.
const BETTER: Style = AnsiColor::Green.on_default();
/// The style of regressions.
const WORSE: Style = AnsiColor::Red.on_default();

/// An old report and a new one.
pub struct Comparison<'a> {
    /// The name of the old one.
    pub name: &'a str,
    /// The old report.
    pub old: &'a Report,
    /// The new report.
    pub new: &'a Report,
}

/// Reads a report.
///
/// # Errors
/// If the file can't be read, isn't JSON, or isn't a complete report in this version's format.
pub fn read(path: &Path) -> anyhow::Result<Report> {
    let name = text::name(path);
    let text = std::fs::read_to_string(path).with_context(|| format!("{name} can't be read"))?;
    let mut value: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    make_visible(&mut value);
    match value.get("clearpipe_bench").and_then(serde_json::Value::as_u64) {
        None => bail!("{name} was not written by `clearpipe bench --json`"),
        Some(format) if format != u64::from(FORMAT) => {
            bail!(
                "{name} has format {format}, written by another version of Clearpipe; this version reads format {FORMAT}"
            )
        }
        Some(_) => serde_json::from_value(value).with_context(|| format!("{name} is not complete")),
    }
}

/// Makes all texts of a report safe to show.
fn make_visible(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = text::visible(text).into_owned(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(make_visible),
        serde_json::Value::Object(entries) => entries.values_mut().for_each(make_visible),
        _ => {}
    }
}

/// The change of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    /// As a share of the old one.
    share: f64,
    /// Whether it is within the spread of the rounds of either report.
    is_noise: bool,
    /// Whether it is an improvement.
    is_better: bool,
}

impl Change {
    fn between(old: &Figure, new: &Figure, more_is_better: bool) -> Change {
        let change = new.median - old.median;
        Change {
            share: change / old.median,
            // Also if both are equal; and if it isn't a number, nothing is known.
            is_noise: change.abs() <= old.spread().max(new.spread()) || !change.is_finite(),
            is_better: (change > 0.0) == more_is_better,
        }
    }

    fn write(self, f: &mut Formatter<'_>) -> fmt::Result {
        let percent = self.share * 100.0;
        let sign = match format!("{percent:+.1}").as_str() {
            "+0.0" | "-0.0" => " ",
            _ if percent < 0.0 => "−",
            _ => "+",
        };
        let (style, mark) = match (self.is_noise, self.is_better) {
            (true, _) => (DIM, "≈"),
            (false, true) => (BETTER, " "),
            (false, false) => (WORSE, " "),
        };
        let text = format!("{sign}{:.1} % {mark}", percent.abs());
        write!(f, "{style}{text:>11}{style:#}")
    }
}

impl Comparison<'_> {
    /// Returns the rows that both reports have, new and old.
    fn pairs(&self) -> Vec<(&Row, &Row)> {
        self.new.results.iter().filter_map(|row| Some((row, self.old.find(row)?))).collect()
    }

    fn changes(new: &Row, old: &Row) -> (Change, Option<Change>) {
        let more_is_better = matches!(new.measured, Measured::RecordsPerSecond(_));
        let ratio = new.ratio.as_ref().zip(old.ratio.as_ref());
        (
            Change::between(old.measured.figure(), new.measured.figure(), more_is_better),
            ratio.map(|(new, old)| Change::between(old, new, more_is_better)),
        )
    }

    /// Returns what makes the comparison unreliable, a line each.
    fn differences(&self) -> Vec<String> {
        let (old, new) = (self.old, self.new);
        let machine = |report: &Report| {
            let cpu = report.cpu.as_ref().map_or_else(String::new, |cpu| format!(", {cpu}"));
            format!("{} {}, {}{cpu}", report.os, report.arch, text::plural(report.cores as u64, "core"))
        };
        let pair = |what: &str, old: &str, new: &str| (old != new).then(|| format!("{what}: {old}, now {new}"));
        let mut lines: Vec<String> = [
            pair("Another machine", &machine(old), &machine(new)).map(|line| line + "; only the ratios are comparable"),
            pair("Another version", &old.version, &new.version),
            pair("Different numbers of records", &text::count(old.records), &text::count(new.records)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if old.repeats.min(new.repeats) < 2 {
            lines.push("Measured only once, so a change can't be told from chance.".to_owned());
        }
        let pairs = self.pairs().len();
        let missing = [(self.old.results.len() - pairs, self.name), (self.new.results.len() - pairs, "the new report")];
        for (count, name) in missing.into_iter().filter(|(count, _)| *count > 0) {
            lines.push(format!("Only in {name}: {}", text::plural(count as u64, "measurement")));
        }
        lines
    }

    fn row(f: &mut Formatter<'_>, new: &Row, old: &Row) -> fmt::Result {
        let (absolute, ratio) = Self::changes(new, old);
        let rate = |row: &Row| short(row, row.measured.figure().median);
        write!(f, "  {:<NAME$}{:>8}{:>8}", text::shortened(&new.name, NAME), rate(old), rate(new))?;
        absolute.write(f)?;
        if let Some(change) = ratio {
            // The ideal ratio is of no interest here.
            let short = |row: &Row| ratio_of(row).split(" of").next().unwrap_or_default().to_owned();
            write!(f, "{:>9}{:>8}", short(old), short(new))?;
            change.write(f)?;
        }
        writeln!(f)
    }

    fn verdict(&self) -> String {
        let changes: Vec<_> = self.pairs().into_iter().map(|(new, old)| Self::changes(new, old)).collect();
        let figures = changes.iter().filter(|(absolute, _)| !absolute.is_noise).count();
        let ratios = changes.iter().filter(|(_, ratio)| ratio.is_some_and(|ratio| !ratio.is_noise)).count();
        let all = changes.iter().filter(|(_, ratio)| ratio.is_some()).count();
        match (changes.len(), figures + ratios) {
            (0, _) => "The reports have no measurements in common.".to_owned(),
            (_, 0) => "No change is larger than the spread of the rounds.".to_owned(),
            (count, _) => format!(
                "Changed by more than the spread of the rounds: {figures} of {count} figures, {ratios} of {all} ratios."
            ),
        }
    }
}

impl Display for Comparison<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n  {HEADING}Compared with {}{HEADING:#}", self.name)?;
        for line in self.differences() {
            writeln!(f, "  {line}")?;
        }
        let pairs = self.pairs();
        for group in
            pairs.chunk_by(|(one, _), (other, _)| (&one.scenario, &one.group) == (&other.scenario, &other.group))
        {
            let title = group.first().map_or_else(String::new, |(row, _)| format!("{}, {}", row.scenario, row.group));
            let title = text::shortened(&title, NAME);
            let has_ratio = group.iter().any(|(new, old)| Self::changes(new, old).1.is_some());
            let heading = format!("{:>8}{:>8}{:>10} ", "old", "new", "change");
            let more = if has_ratio { format!("{:>9}{:>8}{:>10}", "ratio", "new", "change") } else { String::new() };
            writeln!(f, "\n  {HEADING}{title:<NAME$}{HEADING:#}{DIM}{heading}{more}{DIM:#}")?;
            for (new, old) in group {
                Self::row(f, new, old)?;
            }
        }
        writeln!(f, "\n  {}", self.verdict())?;
        if pairs.is_empty() {
            return Ok(());
        }
        writeln!(f, "  {DIM}≈ is smaller than that: noise.{DIM:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(rounds: [f64; 3]) -> Figure {
        Figure::of(rounds.into())
    }

    #[test]
    fn what_is_smaller_than_the_spread_is_noise() {
        let change = |old, new| Change::between(&figure(old), &figure(new), true);
        let old = [9.0, 10.0, 11.0];
        assert_eq!(change(old, old), Change { share: 0.0, is_noise: true, is_better: false });
        assert!(change(old, [11.5, 11.5, 11.5]).is_noise);
        let faster = change(old, [14.0, 15.0, 15.5]);
        assert_eq!(faster, Change { share: 0.5, is_noise: false, is_better: true });
        assert!(!Change::between(&figure(old), &figure([19.0, 20.0, 21.0]), false).is_better);
    }
}
