//! What a user can do about a problem of an input, in terms of the command: flags, and commands that work as they are
//! printed.

use crate::shell::{TableInput, quoted, table_format};
use clearpipe_codec::{InputOptions, Mapping, MappingEntry, Origin};
use clearpipe_model::field::Field;
use clearpipe_model::hint::{Hint, LikelyEncoding};
use clearpipe_model::problem::Problem;

/// An input that has a problem.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Its name on the command line, if that is known.
    pub name: Option<&'a str>,
    /// Its options, from the flags and the configuration file.
    pub options: &'a InputOptions,
}

/// Returns the text of a problem, with its hint.
pub fn sentence(problem: &Problem, input: Input<'_>) -> String {
    let Some(hint) = problem.hint() else { return problem.to_string() };
    let input = Input { name: input.name.filter(|name| *name != "-"), ..input };
    format!("{problem}; {}", phrase(hint, input))
}

/// Phrases a hint. It follows the text of the problem, after a semicolon.
fn phrase(hint: &Hint, input: Input<'_>) -> String {
    let table = |form| TableInput { name: input.name, form, options: input.options };
    match hint {
        Hint::MapField { field: Field::Id, column } => {
            let only = "Only a table without such a column has its rows numbered";
            format!("did you mean {}? {only}", map(Field::Id, column))
        }
        Hint::MapField { field, column } => format!("did you mean {}?", map(*field, column)),
        Hint::ChooseColumn { field, suggestion } => {
            let suggested = suggestion.as_ref().map(|column| format!("did you mean {}? If not, ", map(*field, column)));
            let constant = match field {
                Field::Value => String::new(),
                field => format!(", or give all records the same with --map {field}=\"'TEXT'\""),
            };
            format!("{}name one with --map {field}=COLUMN{constant}", suggested.unwrap_or_default())
        }
        Hint::MapFields { columns } => {
            let flags: Vec<String> = columns.iter().map(|found| map(found.field, &found.column)).collect();
            format!("if these are right, all of them: {}", flags.join(" "))
        }
        Hint::KeepColumn { column } => {
            format!(
                "rename the column in the header, or map a field to it (--map {})",
                quoted(&format!("FIELD={column}"))
            )
        }
        Hint::RenameColumns => "rename all but one".to_owned(),
        Hint::ReadAsJson => "if it is, use --format jsonl".to_owned(),
        Hint::ReadAsTable { delimiter } => format!("if it is one, use {}", table_format(*delimiter)),
        Hint::SetDelimiter { delimiter: '\t' } => "if tabs separate its cells, use --format tsv".to_owned(),
        Hint::SetDelimiter { delimiter } => {
            format!("if '{delimiter}' separates its cells, use --delimiter {}", quoted(&delimiter.to_string()))
        }
        Hint::SetEncoding { encoding } => {
            let which = match encoding {
                LikelyEncoding::Utf16Le | LikelyEncoding::Utf16Be => "UTF-16",
                LikelyEncoding::Windows1252 => "Windows-1252 or Latin-1",
            };
            format!("if the input is {which}, use --encoding {}", encoding.as_str())
        }
        Hint::RaiseMaxLine => "for a higher limit, use --max-line BYTES".to_owned(),
        Hint::UnifyLineEnds => r"make them all end with a line feed (tr '\r' '\n')".to_owned(),
        Hint::SkipLines { lines, table: form } => {
            let them = if *lines == 1 { "it" } else { "them" };
            format!("leave {them} out: {}", table(form).without(*lines))
        }
        Hint::AddHeader { table: form } => {
            let fields = Field::ALL.map(Field::as_str);
            format!("if its columns are these, put one before it: {}", table(form).with_header(&fields))
        }
        Hint::NameColumns { count } => format!("put a line with the names of its {count} columns before it"),
        Hint::Convert => "convert it to CSV or JSON Lines first".to_owned(),
        Hint::SaveAsCsv => "save the sheet as CSV first".to_owned(),
        Hint::ExportTable => "export a table as CSV first".to_owned(),
        Hint::SaveAsText => "save it as plain text first".to_owned(),
        Hint::ConvertToUtf8 => "convert it to UTF-8 first".to_owned(),
        Hint::Unpack => "unpack it first".to_owned(),
    }
}

/// Returns the flag that maps a field to a column.
fn map(field: Field, column: &str) -> String {
    format!("--map {}", quoted(&format!("{field}={column}")))
}

/// Returns a guessed mapping as flags to try, after the constants that it sets: these aren't data of the file.
pub fn suggestion(mapping: &Mapping) -> String {
    let entries = || mapping.iter().map(|(field, origin)| MappingEntry { field, origin: origin.clone() });
    let flags: Vec<String> = entries().map(|entry| format!("--map {}", quoted(&entry.to_string()))).collect();
    let constants: Vec<String> = entries()
        .filter_map(|MappingEntry { field, origin }| match origin {
            Origin::Constant(text) => Some(format!("`{field}` to '{text}'")),
            Origin::Column(_) => None,
        })
        .collect();
    let guess = match constants.split_last() {
        None => "a guess".to_owned(),
        Some((last, [])) => format!("a guess that sets {last} in all records"),
        Some((last, others)) => format!("a guess that sets {} and {last} in all records", others.join(", ")),
    };
    format!("{guess}; try: {}", flags.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_model::hint::{FieldColumn, TableForm};

    fn phrased(hint: Hint) -> String {
        phrase(&hint, Input { name: Some("x.csv"), options: &InputOptions::default() })
    }

    #[test]
    fn columns_are_named_with_flags() {
        let map_field = |field, column: &str| phrased(Hint::MapField { field, column: column.to_owned() });
        assert_eq!(map_field(Field::Value, "temp_max"), "did you mean --map value=temp_max?");
        assert_eq!(map_field(Field::Location, "Water flow [l/s]"), "did you mean --map \"location=Water flow [l/s]\"?");
        assert_eq!(map_field(Field::Value, "value $'"), r"did you mean --map 'value=value $'\'''?");
        assert_eq!(
            map_field(Field::Id, "ID"),
            "did you mean --map id=ID? Only a table without such a column has its rows numbered"
        );
        let choose = |field, suggestion: Option<&str>| {
            phrased(Hint::ChooseColumn { field, suggestion: suggestion.map(str::to_owned) })
        };
        assert_eq!(choose(Field::Value, None), "name one with --map value=COLUMN");
        assert_eq!(
            choose(Field::Timestamp, Some("date")),
            "did you mean --map timestamp=date? If not, name one with --map timestamp=COLUMN, or give all records the \
             same with --map timestamp=\"'TEXT'\""
        );
        let columns = [(Field::Id, "ID"), (Field::Location, "Location Name")]
            .map(|(field, column)| FieldColumn { field, column: column.to_owned() })
            .into();
        assert_eq!(
            phrased(Hint::MapFields { columns }),
            "if these are right, all of them: --map id=ID --map \"location=Location Name\""
        );
        assert_eq!(
            phrased(Hint::KeepColumn { column: "value".to_owned() }),
            "rename the column in the header, or map a field to it (--map FIELD=value)"
        );
    }

    #[test]
    fn a_guess_says_what_it_makes_up() {
        let said = |entries: &[&str]| {
            let mut mapping = Mapping::default();
            entries.iter().for_each(|entry| mapping.add(entry.parse().unwrap()).unwrap());
            suggestion(&mapping)
        };
        assert_eq!(said(&["value=Flow [l/s]"]), "a guess; try: --map \"value=Flow [l/s]\"");
        assert_eq!(
            said(&["value=a$b", "unit='unknown'"]),
            "a guess that sets `unit` to 'unknown' in all records; try: --map 'value=a$b' --map \"unit='unknown'\""
        );
        assert_eq!(
            said(&["sensor_id='s'", "unit='u'", "location='l'"]),
            "a guess that sets `sensor_id` to 's', `unit` to 'u' and `location` to 'l' in all records; try: --map \
             \"sensor_id='s'\" --map \"unit='u'\" --map \"location='l'\""
        );
    }

    #[test]
    fn settings_are_named_with_flags() {
        for (hint, words) in [
            (Hint::ReadAsJson, "if it is, use --format jsonl"),
            (Hint::ReadAsTable { delimiter: ',' }, "if it is one, use --format csv"),
            (Hint::ReadAsTable { delimiter: '\t' }, "if it is one, use --format tsv"),
            (Hint::ReadAsTable { delimiter: '|' }, "if it is one, use --format csv --delimiter \"|\""),
            (Hint::SetDelimiter { delimiter: ';' }, "if ';' separates its cells, use --delimiter \";\""),
            (Hint::SetDelimiter { delimiter: '\t' }, "if tabs separate its cells, use --format tsv"),
            (
                Hint::SetEncoding { encoding: LikelyEncoding::Windows1252 },
                "if the input is Windows-1252 or Latin-1, use --encoding windows-1252",
            ),
            (
                Hint::SetEncoding { encoding: LikelyEncoding::Utf16Be },
                "if the input is UTF-16, use --encoding utf-16be",
            ),
        ] {
            assert_eq!(phrased(hint), words);
        }
    }

    #[test]
    fn a_command_is_about_the_input_that_has_the_problem() {
        let options = InputOptions::default();
        let table = TableForm { delimiter: ',', encoding: None, has_returns: false };
        let problem = Problem::input("", "no table").with_hint(Hint::SkipLines { lines: 2, table });
        let said = |problem: &Problem, name| sentence(problem, Input { name, options: &options });
        assert_eq!(
            said(&problem, Some("a.csv")),
            "no table; leave them out: tail -n +3 a.csv | clearpipe run -i - --format csv"
        );
        assert_eq!(said(&problem, Some("-")), "no table; leave them out: tail -n +3 | clearpipe run -i - --format csv");
        assert_eq!(said(&Problem::setting("workers", "is 0"), None), "`workers` is 0");
    }
}
