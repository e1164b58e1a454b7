//! Why records failed, for people.

use clearpipe_core::generator;
use clearpipe_core::metrics::{FirstFailed, Metrics, ReasonMetrics};
use clearpipe_io::text;
use clearpipe_model::reject::ReasonCode;

/// What the records have in common that failed for a reason, with an example of what was found; of a single record,
/// what is wrong with it. At most `longest` characters, and the flag that changes it.
pub fn phrase(reason: &ReasonMetrics, longest: usize) -> String {
    let flag = match reason.code {
        ReasonCode::LineTooLong | ReasonCode::RecordTooLong | ReasonCode::UnclosedQuote => " (--max-line)",
        _ => "",
    };
    let what = match (reason.count, &reason.example) {
        (1, _) => reason.first.error.clone(),
        (_, None) => reason.text.clone(),
        (_, Some(example)) => format!("{}, e.g. {example}", reason.text),
    };
    text::shortened(&text::visible(&what), longest) + flag
}

/// Where a record is: `line 5, column 3`, with several inputs `b.csv, line 5`. `None` if it was generated.
pub fn place(first: &FirstFailed) -> Option<String> {
    let mut place = match &first.input {
        Some(input) => format!("{}, ", text::shortened_in_front(&text::visible(input), 40)),
        None => String::new(),
    };
    place += &format!("line {}", text::count(first.line?));
    if let Some(column) = first.column {
        place += &format!(", column {}", text::count(column as u64));
    }
    Some(place)
}

/// Which record failed first, and why; `None` if none did.
pub fn first_failure(metrics: &Metrics) -> Option<String> {
    let first = metrics.reasons.iter().map(|reason| &reason.first).min_by_key(|first| first.record)?;
    let place = place(first).unwrap_or_else(|| format!("record `{}`", generator::id(first.record)));
    Some(format!("{place}: {}", text::visible(&first.error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearpipe_model::record::Status;

    fn reason(code: ReasonCode, count: u64) -> ReasonMetrics {
        let first = FirstFailed {
            record: 4,
            error: "column `v`: \"\u{1b}\" is not a number".to_owned(),
            input: None,
            line: Some(1_005),
            column: Some(3),
        };
        let example = Some("\"\u{1b}\"".to_owned());
        ReasonMetrics {
            code,
            status: Status::Invalid,
            fields: vec![],
            text: "column `v`: not a number".to_owned(),
            example,
            count,
            first,
        }
    }

    #[test]
    fn one_record_is_told_of_and_of_many_what_they_have_in_common() {
        assert_eq!(phrase(&reason(ReasonCode::NotANumber, 1), 76), "column `v`: \"\\u{1b}\" is not a number");
        assert_eq!(phrase(&reason(ReasonCode::NotANumber, 2), 76), "column `v`: not a number, e.g. \"\\u{1b}\"");
        assert_eq!(phrase(&reason(ReasonCode::LineTooLong, 2), 10), "column `v… (--max-line)");
    }

    #[test]
    fn a_place_is_as_precise_as_it_can_be() {
        let first = reason(ReasonCode::NotANumber, 1).first;
        assert_eq!(place(&first).unwrap(), "line 1,005, column 3");
        let input = Some("a\u{1b}.csv".to_owned());
        assert_eq!(place(&FirstFailed { input, column: None, ..first.clone() }).unwrap(), "a\\u{1b}.csv, line 1,005");
        assert_eq!(place(&FirstFailed { line: None, ..first }), None);
    }
}
