//! The lessons and levels that are part of the command.

use super::file;
use super::lesson::Lesson;
use super::levels::{self, Level};

/// Embeds files of a folder: their names and texts.
macro_rules! files {
    (in $folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../", $folder, $name)))),*]
    };
}

/// The files, in the order of the curriculum. A new lesson is a line here.
const FILES: &[(&str, &str)] = files! { in "lessons/":
    "01-channel.md"
    "02-pipeline.md"
    "03-bottleneck.md"
    "04-backpressure.md"
    "05-bursts.md"
    "06-variation.md"
    "07-in-flight.md"
    "08-waiting-or-computing.md"
    "09-thousand-tasks.md"
    "10-more-workers-than-cores.md"
    "11-serial-part.md"
    "12-littles-law.md"
    "13-hockey-stick.md"
    "14-coordinated-omission.md"
    "15-slowest-consumer.md"
    "16-order.md"
    "17-batching.md"
    "18-draining.md"
    "19-errors.md"
    "20-schedules.md"
    "21-overload.md"
    "22-queues.md"
    "23-lock.md"
    "24-retry-storm.md"
};

/// The files of the levels, in their order. A new level is a line here.
const LEVELS: &[(&str, &str)] = files! { in "lessons/levels/":
    "01-block.md"
    "02-fill.md"
    "03-both.md"
    "04-end.md"
    "05-stuck.md"
    "06-overtake.md"
    "07-alone.md"
    "08-reverse.md"
    "09-in-order.md"
    "10-waiting.md"
    "11-two-in-hand.md"
    "12-order-on.md"
    "13-one-ahead.md"
    "14-two-ahead.md"
    "21-four-before-one.md"
    "22-five-before-zero.md"
};

/// Returns all levels.
///
/// # Errors
/// All problems, one line each.
pub fn levels() -> Result<Vec<Level>, Vec<String>> {
    let levels = LEVELS.iter().map(|(name, text)| levels::file::parse(&format!("lessons/levels/{name}"), name, text));
    super::all_or_problems(levels)
}

/// Returns all lessons.
///
/// # Errors
/// All problems, one line each.
pub fn lessons() -> Result<Vec<Lesson>, Vec<String>> {
    super::all_or_problems(FILES.iter().map(|(name, text)| file::parse(&format!("lessons/{name}"), name, text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_is_embedded_in_order() {
        for (folder, files) in [("lessons", FILES), ("lessons/levels", LEVELS)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
            let names = entries.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".md"));
            let mut names: Vec<String> = names.filter(|name| name != "README.md").collect();
            names.sort();
            let embedded: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
            assert_eq!(embedded, names, "name each file in built_in.rs");
        }
        assert!(lessons().unwrap().iter().all(|lesson| lesson.number.is_some()));
        assert!(levels().unwrap().iter().all(|level| level.number.is_some()));
    }

    #[test]
    fn all_of_them_are_right() {
        if let Err(problems) = lessons().and_then(|lessons| super::super::together(&lessons, &[])) {
            panic!("{}", problems.join("\n"));
        }
        if let Err(problems) = levels().and_then(|levels| super::super::distinct(&levels)) {
            panic!("{}", problems.join("\n"));
        }
    }
}
