//! `clearpipe lesson list`.

use super::json;
use super::lesson::Lesson;
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
