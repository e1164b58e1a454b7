//! `clearpipe lesson list`.

use super::json;
use super::lesson::Lesson;
use super::levels::Level;
use crate::console::print;
use crate::failure::Failure;
use anstyle::Style;
use anyhow::Context;

/// Headings.
const HEADING: Style = Style::new().bold();
/// Details.
const DIM: Style = Style::new().dimmed();

/// Lists lessons. Returns the exit status.
pub fn run(lessons: &[Lesson], as_json: bool) -> Result<u8, Failure> {
    let printed = match as_json {
        true => serde_json::to_string_pretty(&json::of(lessons)).context("the lessons can't be written")? + "\n",
        false => table(lessons),
    };
    print(&printed, false)?;
    Ok(0)
}

/// Lists levels. Returns the exit status.
pub fn levels(levels: &[Level], as_json: bool) -> Result<u8, Failure> {
    let printed = match as_json {
        true => {
            serde_json::to_string_pretty(&super::levels::json::of(levels)).context("the levels can't be written")?
                + "\n"
        }
        false => table_of_levels(levels),
    };
    print(&printed, false)?;
    Ok(0)
}

/// The levels, kind by kind.
fn table_of_levels(levels: &[Level]) -> String {
    let width = levels.iter().map(|level| level.id.len()).max().unwrap_or(0);
    let mut table = String::new();
    for (kind, heading) in
        [("play", "Be the scheduler"), ("predict", "Predict the interleaving"), ("break", "Break it")]
    {
        let gap = if table.is_empty() { "" } else { "\n" };
        table += &format!("{gap}{HEADING}{heading}{HEADING:#}\n");
        for level in levels.iter().filter(|level| level.task.kind() == kind) {
            let number = level.number.map(|number| number.to_string()).unwrap_or_default();
            let title = clearpipe_io::text::visible(&level.title);
            table += &format!("  {number:>2}  {:<width$}  {title}\n", level.id);
        }
    }
    table + &format!("\n{}. They are played on the page.\n", clearpipe_io::text::plural(levels.len() as u64, "level"))
}

/// The lessons, part by part.
fn table(lessons: &[Lesson]) -> String {
    let width = lessons.iter().map(|lesson| lesson.id.len()).max().unwrap_or(0);
    let (mut table, mut part) = (String::new(), None);
    for lesson in lessons {
        if part != Some(&lesson.part) {
            let gap = if part.is_some() { "\n" } else { "" };
            table += &format!("{gap}{HEADING}{}{HEADING:#}\n", clearpipe_io::text::visible(&lesson.part));
            part = Some(&lesson.part);
        }
        let Lesson { id, minutes, title, .. } = lesson;
        let title = clearpipe_io::text::visible(title);
        table += &format!("  {:>2}  {id:<width$}  {DIM}{minutes:>2} min{DIM:#}  {title}\n", lesson.number());
    }
    let minutes: u64 = lessons.iter().map(|lesson| u64::from(lesson.minutes)).sum();
    let (lessons, time) = (clearpipe_io::text::plural(lessons.len() as u64, "lesson"), minutes);
    table + &format!("\n{lessons}, {time} minutes. Take one with: clearpipe lesson run ID\n")
}
