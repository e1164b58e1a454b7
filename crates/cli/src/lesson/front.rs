//! What files of lessons and levels have in common: settings between two lines `---`, and sections of text below.

use super::fields::Table;
use super::problems::{Problems, instead};
use super::text::{self, Block, Inline};
use crate::settings::MAX_FILE_BYTES;
use crate::settings::tree::{Node, Origin};
use crate::settings::yaml;
use std::path::Path;

/// A file as far as it is the same for lessons and levels.
pub struct Front<'a> {
    /// The name of the file, as people see it.
    pub file: &'a str,
    /// The number at the beginning of its name.
    pub number: Option<u32>,
    /// The settings.
    pub tree: Node,
    /// All of its text.
    text: &'a str,
    /// Where the text below the settings begins.
    body: usize,
}

/// Reads the text of a file.
///
/// # Errors
/// Why it can't be read.
pub fn read(path: &Path) -> Result<String, String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err("too large for a lesson; the limit is 128 KiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned())
}

/// The keys of what is to be done in a level, of which it has one.
pub const TASKS: [&str; 3] = ["play", "predict", "break"];

/// Returns whether the text of a file is that of a level rather than of a lesson.
pub fn is_level(text: &str) -> bool {
    let front = Front::of("", "", text, &mut Problems::of(""));
    front.is_some_and(|front| TASKS.iter().any(|task| front.tree.find(task).is_some()))
}

impl<'a> Front<'a> {
    /// Where the settings begin.
    pub const START: Origin = Origin::File { line: 2, column: 1 };

    /// Reads the text of a file up to its settings. `short` is its name without its folder.
    pub fn of(file: &'a str, short: &str, text: &'a str, problems: &mut Problems) -> Option<Front<'a>> {
        let text = text.trim_start_matches('\u{feff}');
        let Some((front_matter, body)) = parts(text) else {
            problems.add(&Origin::START, "a lesson begins with settings between two lines `---`");
            return None;
        };
        // In place of the line above it, so that lines are those of the file.
        match yaml::parse(&format!("\n{front_matter}")) {
            Ok(tree) => Some(Front { file, number: number_of(short), tree, text, body }),
            Err(error) => {
                problems.add(error.origin(), error.message());
                None
            }
        }
    }

    /// Reads the sections with these headings, which must all be there, in this order.
    pub fn sections<const N: usize>(&self, headings: [&str; N], problems: &mut Problems) -> Option<[Vec<Block>; N]> {
        let Front { text: file, body, .. } = *self;
        let mut found = Vec::new();
        let sections = text::sections(&file[body..], &mut found);
        for (at, problem) in found {
            problems.add(&Origin::in_text(file, body + at), problem);
        }
        let mut by_heading: [Option<Vec<Block>>; N] = [const { None }; N];
        let mut last = 0;
        for section in sections {
            let origin = Origin::in_text(file, body + section.at);
            let heading = &section.heading;
            let Some(index) = headings.iter().position(|known| known == heading) else {
                problems.add(
                    &origin,
                    format!("there is no section `{heading}`; {}", instead(heading, &headings, "sections")),
                );
                continue;
            };
            if by_heading[index].is_some() {
                problems.add(&origin, format!("the section `{heading}` is there twice"));
                continue;
            }
            if index < last {
                problems.add(&origin, format!("the section `{heading}` must come before `{}`", headings[last]));
            }
            if section.blocks.is_empty() {
                problems.add(&origin, format!("the section `{heading}` is empty"));
            }
            last = last.max(index);
            by_heading[index] = Some(section.blocks);
        }
        let end = Origin::in_text(file, file.trim_end().len());
        for (heading, section) in headings.iter().zip(&by_heading) {
            if section.is_none() {
                problems.add(&end, format!("the section `## {heading}` is missing"));
            }
        }
        let found: Vec<Vec<Block>> = by_heading.into_iter().collect::<Option<_>>()?;
        found.try_into().ok()
    }

    /// Where the text below the settings begins.
    pub fn body(&self) -> Origin {
        Origin::in_text(self.text, self.body)
    }
}

/// Returns the text between the lines `---`, and the position of the text behind them.
fn parts(text: &str) -> Option<(&str, usize)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == "---")?;
    let mut at = first.len();
    for line in lines {
        if line.trim_end() == "---" {
            return Some((&text[first.len()..at], at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Returns the number at the beginning of the name of a file.
fn number_of(short: &str) -> Option<u32> {
    short.split_once('-')?.0.parse().ok()
}

/// Returns whether a text is a name of lowercase letters, digits and hyphens.
fn is_name(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.chars().all(is_letter)
}

/// Reads the id, and where it is written.
pub fn id<'a>(table: &Table<'a>, problems: &mut Problems) -> Option<(String, &'a Origin)> {
    let (id, origin) = table.text("id", problems)?;
    if !is_name(&id) {
        problems.add(
            origin,
            format!("`id` is {id:?}; it must have lowercase letters, digits and hyphens, and begin with a letter"),
        );
    }
    Some((id, origin))
}

/// Reads a text that must be there, and reports what is wrong with it.
pub fn parsed<T>(
    table: &Table<'_>,
    key: &str,
    problems: &mut Problems,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let (text, origin) = table.text(key, problems)?;
    read(&text).map_err(|problem| problems.add(origin, format!("`{key}`: {problem}"))).ok()
}

/// Reads a text of one paragraph that must be there.
pub fn paragraph(table: &Table<'_>, key: &str, problems: &mut Problems) -> Option<Vec<Inline>> {
    parsed(table, key, problems, text::paragraph)
}
