//! The notices of a run: what both summaries, for people and for programs, say about its inputs.

use clearpipe_core::config::Config;
use clearpipe_core::metrics::Metrics;
use clearpipe_io::text;
use clearpipe_model::notice::{InputNotice, Notice, RenamedColumn};
use serde::Serialize;

/// The number of renamed columns that are shown.
const COLUMNS: usize = 3;

/// A notice of a run. As data, it has the `kind`, and what belongs to it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunNotice<'a> {
    /// Only the first records were read.
    Head {
        /// How many.
        records: u64,
    },
    /// What the pipeline wrote in an earlier run was replaced.
    ReplacedFields,
    /// It is about an input; it has its own kind.
    #[serde(untagged)]
    Input(&'a InputNotice),
}

/// Returns the notices of a run.
pub fn of<'a>(metrics: &'a Metrics, config: &Config) -> Vec<RunNotice<'a>> {
    let head = config.input.head.filter(|head| *head == metrics.produced);
    let head = head.map(|records| RunNotice::Head { records });
    let replaced = metrics.replaced_fields.then_some(RunNotice::ReplacedFields);
    head.into_iter().chain(replaced).chain(metrics.notices.iter().map(RunNotice::Input)).collect()
}

impl RunNotice<'_> {
    /// Returns its text, with the name of its input if there are several.
    pub fn line(&self) -> String {
        let text = self.text();
        let RunNotice::Input(InputNotice { input: Some(input), further_inputs, .. }) = self else { return text };
        match further_inputs {
            None => format!("{}: {text}", input_name(input)),
            Some(more) => format!("{} and {} more: {text}", input_name(input), text::count(*more)),
        }
    }

    /// Returns its text, for people.
    pub fn text(&self) -> String {
        match self {
            RunNotice::Head { records: 1 } => "only the first record was read (`input.head`)".to_owned(),
            RunNotice::Head { records } => {
                format!("only the first {} were read (`input.head`)", text::plural(*records, "record"))
            }
            RunNotice::ReplacedFields => {
                "what the pipeline wrote in an earlier run (status, error, …) was replaced".to_owned()
            }
            RunNotice::Input(InputNotice { notice, .. }) => input_text(notice),
        }
    }
}

fn input_text(notice: &Notice) -> String {
    match notice {
        Notice::NoRecords => "there are no records in it".to_owned(),
        Notice::GuessedEncoding { encoding } => {
            format!("read as {}, because it starts like it (if it isn't, use --encoding)", encoding.to_uppercase())
        }
        Notice::IdsFromRows => "no column gives `id`: it is made from the number of the row (row-1, …)".to_owned(),
        Notice::RenamedColumns { columns, count } => {
            let column = |column: &RenamedColumn| match &*column.name {
                "" => format!("the nameless column {} is `{}`", column.column, name(&column.kept_as)),
                other => format!("the other `{}` is `{}`", name(other), name(&column.kept_as)),
            };
            let shown: Vec<String> = columns.iter().take(COLUMNS).map(column).collect();
            let more = match count - shown.len() {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!("renamed columns: {}{more}", shown.join(", "))
        }
        Notice::SimilarColumn { field, column } => {
            format!("no column gives `{field}`, which isn't required; `{}` is kept as it is", name(column))
        }
        Notice::KeptFields { prefix } => {
            format!(
                "fields whose names the pipeline uses itself are kept under other names: status as `{prefix}status`, …"
            )
        }
        Notice::RenamedMembers => "fields that occur twice in a record are kept as `name_2`, …".to_owned(),
    }
}

/// The name of a column, shortened if it is long.
fn name(name: &str) -> String {
    text::shortened(&clearpipe_model::text::visible(name), 30)
}

/// The name of an input, shortened if it is long. The end of a path is kept, since it says most.
fn input_name(name: &str) -> String {
    text::shortened_in_front(&clearpipe_model::text::visible(name), 40)
}
