//! What the columns of a table mean: its header and the mapping, put together.

use super::csv_header::{column_names, name_list, other_format};
use super::stray_quote::RowShape;
use super::suggestion::similar;
use super::{Field, InputOptions, Origin, number, shortened};
use crate::jsonl::{OUTCOME_FIELDS, write_escaped};

/// What the columns of a table mean.
///
/// | a column | becomes |
/// |---|---|
/// | that the mapping names | that field (or several) |
/// | named like a field that isn't mapped | that field |
/// | named like a field that the pipeline writes itself | nothing: it is dropped |
/// | any other | an unknown field of its name, a string |
///
/// A column named like a field that comes from elsewhere fits nowhere: its name is taken in the output. That is a
/// problem of the layout, so that nothing is lost unnoticed. Without a column for `id`, the id is made from the number
/// of the row: `row-1` is the first one below the header.
#[derive(Clone, Debug)]
pub struct CsvLayout {
    pub(super) delimiter: u8,
    pub(super) columns: Vec<Column>,
    pub(super) constants: Vec<Constant>,
    /// Whether the id is made from the number of the row.
    pub(super) numbers_rows: bool,
    /// How far a quote was looked for; for the reason of a row where it isn't closed.
    pub(super) max_line: usize,
    /// What a row adds to the scratch buffer at most, beside its cells.
    added: usize,
    /// How many times one cell is written to the scratch buffer at most.
    uses: usize,
}

/// A column of the table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name in the header.
    pub name: String,
    /// The fields that come from it.
    pub fields: Vec<Field>,
    /// If it is kept as an unknown field: what stands before its text, `,"name":"`.
    pub extra: Option<Vec<u8>>,
}

/// A field that is the same in all rows.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    /// Which field.
    pub field: Field,
    /// The inside of its JSON string, or its number.
    pub text: Vec<u8>,
    /// Its number, if the field is the value.
    pub value: f64,
}

impl CsvLayout {
    /// Makes the layout of a table.
    ///
    /// `header` is its first row, without the line's end; `required` are the fields that every record must have.
    ///
    /// # Errors
    /// All problems, a sentence each, if the header doesn't fit.
    pub(super) fn new(
        header: &[u8],
        delimiter: u8,
        options: &InputOptions,
        required: &[Field],
    ) -> Result<CsvLayout, Vec<String>> {
        let names = column_names(header, delimiter)
            .map_err(|problem| other_format(header, &[]).into_iter().chain([problem]).collect::<Vec<_>>())?;
        let mut builder = Builder {
            names: &names,
            fields: vec![Vec::new(); names.len()],
            constants: Vec::new(),
            missing: Vec::new(),
            problems: Vec::new(),
        };
        for field in Field::ALL {
            builder.place(field, options.map.get(field));
        }
        builder.report_missing(required);
        builder.report_hidden();
        let Builder { fields, constants, missing, mut problems, .. } = builder;
        if !problems.is_empty() {
            problems.push(format!("the header has: {}", name_list(&names)));
            // If the header was misread, the other problems come from that.
            if let Some(hint) = other_format(header, &names) {
                problems.insert(0, hint);
            }
            return Err(problems);
        }
        let columns: Vec<Column> = names.into_iter().zip(fields).map(|(name, fields)| column(name, fields)).collect();
        let prefixes: usize = columns.iter().flat_map(|column| &column.extra).map(|extra| extra.len() + 1).sum();
        let texts: usize = constants.iter().map(|constant| constant.text.len()).sum();
        Ok(CsvLayout {
            delimiter,
            // And room for `row-` with a number, and for a zero before the point of a value.
            added: prefixes + texts + 64,
            uses: columns.iter().map(|column| column.fields.len()).max().unwrap_or(0).max(1),
            columns,
            constants,
            numbers_rows: missing.contains(&Field::Id),
            max_line: options.max_line,
        })
    }

    /// No more than so many bytes are appended to the scratch buffer for a row of `length` bytes.
    pub(super) fn scratch_bound(&self, length: usize) -> usize {
        // A control character becomes six bytes: \u0001.
        6 * length * self.uses + self.added
    }

    /// What a row looks like, if one of its cells is the value.
    pub(super) fn row_shape(&self) -> Option<RowShape> {
        let value = self.columns.iter().position(|column| column.fields.contains(&Field::Value))?;
        Some(RowShape { columns: self.columns.len(), value })
    }

    /// A column as a reason names it.
    pub(super) fn name_of(&self, index: usize) -> String {
        match self.columns.get(index) {
            Some(column) => format!("column `{}`", shortened(&column.name)),
            None => format!("cell {}", index + 1),
        }
    }
}

/// The layout while it is being made.
struct Builder<'a> {
    names: &'a [String],
    /// For each column the fields that come from it.
    fields: Vec<Vec<Field>>,
    constants: Vec<Constant>,
    /// The fields that aren't mapped and have no column of their name.
    missing: Vec<Field>,
    problems: Vec<String>,
}

impl Builder<'_> {
    /// Finds out where a field comes from, given what the mapping says of it.
    fn place(&mut self, field: Field, origin: Option<&Origin>) {
        let wanted = match origin {
            Some(Origin::Constant(text)) => return self.place_constant(field, text),
            Some(Origin::Column(name)) => name.trim(),
            None => field.as_str(),
        };
        let found: Vec<usize> = (0..self.names.len()).filter(|&index| self.names[index] == wanted).collect();
        match found[..] {
            [index] => self.fields[index].push(field),
            [] if origin.is_none() => self.missing.push(field),
            [] => {
                let mut problem = format!("no column is named `{}`, which is to give `{field}`", shortened(wanted));
                if let Some(name) = self.similar(&[wanted]) {
                    problem.push_str(&format!("; did you mean --map {}?", entry(field, name)));
                }
                self.problems.push(problem);
            }
            _ => self.problems.push(format!(
                "{} columns are named `{}`, which is to give `{field}`; rename all but one",
                found.len(),
                shortened(wanted)
            )),
        }
    }

    fn place_constant(&mut self, field: Field, text: &str) {
        let mut constant = Constant { field, text: Vec::new(), value: f64::NAN };
        if field == Field::Value {
            match number::read(text) {
                Ok(number) => {
                    constant.value = number.value;
                    number.write(text, &mut constant.text);
                }
                Err(problem) => self.problems.push(format!("the constant for `value`: {problem}")),
            }
        } else {
            write_escaped(&mut constant.text, text);
        }
        self.constants.push(constant);
    }

    /// The column without a field whose name is most like one of the wanted ones. None if there is just one column, which
    /// is more likely a whole header with another delimiter.
    fn similar(&self, wanted: &[&str]) -> Option<&str> {
        let free = self.names.iter().zip(&self.fields).filter(|(_, fields)| fields.is_empty()).map(|(name, _)| name);
        similar(wanted, free).map(String::as_str).filter(|_| self.names.len() > 1)
    }

    /// Says of each required field that comes from nowhere what to do about it.
    fn report_missing(&mut self, required: &[Field]) {
        // The id can always be made from the number of the row.
        for &field in self.missing.iter().filter(|field| **field != Field::Id && required.contains(field)) {
            let mut problem = format!("no column gives `{field}`");
            if let Some(name) = self.similar(also_named(field)) {
                problem.push_str(&format!("; did you mean --map {}? If not,", entry(field, name)));
            } else {
                problem.push(';');
            }
            problem.push_str(&format!(" name one with --map {field}=COLUMN"));
            if field != Field::Value {
                problem.push_str(&format!(", or give all records the same with --map {field}=\"'TEXT'\""));
            }
            self.problems.push(problem);
        }
    }

    /// Reports columns that fit nowhere, because their name is that of a field that comes from elsewhere.
    fn report_hidden(&mut self) {
        for (name, fields) in self.names.iter().zip(&self.fields) {
            if let Some(field) = Field::of_name(name).filter(|_| fields.is_empty())
                && !self.missing.contains(&field)
            {
                self.problems.push(format!(
                    "the column `{name}` would get lost, because the mapping gives `{field}` from elsewhere; rename the \
                     column in the header, or map a field to it (--map FIELD={name})"
                ));
            }
        }
    }
}

/// A column that the fields `fields` come from.
fn column(name: String, fields: Vec<Field>) -> Column {
    let is_dropped = OUTCOME_FIELDS.contains(&name.as_str());
    let extra = (fields.is_empty() && !is_dropped).then(|| {
        let mut prefix = b",\"".to_vec();
        write_escaped(&mut prefix, &name);
        prefix.extend_from_slice(b"\":\"");
        prefix
    });
    Column { name, fields, extra }
}

/// A mapping as it is typed in a shell.
fn entry(field: Field, column: &str) -> String {
    let entry = format!("{field}={column}");
    if column.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte)) {
        entry
    } else if column.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", entry.replace('\'', r"'\''"))
    } else {
        format!("\"{entry}\"")
    }
}

/// What a column that gives a field may be named, the field's name first.
fn also_named(field: Field) -> &'static [&'static str] {
    match field {
        Field::Id => &["id"],
        Field::Timestamp => &["timestamp", "time", "datetime", "date", "when"],
        Field::SensorId => &["sensor_id", "sensor", "device", "station", "probe"],
        Field::Value => &["value", "reading", "measurement", "result"],
        Field::Unit => &["unit", "uom"],
        Field::Location => &["location", "site", "place", "position", "region"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Field] = &Field::ALL;

    fn layout(header: &str, map: &[&str], required: &[Field]) -> Result<CsvLayout, Vec<String>> {
        let mut options = InputOptions::default();
        map.iter().for_each(|entry| options.map.add(entry.parse().unwrap()).unwrap());
        CsvLayout::new(header.as_bytes(), b',', &options, required)
    }

    fn problems(header: &str, map: &[&str], required: &[Field]) -> Vec<String> {
        layout(header, map, required).unwrap_err()
    }

    /// What each column becomes: a field's name, `+` for an unknown field, `-` for nothing.
    fn columns(header: &str, map: &[&str], required: &[Field]) -> Vec<String> {
        let describe = |column: &Column| match (&column.fields[..], &column.extra) {
            ([], Some(_)) => "+".to_owned(),
            ([], None) => "-".to_owned(),
            (fields, _) => fields.iter().map(|field| field.as_str()).collect::<Vec<_>>().join("+"),
        };
        layout(header, map, required).unwrap().columns.iter().map(describe).collect()
    }

    #[test]
    fn columns_of_the_fields_own_names() {
        let header = "note,id, timestamp ,sensor_id,\"value\",unit,location,status,note";
        let expected = ["+", "id", "timestamp", "sensor_id", "value", "unit", "location", "-", "+"];
        assert_eq!(columns(header, &[], ALL), expected);
        assert!(!layout(header, &[], ALL).unwrap().numbers_rows);
    }

    #[test]
    fn mapped_columns_and_constants() {
        let map = ["value=temp max", "unit='°C'", "sensor_id=station", "location=station", "timestamp=value"];
        assert_eq!(columns("value,temp max,station", &map, ALL), ["timestamp", "value", "sensor_id+location"]);
        let layout = layout("value,temp max,station", &map, ALL).unwrap();
        assert!(layout.numbers_rows);
        assert_eq!(layout.constants.len(), 1);
        assert_eq!(layout.constants[0].text, "°C".as_bytes());
        assert_eq!(columns("error", &["value=error"], &[]), ["value"]);
    }

    #[test]
    fn a_constant_value_is_a_number() {
        let value = |text: &str| {
            let layout = layout("a", &[&format!("value='{text}'")], &[]).unwrap();
            (layout.constants[0].value, String::from_utf8(layout.constants[0].text.clone()).unwrap())
        };
        assert_eq!(value("1.50"), (1.5, "1.50".to_owned()));
        assert_eq!(value("+5"), (5.0, "5".to_owned()));
        assert_eq!(problems("a", &["value='x'"], &[])[0], "the constant for `value`: \"x\" is no number");
    }

    #[test]
    fn missing_columns_are_reported_together() {
        assert_eq!(
            problems("date,precipitation,Site", &["unit='mm'"], ALL),
            [
                "no column gives `timestamp`; did you mean --map timestamp=date? If not, name one with --map \
                 timestamp=COLUMN, or give all records the same with --map timestamp=\"'TEXT'\"",
                "no column gives `sensor_id`; name one with --map sensor_id=COLUMN, or give all records the same with \
                 --map sensor_id=\"'TEXT'\"",
                "no column gives `value`; name one with --map value=COLUMN",
                "no column gives `location`; did you mean --map location=Site? If not, name one with --map \
                 location=COLUMN, or give all records the same with --map location=\"'TEXT'\"",
                "the header has: date, precipitation, Site",
            ]
        );
        assert!(layout("date", &[], &[Field::Id]).is_ok());
    }

    #[test]
    fn a_mapped_column_must_be_there_once() {
        assert_eq!(
            problems("temp_max,Water flow [l/s],a,a", &["value=temp_mx", "unit=a", "location=water flow"], &[]),
            [
                "no column is named `temp_mx`, which is to give `value`; did you mean --map value=temp_max?",
                "2 columns are named `a`, which is to give `unit`; rename all but one",
                "no column is named `water flow`, which is to give `location`; did you mean --map \
                 \"location=Water flow [l/s]\"?",
                "the header has: temp_max, Water flow [l/s], a, a",
            ]
        );
        assert_eq!(
            problems("id,id", &[], &[])[0],
            "2 columns are named `id`, which is to give `id`; rename all but one"
        );
    }

    #[test]
    fn a_column_never_gets_lost() {
        assert_eq!(
            problems("value,temp", &["value=temp"], &[]),
            [
                "the column `value` would get lost, because the mapping gives `value` from elsewhere; rename the column \
                 in the header, or map a field to it (--map FIELD=value)",
                "the header has: value, temp",
            ]
        );
        assert_eq!(problems("unit,value", &["unit='x'"], &[]).len(), 2);
    }

    #[test]
    fn a_header_with_another_delimiter_is_told_first() {
        let problems = |header| problems(header, &[], &[Field::Value]);
        let json = problems("{\"id\":1,\"a\":2}");
        assert_eq!(json[0], "the header looks like JSON; for JSON Lines say --format jsonl");
        assert_eq!(json[1], "the header's cell 2 has text behind its closing quote");
        let problems = problems("id;value");
        assert_eq!(problems[0], "the header is one column only; if ';' separates its cells, say --delimiter ';'");
        assert_eq!(problems[1], "no column gives `value`; name one with --map value=COLUMN");
    }

    #[test]
    fn suggestions_can_be_typed() {
        let suggestion = |header: &str| problems(header, &[], &[Field::Value])[0].split('?').next().unwrap().to_owned();
        for (name, entry) in
            [("Value", "value=Value"), ("value 1", "\"value=value 1\""), ("value $'", r"'value=value $'\'''")]
        {
            let expected = format!("no column gives `value`; did you mean --map {entry}");
            assert_eq!(suggestion(&format!("a,{name}")), expected);
        }
    }
}
