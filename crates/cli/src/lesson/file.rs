//! A lesson file: from its text to a [`Lesson`]. All problems are found at once.

use super::challenge;
use super::fields::{self, Table};
use super::front::{self, Front, paragraph, parsed};
use super::lesson::{Choice, Lesson, LookAt, Question, Run, Sections};
use super::measures::{Measure, RunNames};
use super::problems::{Problems, instead};
use super::setups::{self, merged};
use super::text;
use super::values::Span;
use crate::numbers;
use crate::settings::tree::{Entry, Node, Origin, Value};
use clearpipe_model::topology::{ChannelId, Stage};

/// The keys of a lesson.
const KEYS: [&str; 10] = ["id", "title", "part", "minutes", "needs", "config", "runs", "ask", "goal", "look_at"];

/// The headings of its sections.
const HEADINGS: [&str; 4] = ["Before", "After", "Why", "Notes for the instructor"];

/// The most words before the challenge.
const MAX_WORDS: usize = 350;

/// How many questions there may be, and how many choices.
const QUESTIONS: std::ops::RangeInclusive<usize> = 1..=3;
const CHOICES: std::ops::RangeInclusive<usize> = 2..=5;

/// How many minutes a lesson may take.
const MINUTES: std::ops::RangeInclusive<u64> = 1..=20;

/// Reads the text of a lesson. `name` is that of its file for messages, `short` the one without its folder.
///
/// # Errors
/// All problems, one line each.
pub fn parse(name: &str, short: &str, text: &str) -> Result<Lesson, Vec<String>> {
    let mut problems = Problems::of(name);
    let lesson = lesson(name, short, text, &mut problems);
    match lesson.filter(|_| problems.is_empty()) {
        Some(lesson) => Ok(lesson),
        None => Err(problems.into_lines()),
    }
}

fn lesson(file: &str, short: &str, text: &str, problems: &mut Problems) -> Option<Lesson> {
    let front = Front::of(file, short, text, problems)?;
    let sections = sections(&front, problems);
    let (tree, start) = (&front.tree, Front::START);
    let table = Table::read(tree, &start, "the lesson", &KEYS, problems)?;
    let id = front::id(&table, problems);
    let title = table.text("title", problems);
    let part = table.text("part", problems);
    let minutes = minutes(&table, problems);
    let needs = needs(&table, problems);
    let nothing = Node::empty_table(start.clone());
    let config = table.required("config", problems).map_or(&nothing, |entry| &entry.node);
    fields::entries(config, &config.origin, "`config`", problems)?;
    let (names, runs) = runs(&table, config, problems);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let of_lesson = RunNames { names: &names, default: names.last().copied() };
    let ask = ask(&table, of_lesson, problems);
    let goal = table
        .get("goal")
        .and_then(|entry| challenge::read(entry, config, RunNames { names: &names, default: None }, problems));
    let look_at = look_at(&table, of_lesson, problems);
    let (id, id_origin) = id?;
    Some(Lesson {
        file: file.to_owned(),
        number: front.number,
        id,
        id_origin: id_origin.clone(),
        title: title?.0,
        part: part?.0,
        minutes: minutes?,
        needs,
        runs: runs?,
        ask: ask?,
        goal,
        look_at: look_at?,
        sections: sections?,
    })
}

fn minutes(table: &Table<'_>, problems: &mut Problems) -> Option<u32> {
    let (minutes, origin) = table.text("minutes", problems)?;
    let found = minutes.parse().ok().filter(|minutes| MINUTES.contains(minutes));
    if found.is_none() {
        let (least, most) = (MINUTES.start(), MINUTES.end());
        problems.add(origin, format!("`minutes` is {minutes}; it must be a whole number from {least} to {most}"));
    }
    found.and_then(|minutes| minutes.try_into().ok())
}

fn needs(table: &Table<'_>, problems: &mut Problems) -> Vec<(String, Origin)> {
    let Some(entry) = table.get("needs") else { return Vec::new() };
    let nodes = fields::list(&entry.node, "needs", problems).unwrap_or_default();
    nodes.iter().filter_map(|node| Some((fields::text(node, "needs", problems)?, node.origin.clone()))).collect()
}

/// Reads the runs. The names are those that are written, even if something else is wrong with a run.
fn runs(table: &Table<'_>, config: &Node, problems: &mut Problems) -> (Vec<String>, Option<Vec<Run>>) {
    let origin = config.origin.clone();
    let only = [Entry { key: "run".to_owned(), node: Node::empty_table(origin.clone()), origin }];
    let entries = match table.get("runs") {
        None => &only,
        Some(entry) => match fields::entries(&entry.node, &entry.node.origin, "`runs`", problems) {
            None => return (Vec::new(), None),
            Some([]) => {
                problems.add(&entry.origin, "`runs` is empty; leave it out if there is one run");
                return (Vec::new(), None);
            }
            Some(entries) => entries,
        },
    };
    let mut runs = Vec::new();
    for Entry { key, origin, node } in entries {
        if !key.starts_with(|first: char| first.is_ascii_lowercase())
            || !key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            || is_taken(key)
        {
            problems.add(
                origin,
                format!(
                    "a run can't be named {key:?}; its name has letters, digits and underscores, begins with a lowercase \
                     letter, and is not that of a stage or channel"
                ),
            );
        }
        let empty = Node::empty_table(origin.clone());
        let node = if node.value == Value::Null { &empty } else { node };
        if fields::entries(node, origin, &format!("the run `{key}`"), problems).is_none() {
            continue;
        }
        let has_own_seed = node.find("seed").is_some();
        if let Some(setup) = setups::resolve(&merged(config, node), problems) {
            runs.push(Run { name: key.clone(), setup, has_own_seed });
        }
    }
    let names: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let all = runs.len() == names.len();
    (names, all.then_some(runs))
}

fn is_taken(name: &str) -> bool {
    Stage::ALL.iter().any(|stage| stage.id() == name) || ChannelId::ALL.iter().any(|channel| channel.name() == name)
}

fn ask(table: &Table<'_>, runs: RunNames<'_>, problems: &mut Problems) -> Option<Vec<Question>> {
    let entry = table.required("ask", problems)?;
    let nodes = fields::list(&entry.node, "ask", problems)?;
    if !QUESTIONS.contains(&nodes.len()) {
        problems.add(&entry.origin, format!("a lesson asks one to three questions, and this one {}", nodes.len()));
    }
    let questions: Vec<Option<Question>> = nodes
        .iter()
        .zip(1..)
        .map(|(node, number)| question(node, &format!("question {number}"), runs, problems))
        .collect();
    questions.into_iter().collect()
}

fn question(node: &Node, what: &str, runs: RunNames<'_>, problems: &mut Problems) -> Option<Question> {
    let keys = ["text", "choices", "measure", "virtual", "pool"];
    let table = Table::read(node, &node.origin, what, &keys, problems)?;
    let text = paragraph(&table, "text", problems);
    let measure = parsed(&table, "measure", problems, |text| Measure::read(text, runs));
    let on_virtual = parsed(&table, "virtual", problems, Span::read);
    let on_pool = match table.get("pool") {
        None => None,
        Some(entry) => match fields::text(&entry.node, "pool", problems)?.as_str() {
            "off" => None,
            text => Some(Span::read(text).map_err(|problem| problems.add(&entry.node.origin, problem)).ok()?),
        },
    };
    let entry = table.required("choices", problems)?;
    let nodes = fields::list(&entry.node, "choices", problems)?;
    if !CHOICES.contains(&nodes.len()) {
        problems.add(&entry.origin, format!("a question has two to five choices, and this one {}", nodes.len()));
    }
    let choices: Vec<Option<Choice>> = nodes
        .iter()
        .zip(1..)
        .map(|(node, number)| choice(node, &format!("choice {number} of {what}"), problems))
        .collect();
    let choices: Vec<Choice> = choices.into_iter().collect::<Option<_>>()?;
    let on_virtual = on_virtual?;
    let is_single = |choice: &Choice| choice.is.value.is_some() && choice.is.from == choice.is.to;
    if on_virtual.tolerance().is_none()
        && let Some((_, node)) = choices.iter().zip(nodes).find(|(choice, _)| is_single(choice))
    {
        let problem =
            "`virtual` is open, so it has no tolerance within which a single value fits; give each choice a range";
        problems.add(&node.origin, problem);
    }
    Some(Question { text: text?, measure: measure?, choices, on_virtual, on_pool })
}

fn choice(node: &Node, what: &str, problems: &mut Problems) -> Option<Choice> {
    let table = Table::read(node, &node.origin, what, &["label", "is", "feedback"], problems)?;
    let label = table.text("label", problems);
    let is = parsed(&table, "is", problems, Span::read);
    let feedback = paragraph(&table, "feedback", problems);
    Some(Choice { label: label?.0, is: is?, feedback: feedback? })
}

fn look_at(table: &Table<'_>, runs: RunNames<'_>, problems: &mut Problems) -> Option<LookAt> {
    let default = LookAt { run: runs.default.unwrap_or_default().to_owned(), at: None, select: None };
    let Some(entry) = table.get("look_at") else { return Some(default) };
    let table = Table::read(&entry.node, &entry.node.origin, "`look_at`", &["run", "at", "select"], problems)?;
    let mut look_at = default;
    if table.get("run").is_some()
        && let Some((run, origin)) = table.text("run", problems)
    {
        if !runs.names.contains(&run.as_str()) {
            problems.add(origin, format!("there is no run `{run}`; {}", instead(&run, runs.names, "runs")));
        }
        look_at.run = run;
    }
    if table.get("at").is_some() {
        look_at.at = parsed(&table, "at", problems, numbers::time);
    }
    if table.get("select").is_some()
        && let Some((select, origin)) = table.text("select", problems)
    {
        let is_record = select.strip_prefix("record:").is_some_and(|number| number.parse::<u64>().is_ok());
        if !is_record && !is_taken(&select) {
            let names: Vec<&str> =
                Stage::ALL.map(Stage::id).into_iter().chain(ChannelId::ALL.map(ChannelId::name)).collect();
            let instead = instead(&select, &names, "stages and channels");
            problems.add(origin, format!("`{select}` can't be selected; {instead}"));
        }
        look_at.select = Some(select);
    }
    Some(look_at)
}

/// Reads the text.
fn sections(front: &Front<'_>, problems: &mut Problems) -> Option<Sections> {
    let [before, after, why, notes] = front.sections(HEADINGS, problems)?;
    let sections = Sections { before, after, why, notes };
    let words =
        [&sections.before, &sections.after, &sections.why].map(|blocks| text::words(blocks)).iter().sum::<usize>();
    if words > MAX_WORDS {
        problems
            .add(&front.body(), format!("the text before the challenge has {words} words; the limit is {MAX_WORDS}"));
    }
    Some(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = include_str!("../../tests/fixtures/01-small.md");

    /// Returns the problems of the small lesson, in which these texts have been replaced, without the name of the file.
    fn problems(replaced: &[(&str, &str)]) -> Vec<String> {
        crate::lesson::problems::testing::problems_with(SMALL, replaced, |text| parse("x", "01-x.md", text))
    }

    #[test]
    fn a_file_becomes_a_lesson() {
        let lesson = parse("x", "01-x.md", SMALL).unwrap();
        assert_eq!((lesson.number, lesson.id.as_str(), lesson.minutes, lesson.runs.len()), (Some(1), "small", 2, 2));
        assert_eq!(lesson.runs[1].setup.json["validator"], serde_json::json!({ "workers": 2 }));
        assert_eq!(lesson.runs[1].setup.json["runtime"], serde_json::json!({ "kind": "virtual" }));
        assert_eq!(
            lesson.ask[0].choices.iter().map(|it| lesson.ask[0].is_answer(it)).collect::<Vec<_>>(),
            [true, false]
        );
        let goal = lesson.goal.unwrap();
        assert_eq!((goal.may_change[0].values.len(), &goal.may_change[1].start), (6, &serde_json::json!(4)));
        assert_eq!(parse("x", "mine.md", SMALL).unwrap().number, None);
        // With Windows line ends and a byte order mark, too.
        assert!(parse("x", "01-x.md", &format!("\u{feff}{}", SMALL.replace('\n', "\r\n"))).is_ok());
    }

    #[test]
    fn all_problems_are_named_at_once_with_their_places() {
        assert_eq!(
            problems(&[
                ("minutes: 2", "minutes: 25"),
                ("part: Tests\n", ""),
                ("title:", "titel:"),
                ("records: 40", "records: many"),
                ("wait: 10ms", "wayt: 10ms"),
                ("{ validator: { workers: 2 } }", "{ validator: { workers: 0 }, runtime: { kind: pool } }"),
                ("is: 2\n", "is: twice\n"),
                ("virtual: 2 ± 2%", "virtual: 2 +- 2%"),
                ("feedback: It is always full.", "feedbak: It is always full."),
                ("measure: depth(dataCh, 100ms)", "measure: depth(dataCH, 100ms)"),
                ("run: two", "run: three"),
                ("select: validator", "select: record:x"),
            ]),
            [
                "2:1: the lesson has no `title`",
                "2:1: the lesson has no `part`",
                "3:1: the lesson has no key `titel`; did you mean `title`?",
                "4:10: `minutes` is 25; it must be a whole number from 1 to 20",
                "6:3: `records` is \"many\"; it must be a whole number, 0 or more",
                "10:27: unknown setting `service.validator.wayt`; did you mean `service.validator.wait`?",
                "13:23: `validator.workers` is 0; it must be from 1 to 65535",
                "13:48: `runtime.kind` of a lesson is always virtual; leave it out",
                "18:13: `is`: `twice` is not a value such as `90`, `80%` or `100ms`",
                "24:14: `virtual`: `2 +- 2%` is not a value such as `90`, `80%` or `100ms`",
                "31:9: choice 2 of question 2 has no `feedback`",
                "33:9: choice 2 of question 2 has no key `feedbak`; did you mean `feedback`?",
                "34:14: `measure`: `dataCH` is no run, stage, channel or time; did you mean `dataCh`?",
                "44:17: there is no run `three`; the runs are one, two",
                "44:42: `record:x` can't be selected; the stages and channels are producer, validator, transformer, fan_out, \
                 loader, error_handler, metrics_collector, dataCh, validCh, processedCh, errorCh, loaderCh, errorHandlerCh, \
                 metricsCh",
            ]
        );
    }

    #[test]
    fn a_goal_is_one_that_can_be_tried() {
        for (replaced, expected) in [
            (("1..6", "1..6000"), "40:24: `validator.workers`: `1..6000` has more than 1,000 values"),
            (("1..6", "0..6"), "40:5: `validator.workers` is 0; it must be from 1 to 65535"),
            (
                ("1..6", "3"),
                "40:24: `validator.workers`: `3` is neither a range such as `1..4` nor a list of values in brackets",
            ),
            (
                ("channels.data: [", "channels.dat: ["),
                "41:5: unknown setting `channels.dat`; did you mean `channels.data`?",
            ),
            (("[2, 4, 8]", "[2, 4, x]"), "41:27: `channels.data` is \"x\"; it must be a whole number, 0 or more"),
            (
                ("rate >= 390 and", "rate >= fast and"),
                "42:10: `reach`: `fast` is not a value such as `90`, `80%` or `100ms`",
            ),
            (
                ("least: validator.workers", "least: workers"),
                "43:10: `least`: `workers` can't be changed; the settings that can are validator.workers, channels.data",
            ),
            (
                ("least: validator.workers", "most: validator.workers\n  least: validator.workers"),
                "43:3: a goal has `least` or `most`, but not both",
            ),
            (
                ("optimum: { validator.workers: 4 }", "optimum: { validator.workers: 7 }"),
                "44:14: `validator.workers` can't be 7; `may_change` has 1 to 6",
            ),
            (
                ("optimum: { validator.workers: 4 }", "optimum: { workers: 4 }"),
                "44:14: `workers` can't be changed; the settings that can are validator.workers, channels.data",
            ),
            (
                ("optimum: { validator.workers: 4 }", "optimum: {}"),
                "44:3: `optimum` is empty; write the settings that are changed, and their values",
            ),
            (
                ("goal:\n", "goal:\n  start: { output: { fsync: true } }\n"),
                "38:12: a lesson can't set `output`: its results aren't kept",
            ),
        ] {
            assert_eq!(problems(&[replaced]), [expected], "{replaced:?}");
        }
        let many = [("1..6", "1..600"), ("[2, 4, 8]", "[2, 3, 5, 6, 7, 8, 9, 10, 11]")];
        let found = problems(&many);
        assert_eq!(found, ["39:3: `may_change` has 6,000 combinations; at most 5,000 can be tried for the best one"]);
    }

    #[test]
    fn the_text_has_its_sections() {
        let long = format!("They {}", "work ".repeat(400));
        for (replaced, expected) in [
            (
                vec![("## After", "## Before")],
                vec!["55:1: the section `Before` is there twice", "68:31: the section `## After` is missing"],
            ),
            (
                vec![("## Before", "## Why"), ("## Why\n\nThey", "## Before\n\nThey")],
                vec![
                    "55:1: the section `After` must come before `Why`",
                    "62:1: the section `Before` must come before `Why`",
                ],
            ),
            (vec![("They work at the **same** time.\n", "")], vec!["62:1: the section `Why` is empty"]),
            (
                vec![("They work at", long.as_str())],
                vec!["47:1: the text before the challenge has 426 words; the limit is 350"],
            ),
            (vec![("**same**", "[same](x)")], vec!["64:18: a lesson can't have links"]),
        ] {
            assert_eq!(problems(&replaced), expected);
        }
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        let ends = (0..SMALL.trim_end().len() - 1).step_by(17).filter(|end| SMALL.is_char_boundary(*end));
        for end in ends.filter(|end| SMALL[..*end].find("## Notes").is_none_or(|notes| *end < notes + 30)) {
            assert!(parse("x", "01-x.md", &SMALL[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_file_that_is_no_lesson_is_refused() {
        for (short, text, expected) in [
            ("01-x.md", "# x\n", "x:1:1: a lesson begins with settings between two lines `---`"),
            ("01-x.md", "---\nid: [\n---\n", "x:"),
            ("01-x.md", "---\n- 1\n---\n", "x:2:1: the lesson is a list; it must be a table"),
        ] {
            let problems = parse("x", short, text).unwrap_err();
            assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{problems:?}");
        }
    }
}
