//! `clearpipe lesson`: lists, takes and checks the lessons. `docs/lessons.md` says what they are and how they are written.
//!
//! | module | about |
//! |---|---|
//! | `built_in` | the lessons that are part of the command |
//! | `lesson` | what a lesson is |
//! | `file`, `challenge` | from a file to a lesson, with all problems |
//! | `fields`, `problems` | tables of a file, and what is wrong with them |
//! | `setups` | the settings of a lesson's runs |
//! | `values`, `measures` | what lessons say about measuring: `1 ± 2%`, `rate(after) / rate(before)` |
//! | `text` | the part of Markdown that lessons use |
//! | `measured` | runs, and what they measured |
//! | `runs` | the runs of a lesson, each made once |
//! | `list`, `json` | `clearpipe lesson list`, for people and for the page |
//! | `check`, `search` | `clearpipe lesson check`, and its search for a better solution |
//! | `take` | `clearpipe lesson run` |
//! | `shown`, `paper` | values and texts for people |

mod built_in;
mod challenge;
mod check;
mod fields;
mod file;
mod json;
// The topic of the folder, and a type of its own.
#[allow(clippy::module_inception)]
mod lesson;
mod list;
mod measured;
mod measures;
mod paper;
mod problems;
mod runs;
mod search;
mod setups;
mod shown;
mod take;
mod text;
mod values;

use crate::args::{Global, LessonCommand};
use crate::failure::Failure;
use crate::settings::SettingsError;
use lesson::Lesson;
use std::path::{Path, PathBuf};

/// Does what a command says. Returns the exit status.
pub fn run(command: &LessonCommand, global: &Global) -> Result<u8, Failure> {
    match command {
        LessonCommand::List { json } => list::run(&all()?, *json),
        LessonCommand::Run(args) => take::run(args, &named(&args.lesson)?),
        LessonCommand::Check(args) => {
            let lessons = if args.files.is_empty() { all()? } else { of_files(&args.files)? };
            check::run(&lessons, args, global)
        }
    }
}

/// Returns the lessons that are part of the command.
fn all() -> Result<Vec<Lesson>, Failure> {
    let lessons = built_in::lessons().map_err(|problems| problems::failure(&problems))?;
    together(&lessons, &[]).map_err(|problems| problems::failure(&problems))?;
    Ok(lessons)
}

/// Returns the lessons of files.
fn of_files(files: &[PathBuf]) -> Result<Vec<Lesson>, Failure> {
    let lessons =
        all_or_problems(files.iter().map(|path| file::open(path))).map_err(|problems| problems::failure(&problems))?;
    // They may build on lessons of the command. If those are wrong, `needs` can't be checked, and their own test fails.
    if let Ok(others) = built_in::lessons() {
        together(&lessons, &others).map_err(|problems| problems::failure(&problems))?;
    }
    Ok(lessons)
}

/// Returns the lesson with this id, or of this file.
fn named(name: &str) -> Result<Lesson, Failure> {
    let path = Path::new(name);
    if (path.extension().is_some_and(|extension| extension == "md") || path.components().count() > 1)
        && let Some(lesson) = of_files(&[path.to_owned()])?.pop()
    {
        return Ok(lesson);
    }
    let lessons = all()?;
    let ids: Vec<&str> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
    let meant = problems::most_alike(name, &ids).map(|id| format!("did you mean `{id}`? ")).unwrap_or_default();
    let name = clearpipe_io::text::visible(name);
    let problem = format!("there is no lesson `{name}`; {meant}`clearpipe lesson list` names them all");
    let found = lessons.into_iter().find(|lesson| lesson.id == name || lesson.number() == name);
    found.ok_or_else(|| SettingsError::of(vec![problem]).into())
}

/// Returns all lessons, or the problems of all.
fn all_or_problems(lessons: impl Iterator<Item = Result<Lesson, Vec<String>>>) -> Result<Vec<Lesson>, Vec<String>> {
    let (mut right, mut problems) = (Vec::new(), Vec::new());
    for lesson in lessons {
        match lesson {
            Ok(lesson) => right.push(lesson),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(right) } else { Err(problems) }
}

/// Checks that lessons fit together: no two have the same id or number, and what each builds on comes earlier. `others`
/// may be among what they build on.
///
/// # Errors
/// All problems, one line each.
fn together(lessons: &[Lesson], others: &[Lesson]) -> Result<(), Vec<String>> {
    let mut lines = Vec::new();
    for (index, lesson) in lessons.iter().enumerate() {
        let mut problems = problems::Problems::of(&lesson.file);
        for other in &lessons[..index] {
            if other.id == lesson.id {
                problems.add(&lesson.id_origin, format!("{} has the id `{}` as well", other.file, lesson.id));
            }
            if let Some(number) = lesson.number.filter(|number| other.number == Some(*number)) {
                problems.add(&lesson.id_origin, format!("{} has the number {number} as well", other.file));
            }
        }
        let of_command = others.iter().filter(|other| !lessons.iter().any(|lesson| lesson.id == other.id));
        let known: Vec<&Lesson> = lessons.iter().chain(of_command).collect();
        for (id, origin) in &lesson.needs {
            let ids: Vec<&str> = known.iter().map(|lesson| lesson.id.as_str()).collect();
            match known.iter().find(|lesson| lesson.id == *id) {
                None => problems
                    .add(origin, format!("there is no lesson `{id}`; {}", problems::instead(id, &ids, "lessons"))),
                Some(needed) => {
                    let position = |lesson: &Lesson| lesson.number.unwrap_or(u32::MAX);
                    let is_earlier =
                        position(needed) < position(lesson) || lesson.number.is_none() && needed.id != lesson.id;
                    if !is_earlier {
                        problems.add(origin, format!("`{id}` doesn't come earlier"));
                    }
                }
            }
        }
        lines.extend(problems.into_lines());
    }
    if lines.is_empty() { Ok(()) } else { Err(lines) }
}
