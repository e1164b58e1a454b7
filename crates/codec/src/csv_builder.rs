//! Which column of a table each field comes from, and what to say where that can't be told.

use super::csv_constant::Constant;
use super::names::{trimmed, typed};
use super::number;
use super::suggestion::{plain, similar};
use crate::mapping::Origin;
use clearpipe_model::field::Field;
use clearpipe_model::json_text::write_escaped;
use clearpipe_model::notice::Notice;
use clearpipe_model::problem::Problem;
use clearpipe_model::reject::FieldName;
use clearpipe_model::text::shortened;

/// The layout while it is being made.
pub(super) struct Builder<'a> {
    names: &'a [String],
    /// For each column the fields that come from it.
    pub fields: Vec<Vec<Field>>,
    pub constants: Vec<Constant>,
    /// The fields that aren't mapped and have no column of their name.
    pub missing: Vec<Field>,
    /// The fields that the mapping gives.
    mapped: Vec<Field>,
    pub problems: Vec<Problem>,
    /// Mappings that would solve some of them, as they are typed.
    suggestions: Vec<String>,
}

impl<'a> Builder<'a> {
    /// The beginning of a layout for columns of these names.
    pub fn new(names: &'a [String]) -> Builder<'a> {
        Builder {
            names,
            fields: vec![Vec::new(); names.len()],
            constants: Vec::new(),
            missing: Vec::new(),
            mapped: Vec::new(),
            problems: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// Finds out where a field comes from, given what the mapping says of it.
    pub fn place(&mut self, field: Field, origin: Option<&Origin>) {
        if origin.is_some() {
            self.mapped.push(field);
        }
        let wanted = match origin {
            Some(Origin::Constant(text)) => return self.place_constant(field, text),
            Some(Origin::Column(name)) => trimmed(name),
            None => field.as_str(),
        };
        let named = |is_so: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..self.names.len()).filter(|&index| is_so(&self.names[index])).collect()
        };
        let mut found = named(&|name| name == wanted);
        if found.is_empty() && origin.is_some() {
            // Not everybody can type what is in a name.
            let wanted = typed(wanted);
            found = named(&|name| !wanted.is_empty() && typed(name) == wanted);
        }
        match found[..] {
            [index] => self.fields[index].push(field),
            [] if origin.is_none() => self.missing.push(field),
            [] => {
                let mut problem = format!("no column is named `{}`, which is to give `{field}`", shortened(wanted));
                if let Some(name) = self.similar(&[wanted]) {
                    problem.push_str(&format!("; did you mean --map {}?", entry(field, name)));
                }
                self.refuse(problem);
            }
            _ => self.refuse(format!(
                "{} columns are named `{}`, which is to give `{field}`; rename all but one",
                found.len(),
                shortened(wanted)
            )),
        }
    }

    fn place_constant(&mut self, field: Field, text: &str) {
        let mut constant = Constant { field, text: Vec::new(), value: f64::NAN, is_blank: text.trim().is_empty() };
        if field == Field::Value {
            match number::read(text) {
                Ok(number) => {
                    constant.value = number.value;
                    number.write(text, &mut constant.text);
                }
                Err(error) => {
                    self.refuse(format!("the constant for {}", error.reason(FieldName::Field(field), text)));
                }
            }
        } else {
            write_escaped(&mut constant.text, text);
        }
        self.constants.push(constant);
    }

    fn refuse(&mut self, text: String) {
        self.problems.push(in_mapping(text));
    }

    /// The column without a field whose name is most like one of the wanted ones. None if there is just one column, which
    /// is more likely a whole header with another delimiter.
    fn similar(&self, wanted: &[&str]) -> Option<&str> {
        let free = self.names.iter().zip(&self.fields).filter(|(_, fields)| fields.is_empty()).map(|(name, _)| name);
        similar(wanted, free).map(String::as_str).filter(|_| self.names.len() > 1)
    }

    /// Says of each required field that comes from nowhere what to do about it, and of the id if a column has nearly its
    /// name. Of the others that is worth knowing.
    pub fn report_missing(&mut self, required: &[Field]) -> Vec<Notice> {
        let mut notices = Vec::new();
        for field in self.missing.clone() {
            let same =
                self.names.iter().zip(&self.fields).find(|(name, fields)| fields.is_empty() && is_same(field, name));
            let same = same.map(|(name, _)| name.clone());
            match (field, same) {
                // It can always be made from the number of the row, but not where there is one.
                (Field::Id, Some(name)) => {
                    let entry = entry(field, &name);
                    self.refuse(format!(
                        "no column gives `id`; did you mean --map {entry}? Only a table without such a column has its rows \
                         numbered"
                    ));
                    self.suggestions.push(entry);
                }
                (Field::Id, None) => {}
                _ if required.contains(&field) => self.report_required(field),
                (_, Some(column)) => notices.push(Notice::SimilarColumn { field, column }),
                (_, None) => {}
            }
        }
        notices
    }

    fn report_required(&mut self, field: Field) {
        let mut problem = format!("no column gives `{field}`");
        if let Some(name) = self.similar(also_named(field)) {
            let entry = entry(field, name);
            problem.push_str(&format!("; did you mean --map {entry}? If not,"));
            self.suggestions.push(entry);
        } else {
            problem.push(';');
        }
        problem.push_str(&format!(" name one with --map {field}=COLUMN"));
        if field != Field::Value {
            problem.push_str(&format!(", or give all records the same with --map {field}=\"'TEXT'\""));
        }
        self.refuse(problem);
    }

    /// Reports columns that fit nowhere, because their name is that of a field that the mapping gives.
    pub fn report_hidden(&mut self) {
        let mut reported = Vec::new();
        for (name, fields) in self.names.iter().zip(&self.fields) {
            if let Some(field) = Field::of_name(name).filter(|_| fields.is_empty())
                && self.mapped.contains(&field)
                && !reported.contains(&field)
            {
                reported.push(field);
                self.problems.push(in_mapping(format!(
                    "the column `{name}` would get lost, because the mapping gives `{field}` from elsewhere; rename the \
                     column in the header, or map a field to it (--map FIELD={name})"
                )));
            }
        }
    }

    /// Puts what was suggested together, so that it can be typed at once.
    pub fn report_together(&mut self) {
        if self.suggestions.len() > 1 {
            let flags: Vec<String> = self.suggestions.iter().map(|entry| format!("--map {entry}")).collect();
            self.refuse(format!("if these are right, all of them: {}", flags.join(" ")));
        }
    }
}

/// A problem that a mapping can fix.
fn in_mapping(text: String) -> Problem {
    Problem::input("input.map", text)
}

/// Whether a column's name differs from that of a field in nothing but case, spaces and punctuation.
fn is_same(field: Field, name: &str) -> bool {
    plain(name) == plain(field.as_str())
}

/// A mapping as it is typed in a shell.
fn entry(field: Field, column: &str) -> String {
    // What begins with a quote would be a constant.
    let column = &*typed(column);
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
