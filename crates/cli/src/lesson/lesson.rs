//! What a lesson is.

use super::measures::{Condition, Measure};
use super::text::{Block, Inline};
use super::values::Span;
use crate::settings::tree::{Node, Origin};
use clearpipe_core::config::Config;
use serde_json::Value;
use std::time::Duration;

/// A lesson.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The name of its file, as people see it.
    pub file: String,
    /// Its position in the curriculum, from the name of the file; one without a number comes after all others.
    pub number: Option<u32>,
    /// Its name in commands and links.
    pub id: String,
    /// Where the id is written.
    pub id_origin: Origin,
    /// Its title.
    pub title: String,
    /// The part of the curriculum that it belongs to.
    pub part: String,
    /// How long it takes.
    pub minutes: u32,
    /// The ids of the lessons that it builds on, and where they are written.
    pub needs: Vec<(String, Origin)>,
    /// Its runs.
    pub runs: Vec<Run>,
    /// Its questions.
    pub ask: Vec<Question>,
    /// Its challenge.
    pub goal: Option<Goal>,
    /// What the page shows after the runs.
    pub look_at: LookAt,
    /// Its text.
    pub sections: Sections,
}

/// A run of a lesson.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// Its settings.
    pub setup: Setup,
    /// Whether it has a seed of its own, which is part of what it shows.
    pub has_own_seed: bool,
}

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// All of them.
    pub config: Config,
    /// Those that the lesson sets.
    pub json: Value,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its text.
    pub text: Vec<Inline>,
    /// What is measured.
    pub measure: Measure,
    /// The choices.
    pub choices: Vec<Choice>,
    /// What the virtual clock measures.
    pub on_virtual: Span,
    /// What real threads measure, if that doesn't depend on the machine.
    pub on_pool: Option<Span>,
}

/// A choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it says.
    pub label: String,
    /// The values that it stands for.
    pub is: Span,
    /// What a learner who chose it is told.
    pub feedback: Vec<Inline>,
}

/// A challenge.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What is to be reached.
    pub text: Vec<Inline>,
    /// The settings that it starts with.
    pub setup: Setup,
    /// The same as a tree.
    pub tree: Node,
    /// What may be changed.
    pub may_change: Vec<Change>,
    /// What it takes to reach it.
    pub reach: Vec<Condition>,
    /// What the best solution has the least or the most of.
    pub best: Option<Best>,
    /// The best solution: a value for each of these settings.
    pub optimum: Vec<(String, Value)>,
    /// What doesn't reach it.
    pub not_enough: Vec<Vec<(String, Value)>>,
}

/// A setting that may be changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// The values that it may have, as the engine writes them.
    pub values: Vec<Value>,
    /// Whether they are the whole numbers from the first to the last.
    pub is_range: bool,
    /// The value that it has at the start.
    pub start: Value,
}

/// What is best.
#[derive(Clone, Debug)]
pub struct Best {
    /// Whether more is better.
    pub is_most: bool,
    /// The settings whose sum counts.
    pub paths: Vec<String>,
}

/// What the page shows after the runs.
#[derive(Clone, Debug, Default)]
pub struct LookAt {
    /// The name of the run.
    pub run: String,
    /// The time; the end if there is none.
    pub at: Option<Duration>,
    /// What is selected: a stage, a channel or a record.
    pub select: Option<String>,
}

/// The text of a lesson.
#[derive(Clone, Debug, Default)]
pub struct Sections {
    /// Shown with the question.
    pub before: Vec<Block>,
    /// What there is to see.
    pub after: Vec<Block>,
    /// The idea.
    pub why: Vec<Block>,
    /// For the instructor.
    pub notes: Vec<Block>,
}

impl Lesson {
    /// Returns its number for people; nothing if it has none.
    pub fn number(&self) -> String {
        self.number.map(|number| number.to_string()).unwrap_or_default()
    }

    /// Returns the run with this name.
    pub fn run(&self, name: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.name == name)
    }
}

impl Question {
    /// Returns the values that a choice stands for: where it is a single value, those within the tolerance of what the
    /// virtual clock measures.
    pub fn span_of(&self, choice: &Choice) -> Span {
        match (choice.is, self.on_virtual.tolerance()) {
            (Span { value: Some(value), from, to }, Some(tolerance)) if from == to => Span::around(value, tolerance),
            (is, _) => is,
        }
    }

    /// Returns the choices that a measured value fits.
    pub fn fitting(&self, measured: f64) -> Vec<&Choice> {
        self.choices.iter().filter(|choice| self.span_of(choice).contains(measured)).collect()
    }

    /// Returns whether a choice is the answer: what the virtual clock measures fits it.
    pub fn is_answer(&self, choice: &Choice) -> bool {
        let span = self.span_of(choice);
        match self.on_virtual.value {
            Some(value) => span.contains(value),
            None => span.contains_all(&self.on_virtual) || self.on_virtual.contains_all(&choice.is),
        }
    }
}

impl Goal {
    /// Returns the settings with these values.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn with(&self, values: &[(String, Value)]) -> Result<Config, String> {
        let mut json = serde_json::to_value(&self.setup.config).map_err(|error| error.to_string())?;
        for (path, value) in values {
            let place = json.pointer_mut(&pointer(path)).ok_or_else(|| format!("there is no setting `{path}`"))?;
            *place = value.clone();
        }
        Config::from_json(json).map_err(|error| error.to_string())
    }

    /// Returns what settings cost that have these values, and those of the start otherwise. `None` if nothing counts,
    /// or what counts isn't a number.
    pub fn cost(&self, values: &[(String, Value)]) -> Option<f64> {
        let best = self.best.as_ref()?;
        let of_path = |path: &String| {
            let changed = values.iter().find(|(changed, _)| changed == path).map(|(_, value)| value);
            let start = || self.may_change.iter().find(|change| change.path == *path).map(|change| &change.start);
            amount(changed.or_else(start)?)
        };
        best.paths.iter().map(of_path).sum()
    }
}

/// Returns the place of a setting in the JSON of a configuration.
pub fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// Returns the number that a value is, or the seconds.
pub fn amount(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => super::values::value(text).ok(),
        _ => None,
    }
}
