//! `clearpipe lesson`: lists, takes and checks the lessons. `docs/lessons.md` says what they are and how they are written.
//!
//! | module | about |
//! |---|---|
//! | `built_in` | the lessons that are part of the command |
//! | `lesson` | what a lesson is |
//! | `file`, `challenge` | from a file to a lesson, with all problems |
//! | `front` | what files of lessons and levels have in common |
//! | `levels` | the levels of the scheduler game |
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
mod front;
mod json;
// The topic of the folder, and a type of its own.
#[allow(clippy::module_inception)]
mod lesson;
mod levels;
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
use levels::Level;
use std::path::{Path, PathBuf};

/// Does what a command says. Returns the exit status.
pub fn run(command: &LessonCommand, global: &Global) -> Result<u8, Failure> {
    match command {
        LessonCommand::List { levels: true, json } => list::levels(&all_levels()?, *json),
        LessonCommand::List { json, .. } => list::run(&all()?, *json),
        LessonCommand::Run(args) => take::run(args, &named(&args.lesson)?),
        LessonCommand::Check(args) => {
            let (lessons, levels) =
                if args.files.is_empty() { (all()?, all_levels()?) } else { of_files(&args.files)? };
            check::run(&lessons, &levels, args, global)
        }
    }
}

/// Returns the lessons that are part of the command.
fn all() -> Result<Vec<Lesson>, Failure> {
    let lessons = built_in::lessons().map_err(|problems| problems::failure(&problems))?;
    together(&lessons, &[]).map_err(|problems| problems::failure(&problems))?;
    Ok(lessons)
}

/// Returns the levels that are part of the command.
fn all_levels() -> Result<Vec<Level>, Failure> {
    let levels = built_in::levels().map_err(|problems| problems::failure(&problems))?;
    distinct(&levels).map_err(|problems| problems::failure(&problems))?;
    Ok(levels)
}

/// Returns the lessons and levels of files.
fn of_files(files: &[PathBuf]) -> Result<(Vec<Lesson>, Vec<Level>), Failure> {
    let (mut lessons, mut levels) = (Vec::new(), Vec::new());
    let read = all_or_problems(files.iter().map(|path| open(path))).map_err(|problems| problems::failure(&problems))?;
    for file in read {
        match file {
            Opened::Lesson(lesson) => lessons.push(*lesson),
            Opened::Level(level) => levels.push(*level),
        }
    }
    // They may build on lessons of the command. If those are wrong, `needs` can't be checked, and their own test fails.
    let of_lessons = built_in::lessons().map_or(Ok(()), |others| together(&lessons, &others));
    let problems: Vec<String> = [of_lessons, distinct(&levels)].into_iter().filter_map(Result::err).flatten().collect();
    if problems.is_empty() { Ok((lessons, levels)) } else { Err(problems::failure(&problems)) }
}

/// What is in a file.
enum Opened {
    Lesson(Box<Lesson>),
    Level(Box<Level>),
}

/// Reads a file.
///
/// # Errors
/// All problems, one line each.
fn open(path: &Path) -> Result<Opened, Vec<String>> {
    let name = clearpipe_io::text::name(path);
    let text = front::read(path).map_err(|problem| vec![format!("{name}: {problem}")])?;
    let short = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if front::is_level(&text) {
        levels::file::parse(&name, &short, &text).map(|level| Opened::Level(Box::new(level)))
    } else {
        file::parse(&name, &short, &text).map(|lesson| Opened::Lesson(Box::new(lesson)))
    }
}

/// Returns the lesson with this id, or of this file.
fn named(name: &str) -> Result<Lesson, Failure> {
    let path = Path::new(name);
    if (path.extension().is_some_and(|extension| extension == "md") || path.components().count() > 1)
        && let Some(lesson) = of_files(&[path.to_owned()])?.0.pop()
    {
        return Ok(lesson);
    }
    let lessons = all()?;
    let ids: Vec<&str> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
    let meant = problems::most_alike(name, &ids).map(|id| format!("did you mean `{id}`? ")).unwrap_or_default();
    if all_levels()?.iter().any(|level| level.id == name) {
        let problem = format!("`{name}` is a level of the scheduler game, which is played on the page");
        return Err(SettingsError::of(vec![problem]).into());
    }
    let name = clearpipe_io::text::visible(name);
    let problem = format!("there is no lesson `{name}`; {meant}`clearpipe lesson list` names them all");
    let found = lessons.into_iter().find(|lesson| lesson.id == name || lesson.number() == name);
    found.ok_or_else(|| SettingsError::of(vec![problem]).into())
}

/// Returns all lessons or levels, or the problems of all.
fn all_or_problems<T>(lessons: impl Iterator<Item = Result<T, Vec<String>>>) -> Result<Vec<T>, Vec<String>> {
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

/// Checks that no two levels have the same id or number.
///
/// # Errors
/// All problems, one line each.
fn distinct(levels: &[Level]) -> Result<(), Vec<String>> {
    let mut lines = Vec::new();
    for (index, level) in levels.iter().enumerate() {
        let mut problems = problems::Problems::of(&level.file);
        for other in &levels[..index] {
            if other.id == level.id {
                problems.add(&level.id_origin, format!("{} has the id `{}` as well", other.file, level.id));
            }
            if let Some(number) = level.number.filter(|number| other.number == Some(*number)) {
                problems.add(&level.id_origin, format!("{} has the number {number} as well", other.file));
            }
        }
        lines.extend(problems.into_lines());
    }
    if lines.is_empty() { Ok(()) } else { Err(lines) }
}
