//! A mapping to try where a table lacks columns for required fields: the guess that the page shows in its form.

use clearpipe_codec::{FileStart, InputOptions, Mapping, MappingEntry, Origin, Reading};
use clearpipe_core::config::Config;
use clearpipe_io::input;
use clearpipe_io::text;
use clearpipe_model::field::Field;
use clearpipe_model::hint::Hint;
use clearpipe_model::problem::Problem;
use std::path::Path;

/// How much of a file is read: more than the largest block of bzip2, so that there is something to unpack.
const MAX_READ: u64 = 1 << 20;

/// How much of it is looked at, unpacked. The page looks at as much.
const MAX_INSPECTED: usize = 64 << 10;

/// Returns a mapping with which the table can be read, guessed from the beginning of the file, if the problems are that
/// columns are missing. The guess takes the place of the problem that puts the hints together, which is taken out, and
/// the other hints agree with it from then on.
///
/// `problems` are those of the only input. If the user has mapped fields already, a guess might contradict that.
pub fn take_over(problems: &mut Vec<Problem>, name: &Path, config: &Config) -> Option<Mapping> {
    if !config.input.map.is_empty() {
        return None;
    }
    // The fields that are missing, and the columns that the hints name for them, as a person would type them.
    let missing: Vec<(Field, Option<&String>)> = problems
        .iter()
        .filter_map(|problem| match problem.hint()? {
            Hint::ChooseColumn { field, suggestion } => Some((*field, suggestion.as_ref())),
            Hint::MapField { field: field @ Field::Id, column } => Some((*field, Some(column))),
            _ => None,
        })
        .collect();
    if missing.is_empty() {
        return None;
    }
    let map = guess(&missing, name, config)?;
    let is_hinted = |(field, column): &(Field, Option<&String>)| match map.get(*field) {
        Some(Origin::Column(guessed)) => Some(guessed) == *column,
        _ => false,
    };
    // The hints say it already.
    if missing.iter().all(is_hinted) {
        return None;
    }
    problems.retain(|problem| !matches!(problem.hint(), Some(Hint::MapFields { .. })));
    // The hints know only the names. They must not contradict what the values show.
    for problem in problems {
        if let Problem::Input { hint: Some(Hint::ChooseColumn { field, suggestion }), .. } = problem {
            *suggestion = match map.get(*field) {
                Some(Origin::Column(column)) => Some(column.clone()),
                _ => None,
            };
        }
    }
    Some(map)
}

/// Guesses where the missing fields come from. `None` if that isn't known of all of them.
fn guess(missing: &[(Field, Option<&String>)], name: &Path, config: &Config) -> Option<Mapping> {
    // The problems are reported in any case; without the file there is just no guess.
    let (bytes, is_whole) = input::beginning(name, MAX_READ).ok()??;
    let file_name = name.file_name().unwrap_or_default().to_string_lossy();
    let InputOptions { format, encoding, delimiter, .. } = config.input;
    let reading = Reading { name: &file_name, format, encoding, delimiter };
    let start = FileStart::new(&bytes, is_whole, MAX_INSPECTED, reading).ok()?;
    let table = start.table.as_ref()?;
    let mut map = Mapping::default();
    for &(field, column) in missing {
        let guessed = table.guess.iter().find(|guessed| guessed.field == field).map(|guessed| guessed.origin.clone());
        let origin = match (guessed, column) {
            // A column whose name can only be typed in another way, as the hint does. The guess doesn't know these.
            (None | Some(Origin::Constant(_)), Some(column)) if !table.header.contains(column) => {
                Origin::Column(column.clone())
            }
            (guessed, _) => guessed?,
        };
        map.add(MappingEntry { field, origin }).ok()?;
    }
    // What can't be shown as it is can't be typed either.
    let can_be_typed = map.iter().all(|(_, origin)| {
        let origin = origin.to_string();
        text::visible(&origin) == origin
    });
    let options = InputOptions { map, ..config.input.clone() };
    (can_be_typed && start.fits(&options, &config.validator.required)).then_some(options.map)
}
