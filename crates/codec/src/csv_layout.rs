//! The meaning of a table's columns: its header combined with the mapping.

use super::csv_builder::Builder;
use super::csv_constant::Constant;
use super::csv_header::{column_names, name_list, other_format};
use super::names::{Names, before_value};
use super::stray_quote::RowShape;
use crate::jsonl::OUTCOME_FIELDS;
use crate::options::InputOptions;
use clearpipe_model::field::Field;
use clearpipe_model::notice::{Notice, RenamedColumn};
use clearpipe_model::problem::Problem;
use clearpipe_model::record::Noted;
use clearpipe_model::reject::FieldName;

/// The meaning of a table's columns.
///
/// | a column | becomes |
/// |---|---|
/// | named in the mapping | that field (or several) |
/// | named like a field that isn't mapped | that field |
/// | named like a field that the pipeline writes itself | an unknown field, with `rename_prefix` before its name; left out of rows where it is empty, or is the status `raw` |
/// | any other | an unknown field with its name, a string |
///
/// No two fields have the same name in the output. The first column of a name keeps it, the others get the first of
/// `name_2`, `name_3`, … that no column has; an unnamed fourth column is `column_4`. A table with all of `status`,
/// `processed_at`, `anomaly_score` and `is_anomaly` was made from records that the pipeline processed: these columns,
/// and `error`, are left out. Spaces and invisible characters around a name, such as byte order marks, don't count.
///
/// A column named like a field that comes from elsewhere can't be kept: its name is taken in the output. That is a
/// problem of the layout, so that nothing is lost silently. Without a column for `id`, the id is made from the number
/// of the row: `row-1` is the first one below the header. A column whose name differs from `id` only in case and
/// punctuation is a problem, too, since its ids would be replaced.
#[derive(Clone, Debug)]
pub struct CsvLayout {
    pub(super) delimiter: u8,
    pub(super) columns: Vec<Column>,
    pub(super) constants: Vec<Constant>,
    /// Whether the id is made from the row number.
    pub(super) numbers_rows: bool,
    /// How far the closing quote was searched for; used in the reason of a row whose quote isn't closed.
    pub(super) max_line: usize,
    /// The most that a row adds to the scratch buffer in addition to its cells.
    added: usize,
    /// The most times that one cell is written to the scratch buffer.
    uses: usize,
    /// Notices about columns that have nearly the names of fields.
    similar_columns: Vec<Notice>,
}

/// A column of the table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name in the header.
    pub name: String,
    /// The fields that come from it.
    pub fields: Vec<Field>,
    /// If it is kept as an unknown field: the JSON before its text, `,"name":"`.
    pub extra: Option<Vec<u8>>,
    /// The name of that field.
    kept_as: Option<String>,
    /// If it is named like a field that the pipeline writes itself.
    pub outcome: Option<Outcome>,
}

/// A column that is named like a field that the pipeline writes itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    is_status: bool,
}

impl Outcome {
    /// Returns whether a cell carries information: it is neither empty nor the status that every record has before it
    /// is processed.
    fn says_something(self, cell: &[u8]) -> bool {
        !(cell.is_empty() || (self.is_status && cell == b"raw"))
    }
}

impl Column {
    /// Returns whether a cell is kept, if its column is. It is dropped if the column is named like a field that the
    /// pipeline writes itself and the cell carries no information; if it does carry any, that is noted.
    #[inline]
    pub fn is_kept(&self, cell: &[u8], noted: &mut Noted) -> bool {
        let Some(outcome) = self.outcome else { return true };
        let says_something = outcome.says_something(cell);
        if says_something {
            *noted = noted.and(if self.extra.is_some() { Noted::KEPT } else { Noted::REPLACED });
        }
        says_something
    }
}

impl CsvLayout {
    /// Creates the layout of a table.
    ///
    /// `header` is its first row, without the line ending; `required` are the fields that every record must have.
    ///
    /// # Errors
    /// All problems, if the header doesn't fit.
    pub(super) fn new(
        header: &[u8],
        delimiter: u8,
        options: &InputOptions,
        required: &[Field],
    ) -> Result<CsvLayout, Vec<Problem>> {
        let names = column_names(header, delimiter)
            .map_err(|text| vec![other_format(header, &[]).unwrap_or_else(|| Problem::input("", text))])?;
        let mut builder = Builder::new(&names);
        for field in Field::ALL {
            builder.place(field, options.map.get(field));
        }
        let similar_columns = builder.report_missing(required);
        builder.report_hidden();
        builder.report_together();
        let Builder { fields, constants, missing, mut problems, .. } = builder;
        if !problems.is_empty() {
            // If the header was misread, the other problems follow from that.
            if let Some(hint) = other_format(header, &names) {
                return Err(vec![hint]);
            }
            problems.push(Problem::input("input.map", format!("the header has: {}", name_list(&names))));
            return Err(problems);
        }
        let columns = columns(names, fields, options);
        let prefixes: usize = columns.iter().flat_map(|column| &column.extra).map(|extra| extra.len() + 1).sum();
        let texts: usize = constants.iter().map(|constant| constant.text.len()).sum();
        Ok(CsvLayout {
            delimiter,
            // Plus room for `row-` with a number, and for a zero before the decimal point of a value.
            added: prefixes + texts + 64,
            uses: columns.iter().map(|column| column.fields.len()).max().unwrap_or(0).max(1),
            columns,
            constants,
            numbers_rows: missing.contains(&Field::Id),
            max_line: options.max_line,
            similar_columns,
        })
    }

    /// Creates the layout of a table whose header is only looked at: no column gives a field, and nothing is a problem.
    /// A header whose quotes are wrong has no columns.
    pub(super) fn of_any_header(header: &[u8], delimiter: u8, options: &InputOptions) -> CsvLayout {
        let header = String::from_utf8_lossy(header);
        let names = column_names(header.as_bytes(), delimiter).unwrap_or_default();
        let fields = vec![Vec::new(); names.len()];
        CsvLayout {
            delimiter,
            columns: columns(names, fields, options),
            constants: Vec::new(),
            numbers_rows: false,
            max_line: options.max_line,
            added: 0,
            uses: 1,
            similar_columns: Vec::new(),
        }
    }

    /// Returns the names of the columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }

    /// Returns whether any column is a field.
    pub(super) fn has_fields(&self) -> bool {
        self.columns.iter().any(|column| !column.fields.is_empty())
    }

    /// Returns the notices about the columns.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let mut notices = self.similar_columns.clone();
        if self.numbers_rows {
            notices.push(Notice::IdsFromRows);
        }
        let renamed = self.columns.iter().enumerate().filter_map(|(at, column)| {
            let kept_as =
                column.kept_as.as_ref().filter(|kept_as| **kept_as != column.name && column.outcome.is_none())?;
            Some(RenamedColumn { column: at + 1, name: column.name.clone(), kept_as: kept_as.clone() })
        });
        let mut columns: Vec<RenamedColumn> = renamed.collect();
        if !columns.is_empty() {
            let count = columns.len();
            columns.truncate(Notice::MAX_COLUMNS);
            notices.push(Notice::RenamedColumns { columns, count });
        }
        notices
    }

    /// Returns an upper bound on what `rows` rows of `length` bytes in total append to the scratch buffer.
    pub(super) fn scratch_bound(&self, rows: usize, length: usize) -> usize {
        // A control character becomes six bytes: \u0001.
        6 * length * self.uses + rows * self.added
    }

    /// Returns the shape of a row, if one of its cells is the value.
    pub(super) fn row_shape(&self) -> Option<RowShape> {
        let value = self.columns.iter().position(|column| column.fields.contains(&Field::Value))?;
        Some(RowShape { columns: self.columns.len(), value })
    }

    /// Returns the name of a column for a reason.
    pub(super) fn name_of(&self, index: usize) -> FieldName {
        match self.columns.get(index) {
            Some(column) => FieldName::Column(column.name.as_str().into()),
            None => FieldName::Cell(index + 1),
        }
    }
}

/// Builds the columns from the fields that come from each and the names that the others have in the output.
fn columns(names: Vec<String>, fields: Vec<Vec<Field>>, options: &InputOptions) -> Vec<Column> {
    let is_free = |at: usize| fields[at].is_empty();
    let is_outcome = |at: usize| is_free(at) && OUTCOME_FIELDS.contains(&names[at].as_str());
    // Only a table made from processed records has all of these.
    let is_own = OUTCOME_FIELDS
        .iter()
        .filter(|name| **name != "error")
        .all(|name| (0..names.len()).any(|at| is_free(at) && names[at] == *name));
    let written = Field::ALL.iter().map(|field| field.as_str()).chain(OUTCOME_FIELDS);
    let mut taken = Names::new(written.chain(options.source_field.as_deref()));
    // The first column of a name keeps it.
    let mut kept_as: Vec<Option<String>> = (0..names.len())
        .map(|at| (is_free(at) && !names[at].is_empty() && taken.take(&names[at])).then(|| names[at].clone()))
        .collect();
    for at in (0..names.len()).filter(|at| is_free(*at)) {
        let is_replaced = is_own && is_outcome(at);
        if kept_as[at].is_none() && !is_replaced {
            kept_as[at] = Some(match &*names[at] {
                "" => taken.take_like(&format!("column_{}", at + 1)),
                name if is_outcome(at) => taken.take_like(&format!("{}{name}", options.rename_prefix)),
                name => taken.take_like(name),
            });
        }
    }
    let columns = names.into_iter().zip(fields).zip(kept_as).map(|((name, fields), kept_as)| {
        let is_outcome = fields.is_empty() && OUTCOME_FIELDS.contains(&name.as_str());
        let outcome = is_outcome.then(|| Outcome { is_status: name == "status" });
        let extra = kept_as.as_deref().map(|name| [before_value(name), b"\"".to_vec()].concat());
        Column { name, fields, extra, kept_as, outcome }
    });
    columns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_model::hint::{FieldColumn, Hint};

    const ALL: &[Field] = &Field::ALL;

    fn layout(header: &str, map: &[&str], required: &[Field]) -> Result<CsvLayout, Vec<Problem>> {
        let mut options = InputOptions::default();
        map.iter().for_each(|entry| options.map.add(entry.parse().unwrap()).unwrap());
        CsvLayout::new(header.as_bytes(), b',', &options, required)
    }

    fn problems(header: &str, map: &[&str], required: &[Field]) -> Vec<Problem> {
        layout(header, map, required).unwrap_err()
    }

    /// Creates a problem of the mapping.
    fn in_map(text: &str, hint: Hint) -> Problem {
        Problem::input("input.map", text).with_hint(hint)
    }

    fn choose(field: Field, suggestion: Option<&str>) -> Problem {
        let hint = Hint::ChooseColumn { field, suggestion: suggestion.map(str::to_owned) };
        in_map(&format!("no column gives `{field}`"), hint)
    }

    fn map_fields(columns: &[(Field, &str)]) -> Problem {
        let text = format!("{} columns may give missing fields", columns.len());
        let columns = columns.iter().map(|(field, column)| FieldColumn { field: *field, column: (*column).to_owned() });
        in_map(&text, Hint::MapFields { columns: columns.collect() })
    }

    /// Creates the last problem, which is always reported.
    fn header_has(names: &str) -> Problem {
        Problem::input("input.map", format!("the header has: {names}"))
    }

    /// Returns what each column becomes: a field's name, `+` for an unknown field, `-` for nothing.
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
        let header = "note,\u{FEFF}\u{FEFF}id, timestamp\u{200B} ,sensor_id,\"value\",unit,location,status,note";
        let expected = ["+", "id", "timestamp", "sensor_id", "value", "unit", "location", "+", "+"];
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
        assert_eq!(
            problems("a", &["value='x'"], &[])[0].to_string(),
            "the constant for `value`: \"x\" is not a number"
        );
    }

    #[test]
    fn missing_columns_are_reported_together() {
        assert_eq!(
            problems("date,precipitation,Site", &["unit='mm'"], ALL),
            [
                choose(Field::Timestamp, Some("date")),
                choose(Field::SensorId, None),
                choose(Field::Value, None),
                choose(Field::Location, Some("Site")),
                map_fields(&[(Field::Timestamp, "date"), (Field::Location, "Site")]),
                header_has("date, precipitation, Site"),
            ]
        );
        assert!(layout("date", &[], &[Field::Id]).is_ok());
    }

    #[test]
    fn a_mapped_column_must_be_there_once() {
        let may_be =
            |text: &str, field, column: &str| in_map(text, Hint::MapField { field, column: column.to_owned() });
        let twice = |name: &str, field: &str| {
            in_map(&format!("2 columns are named `{name}`, which is to give `{field}`"), Hint::RenameColumns)
        };
        assert_eq!(
            problems("temp_max,Water flow [l/s],a,a", &["value=temp_mx", "unit=a", "location=water flow"], &[]),
            [
                may_be("no column is named `temp_mx`, which is to give `value`", Field::Value, "temp_max"),
                twice("a", "unit"),
                may_be(
                    "no column is named `water flow`, which is to give `location`",
                    Field::Location,
                    "Water flow [l/s]"
                ),
                header_has("temp_max, Water flow [l/s], a, a"),
            ]
        );
        assert_eq!(problems("id,id", &[], &[])[0], twice("id", "id"));
        assert_eq!(problems("id,value,value", &[], &[]), [twice("value", "value"), header_has("id, value, value")]);
        let unlike = problems("a,b", &["value=temperature"], &[]).remove(0);
        assert_eq!(unlike, Problem::input("input.map", "no column is named `temperature`, which is to give `value`"));
    }

    #[test]
    fn names_stay_apart() {
        let names = |header: &str| -> Vec<String> {
            layout(header, &[], &[]).unwrap().columns.into_iter().filter_map(|column| column.kept_as).collect()
        };
        assert_eq!(names("id,x,x,,x_2,x, ,column_7"), ["x", "x_3", "column_4", "x_2", "x_4", "column_7_2", "column_7"]);
        assert_eq!(
            names("status,input_status,error,status"),
            ["input_status_2", "input_status", "input_error", "input_status_3"]
        );
        assert_eq!(
            names("status,processed_at,anomaly_score,x"),
            ["input_status", "input_processed_at", "input_anomaly_score", "x"]
        );
        assert_eq!(names("status,processed_at,anomaly_score,is_anomaly,error,x"), ["x"]);
    }

    #[test]
    fn what_is_worth_knowing_is_said() {
        let notices = |header: &str| layout(header, &[], &[]).unwrap().notices();
        assert_eq!(notices("id,x,status"), []);
        assert_eq!(notices("x"), [Notice::IdsFromRows]);
        let renamed = |column, name: &str, kept_as: &str| RenamedColumn {
            column,
            name: name.to_owned(),
            kept_as: kept_as.to_owned(),
        };
        let columns = vec![renamed(3, "x", "x_2"), renamed(4, "", "column_4")];
        assert_eq!(notices("id,x,x,"), [Notice::RenamedColumns { columns, count: 2 }]);
        assert_eq!(
            notices("id,Sensor ID"),
            [Notice::SimilarColumn { field: Field::SensorId, column: "Sensor ID".to_owned() }]
        );
    }

    #[test]
    fn an_id_is_never_replaced() {
        for (name, column) in [("ID", "ID"), ("I.D", "I.D"), (" i\u{200B}d ", "id"), ("'id'", "id")] {
            let header = format!("{name},value");
            let hint = Hint::MapField { field: Field::Id, column: column.to_owned() };
            assert_eq!(problems(&header, &[], &[])[0], in_map("no column gives `id`", hint));
            assert_eq!(columns(&header, &[&format!("id={column}")], &[]), ["id", "value"], "{column}");
        }
        assert!(layout("ID,value", &["sensor_id=ID"], &[]).unwrap().numbers_rows);
    }

    #[test]
    fn several_suggestions_are_put_together() {
        let problems = problems("ID,TIMESTAMP,SENSOR_ID,VALUE,UNIT,LOCATION", &[], ALL);
        let columns = [
            (Field::Id, "ID"),
            (Field::Timestamp, "TIMESTAMP"),
            (Field::SensorId, "SENSOR_ID"),
            (Field::Value, "VALUE"),
            (Field::Unit, "UNIT"),
            (Field::Location, "LOCATION"),
        ];
        assert_eq!(problems[6], map_fields(&columns));
    }

    #[test]
    fn a_column_never_gets_lost() {
        assert_eq!(
            problems("value,temp", &["value=temp"], &[]),
            [
                in_map(
                    "the column `value` would get lost, because the mapping gives `value` from elsewhere",
                    Hint::KeepColumn { column: "value".to_owned() }
                ),
                header_has("value, temp"),
            ]
        );
        assert_eq!(problems("unit,value", &["unit='x'"], &[]).len(), 2);
    }

    #[test]
    fn of_a_header_that_was_misread_nothing_else_is_said() {
        let problems = |header| problems(header, &[], &[Field::Value]);
        let json = Problem::input("input.format", "the header looks like JSON").with_hint(Hint::ReadAsJson);
        assert_eq!(problems("{\"id\":1,\"a\":2}"), [json]);
        let delimiter = Hint::SetDelimiter { delimiter: ';' };
        let one_column = Problem::input("input.delimiter", "the header is one column only").with_hint(delimiter);
        assert_eq!(problems("id;value"), [one_column]);
    }
}
