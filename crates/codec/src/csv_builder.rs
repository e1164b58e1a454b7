//! Which column of a table each field comes from, and the problem where that is unclear.

use super::csv_constant::Constant;
use super::mapping_guess::{column_named_for, column_named_like};
use super::names::{trimmed, typed};
use super::number;
use super::suggestion::{plain, similar};
use crate::mapping::Origin;
use clearpipe_model::field::Field;
use clearpipe_model::hint::{FieldColumn, Hint};
use clearpipe_model::json_text::write_escaped;
use clearpipe_model::notice::Notice;
use clearpipe_model::problem::Problem;
use clearpipe_model::reject::FieldName;
use clearpipe_model::text::shortened;

/// The layout while it is being built.
pub(super) struct Builder<'a> {
    names: &'a [String],
    /// For each column, the fields that come from it.
    pub fields: Vec<Vec<Field>>,
    pub constants: Vec<Constant>,
    /// The fields that aren't mapped and have no column of their own name.
    pub missing: Vec<Field>,
    /// The fields that the mapping defines.
    mapped: Vec<Field>,
    pub problems: Vec<Problem>,
    /// Mappings that would solve some of the problems.
    suggestions: Vec<FieldColumn>,
}

impl<'a> Builder<'a> {
    /// Starts a layout for columns with these names.
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

    /// Decides where a field comes from, given its entry in the mapping.
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
            // A name may contain characters that can't be typed.
            let wanted = typed(wanted);
            found = named(&|name| !wanted.is_empty() && typed(name) == wanted);
        }
        match found[..] {
            [index] => self.fields[index].push(field),
            [] if origin.is_none() => self.missing.push(field),
            [] => {
                let similar = similar(&[wanted], &self.free()).map(typed);
                let problem = format!("no column is named `{}`, which is to give `{field}`", shortened(wanted));
                self.refuse(problem, similar.map(|column| Hint::MapField { field, column }));
            }
            _ => {
                let (count, name) = (found.len(), shortened(wanted));
                let problem = format!("{count} columns are named `{name}`, which is to give `{field}`");
                self.refuse(problem, Some(Hint::RenameColumns));
            }
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
                    self.refuse(format!("the constant for {}", error.reason(FieldName::Field(field), text)), None);
                }
            }
        } else {
            write_escaped(&mut constant.text, text);
        }
        self.constants.push(constant);
    }

    /// Adds a problem that a mapping can fix.
    fn refuse(&mut self, text: String, hint: Option<Hint>) {
        let problem = Problem::input("input.map", text);
        self.problems.push(match hint {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        });
    }

    /// Returns the names of the columns without a field. None if there is just one column, which is more likely a whole
    /// header with another delimiter.
    fn free(&self) -> Vec<&str> {
        let columns = self.names.iter().zip(&self.fields).filter(|_| self.names.len() > 1);
        columns.filter(|(_, fields)| fields.is_empty()).map(|(name, _)| name.as_str()).collect()
    }

    /// Refuses each required field that has no origin, and the id if a column has nearly its name. Returns notices
    /// about the other fields.
    pub fn report_missing(&mut self, required: &[Field]) -> Vec<Notice> {
        let mut notices = Vec::new();
        for field in self.missing.clone() {
            let same =
                self.names.iter().zip(&self.fields).find(|(name, fields)| fields.is_empty() && is_same(field, name));
            let same = same.map(|(name, _)| name.clone());
            match (field, same) {
                // An id can always be made from the row number, but not if the table has an id column.
                (Field::Id, Some(name)) => {
                    let column = typed(&name);
                    self.refuse(
                        "no column gives `id`".to_owned(),
                        Some(Hint::MapField { field, column: column.clone() }),
                    );
                    self.suggestions.push(FieldColumn { field, column });
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
        let free = self.free();
        let named = column_named_for(field, &free).or_else(|| column_named_like(field, &free));
        let suggestion = named.map(typed);
        self.suggestions.extend(suggestion.clone().map(|column| FieldColumn { field, column }));
        self.refuse(format!("no column gives `{field}`"), Some(Hint::ChooseColumn { field, suggestion }));
    }

    /// Reports columns that can't be kept because they are named like a field that the mapping defines.
    pub fn report_hidden(&mut self) {
        let (mut reported, mut hidden) = (Vec::new(), Vec::new());
        for (name, fields) in self.names.iter().zip(&self.fields) {
            if let Some(field) = Field::of_name(name).filter(|_| fields.is_empty())
                && self.mapped.contains(&field)
                && !reported.contains(&field)
            {
                reported.push(field);
                let text =
                    format!("the column `{name}` would get lost, because the mapping gives `{field}` from elsewhere");
                hidden.push((text, Hint::KeepColumn { column: name.clone() }));
            }
        }
        hidden.into_iter().for_each(|(text, hint)| self.refuse(text, Some(hint)));
    }

    /// Combines the suggestions, so that they can be applied together.
    pub fn report_together(&mut self) {
        if self.suggestions.len() > 1 {
            let columns = std::mem::take(&mut self.suggestions);
            let text = format!("{} columns may give missing fields", columns.len());
            self.refuse(text, Some(Hint::MapFields { columns }));
        }
    }
}

/// Returns whether a column's name differs from that of a field only in case, spaces and punctuation.
fn is_same(field: Field, name: &str) -> bool {
    plain(name) == plain(field.as_str())
}
