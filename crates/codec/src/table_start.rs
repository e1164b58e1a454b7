//! The beginning of a table: its header, what separates its cells, and what its columns may mean.

use super::csv_cells::{Cell, Cells};
use super::file_source::FirstRecords;
use super::mapping_guess::{self, GuessedOrigin, has_decimal_comma};
use serde::Serialize;

/// The beginning of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TableStart {
    /// The names of its columns.
    pub header: Vec<String>,
    /// What separates its cells: what the settings say, or else what seems to.
    pub delimiter: char,
    /// For each column, the first value in a few rows with a decimal comma, which no number may have.
    pub decimal_commas: Vec<Option<String>>,
    /// Where the fields may come from that no column is named after, in the order of the fields.
    pub guess: Vec<GuessedOrigin>,
}

impl TableStart {
    /// How many rows are looked at.
    pub(super) const ROWS: usize = 20;

    /// Describes a table by its first rows. `stem` is the name of the file without its extension.
    pub(super) fn of(rows: Rows, stem: &str) -> TableStart {
        let Rows { delimiter, header, rows } = rows;
        let comma_in = |at: usize| {
            let mut values = rows.iter().filter_map(|row| row.get(at));
            values.find(|value| has_decimal_comma(value)).map(|value| value.trim().to_owned())
        };
        TableStart {
            delimiter: delimiter.into(),
            decimal_commas: (0..header.len()).map(comma_in).collect(),
            guess: mapping_guess::guess(&header, &rows, stem),
            header,
        }
    }
}

/// The first rows of a table, with a delimiter that may be the right one.
pub(super) struct Rows {
    delimiter: u8,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    /// Splits the rows of a table into cells. `None` if it isn't a table.
    pub fn of(first: &FirstRecords) -> Option<Rows> {
        let layout = first.layout()?;
        let rows = first.records.iter().take(TableStart::ROWS).map(|(_, row)| {
            let row = String::from_utf8_lossy(row);
            Cells::new(&row, layout.delimiter).map_while(Result::ok).map(Cell::to_text).collect()
        });
        Some(Rows {
            delimiter: layout.delimiter,
            header: layout.names().map(str::to_owned).collect(),
            rows: rows.collect(),
        })
    }

    /// Returns whether commas separate the cells.
    pub fn has_commas(&self) -> bool {
        self.delimiter == b','
    }

    /// Returns whether a table is more likely that one: its delimiter splits all rows into as many cells as the header,
    /// or, if that is true of both or of neither, the header into more.
    pub fn is_better_than(&self, other: &Rows) -> bool {
        let (cells, others) = (self.header.len(), other.header.len());
        let (is_even, is_other_even) = (self.is_even(), other.is_even());
        cells > 1 && if is_even == is_other_even { cells > others } else { is_even }
    }

    /// Returns whether the rows have as many cells as the header, which must have several. The last row may be a sum.
    fn is_even(&self) -> bool {
        let rows = &self.rows[..self.rows.len().saturating_sub(1)];
        self.header.len() > 1 && rows.iter().all(|row| row.len() == self.header.len())
    }
}
