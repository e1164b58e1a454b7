//! The tables of an event log: what is known of its run besides its events, as a JSON object. Each member is optional:
//!
//! | member | |
//! |---|---|
//! | `changes` | the changes of settings while the run went on: an array of `{"at_ns": …, "config": {…}}` in the order of time, each with the settings from then on, as in the first line of the log |
//! | `metrics` | measurements while the run went on: an array of `{"at_ns": …, "metrics": {…}}` in the order of time; see [`crate::metrics::Metrics`] |
//! | `final` | the measurement at the end of the run: `{"at_ns": …, "metrics": {…}}` |
//! | `records` | traced records: an array of `[number, "id"]` or `[number, "id", "line"]`, with the line that was written to the results, which names its own fields |
//! | `marks` | marks at times of the run: an array of `{"at_ns": …, "text": "…"}` |
//!
//! The command writes the final metrics. Records are there only if the user wants that. Metrics in tables have neither
//! reasons nor notices, which quote records.

use super::event::LAST_TIME;
use super::read::PartOfRun;
use crate::config::Config;
use crate::metrics::Metrics;
use clearpipe_model::json_text;
use serde_json::{Map, Value, json};

/// The most values in tables, roughly.
const MAX_VALUES: usize = 1 << 20;

/// The tables of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables(Map<String, Value>);

impl Tables {
    /// Returns the tables of a run that has ended with these metrics.
    pub(super) fn of_run(metrics: &Metrics) -> Tables {
        let at_ns = (metrics.elapsed_seconds * 1e9).round() as u64;
        // Those quote the records.
        let metrics = Metrics { reasons: Vec::new(), notices: Vec::new(), ..metrics.clone() };
        let measured = serde_json::to_value(&metrics).map(|metrics| json!({ "at_ns": at_ns, "metrics": metrics }));
        Tables(measured.into_iter().map(|measured| ("final".to_owned(), measured)).collect())
    }

    /// Reads tables. Returns nothing if they can't be those of a log, for instance if what happens at a time isn't in the
    /// order of time, or if settings were changed to some that no run can have. What a newer version has added is left as
    /// it is.
    pub(super) fn read(json: &str) -> Option<Tables> {
        // A few bytes of a compressed log could otherwise fill the memory.
        if json.bytes().filter(|&byte| byte == b',').count() > MAX_VALUES {
            return None;
        }
        let Ok(Value::Object(members)) = json_text::parse(json) else { return None };
        let tables = Tables(members);
        let are_in_order = ["changes", "metrics", "marks"]
            .iter()
            .all(|name| tables.at_times(name).is_some_and(|rows| rows.is_sorted_by_key(|row| row.0)));
        // Without one of them, other settings would be told of the time after it.
        let are_settings = tables.changes().all(|(_, config)| config.is_object() && Config::from_log(config).is_ok());
        let ends_in_time = tables.0.get("final").is_none_or(|end| time_of(end).is_some());
        (are_in_order && are_settings && ends_in_time).then_some(tables)
    }

    /// Returns the rows of a table with their times; none if there is no such table, and nothing if it isn't one.
    fn at_times(&self, name: &str) -> Option<Vec<(u64, &Value)>> {
        let Some(rows) = self.0.get(name) else { return Some(Vec::new()) };
        rows.as_array()?.iter().map(|row| Some((time_of(row)?, row))).collect()
    }

    /// Returns the settings from each time on at which they were changed, in nanoseconds.
    pub fn changes(&self) -> impl Iterator<Item = (u64, &Value)> {
        self.at_times("changes").unwrap_or_default().into_iter().map(|(time, row)| (time, &row["config"]))
    }

    /// Returns the measurement at the end of the run.
    pub fn final_metrics(&self) -> Option<&Value> {
        Some(&self.0.get("final")?["metrics"])
    }

    /// Returns the marks with their times in nanoseconds.
    pub fn marks(&self) -> impl Iterator<Item = (u64, &str)> {
        let marks = self.at_times("marks").unwrap_or_default().into_iter();
        marks.map(|(time, row)| (time, row["text"].as_str().unwrap_or_default()))
    }

    /// Returns what a part of the run has of them: what was measured or marked in it, and what was changed up to its end.
    pub(super) fn of_part(mut self, part: PartOfRun) -> Tables {
        let is_at =
            |row: &Value, times: std::ops::RangeInclusive<u64>| time_of(row).is_some_and(|time| times.contains(&time));
        let end = if part.events_after == 0 { u64::MAX } else { part.to_ns };
        for (name, from) in [("changes", 0), ("metrics", part.from_ns), ("marks", part.from_ns)] {
            if let Some(Value::Array(rows)) = self.0.get_mut(name) {
                rows.retain(|row| is_at(row, from..=end));
            }
        }
        if part.events_after > 0 {
            self.0.remove("final");
        }
        // Who passes a part on doesn't expect the ids of all others in it.
        self.0.remove("records");
        self
    }

    /// Returns them as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// Returns the time of a row, if it is one that an event can have.
fn time_of(row: &Value) -> Option<u64> {
    row["at_ns"].as_u64().filter(|&time| time <= LAST_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Tables {
        let json = r#"{
            "changes": [{"at_ns": 5, "config": {"workers": 3}}, {"at_ns": 9, "config": {"new_of_2_0": {"x": 1}}}],
            "metrics": [{"at_ns": 4, "metrics": {"produced": 1}}, {"at_ns": 7, "metrics": {"produced": 5}}],
            "final": {"at_ns": 20, "metrics": {"produced": 7}},
            "marks": [{"at_ns": 6, "text": "here"}],
            "records": [[3, "id"]],
            "new": 1
        }"#;
        Tables::read(json).unwrap()
    }

    #[test]
    fn they_are_read_as_they_were_written() {
        let tables = tables();
        assert_eq!(Tables::read(&tables.to_json()).unwrap(), tables);
        let changes: Vec<_> = tables.changes().map(|(time, config)| (time, config["workers"].as_u64())).collect();
        assert_eq!(changes, [(5, Some(3)), (9, None)]);
        assert_eq!(tables.marks().collect::<Vec<_>>(), [(6, "here")]);
        assert_eq!(tables.final_metrics().unwrap()["produced"], 7);
        assert_eq!(Tables::read("{}").unwrap(), Tables::default());
    }

    #[test]
    fn what_no_log_can_have_is_refused() {
        for json in [
            "",
            "[]",
            r#"{"changes": {}}"#,
            r#"{"changes": [{"at_ns": -1, "config": {}}]}"#,
            r#"{"marks": [{"at_ns": 281474976710656, "text": ""}]}"#,
            r#"{"final": {"metrics": {}}}"#,
            r#"{"changes": [{"at_ns": 2, "config": {}}, {"at_ns": 1, "config": {}}]}"#,
            r#"{"metrics": [{"metrics": {}}]}"#,
            r#"{"marks": [7]}"#,
        ] {
            assert_eq!(Tables::read(json), None, "{json}");
        }
    }

    #[test]
    fn settings_that_no_run_has_had_are_damage() {
        let read = |config: &str| Tables::read(&format!(r#"{{"changes": [{{"at_ns": 1, "config": {config}}}]}}"#));
        assert!(read(r#"{"workers": 4}"#).is_some());
        for config in [r#"{"workers": -1}"#, "7", "null"] {
            assert_eq!(read(config), None, "{config}");
        }
        assert_eq!(Tables::read(r#"{"changes": [{"at_ns": 3}]}"#), None);
    }

    #[test]
    fn few_bytes_do_not_become_a_large_tree() {
        let many = |count: usize| format!(r#"{{"new": [{}0]}}"#, "0,".repeat(count));
        assert!(Tables::read(&many(1000)).is_some());
        assert_eq!(Tables::read(&many(MAX_VALUES + 1)), None);
    }

    #[test]
    fn a_part_has_what_belongs_to_it() {
        let part = PartOfRun { from_ns: 5, to_ns: 8, events_before: 1, events_after: 1, halvings: 0 };
        let of_part = tables().of_part(part);
        assert_eq!(of_part.changes().map(|(time, _)| time).collect::<Vec<_>>(), [5]);
        assert_eq!((of_part.final_metrics(), of_part.marks().count()), (None, 1));
        assert!(!of_part.to_json().contains("id"));
        let end = tables().of_part(PartOfRun { events_after: 0, ..part });
        assert_eq!(end.final_metrics().unwrap()["produced"], 7);
    }
}
