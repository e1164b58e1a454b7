//! `clearpipe lesson`: the lessons of the project, and what is said about others.

use crate::support::Place;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A lesson that holds.
const SMALL: &str = include_str!("../fixtures/01-small.md");

fn in_project(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// A place with the small lesson, in which these texts have been replaced.
fn place_with(replaced: &[(&str, &str)]) -> Place {
    let mut lesson = SMALL.to_owned();
    for (before, after) in replaced {
        assert_eq!(lesson.matches(before).count(), 1, "{before}");
        lesson = lesson.replace(before, after);
    }
    let place = Place::new();
    place.write("01-small.md", lesson);
    place
}

/// Checks the small lesson, in which these texts have been replaced. Returns what is wrong with it.
fn wrong(replaced: &[(&str, &str)]) -> Vec<String> {
    let done = place_with(replaced).run("lesson check 01-small.md");
    assert_eq!((done.status, done.err.as_str()), (1, ""), "{}", done.out);
    let mut lines = done.out.lines();
    assert!(lines.next().unwrap().starts_with("FAILED   1  small  "), "{}", done.out);
    assert!(done.out.ends_with("\n\n1 of 1 lesson failed.\n"), "{}", done.out);
    lines.map(|line| line.trim().to_owned()).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn all_lessons_hold() {
    let done = Place::new().run("lesson check");
    assert_eq!((done.status, done.err.as_str()), (0, ""), "{}", done.out);
}

#[test]
fn the_page_has_the_lessons_as_they_are() {
    let listed: Value = serde_json::from_str(&Place::new().run("lesson list --json").fine().out).unwrap();
    let file = in_project("web/lessons/generated/lessons.json");
    let kept: Value = std::fs::read(file).map(|json| serde_json::from_slice(&json).unwrap()).unwrap_or_default();
    // Not `assert_eq`: that would print it all.
    assert!(listed == kept, "web/lessons/generated/lessons.json is out of date: run `npm run lessons`");
}

#[test]
fn the_page_has_the_levels_as_they_are() {
    let listed: Value = serde_json::from_str(&Place::new().run("lesson list --levels --json").fine().out).unwrap();
    let file = in_project("web/lessons/generated/levels.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    // Not compared as text: it would fill the screen.
    assert!(listed == kept, "web/lessons/generated/levels.json is out of date: run `npm run lessons`");
    let table = Place::new().run("lesson list --levels").fine().out;
    assert!(table.starts_with("Be the scheduler\n   1  block "), "{table}");
    assert!(table.contains("\nPredict the interleaving\n") && table.contains("\nBreak it\n"), "{table}");
}

#[test]
fn levels_are_checked_as_lessons_are() {
    let place = Place::new();
    let level = "---\nid: x\ntitle: X\nconfig: { records: 1 }\nplay:\n  aim: X.\n  goal: { blocked: [producer] }\n  best: P\n\
                 ---\n\n## Before\n\nX.\n\n## After\n\nX.\n";
    place.write("01-x.md", level);
    let done = place.run("lesson check 01-x.md");
    assert_eq!(done.status, 1);
    assert!(done.out.contains("no schedule reaches the goal"), "{}", done.out);
    assert!(done.out.ends_with("\n1 of 1 level failed.\n"), "{}", done.out);
    place.write("02-x.md", level.replace("best: P", "best: Q"));
    let said = place.run("lesson check 01-x.md 02-x.md").error(2);
    assert!(said.starts_with("error: 02-x.md:8:9: `best`: \"Q\" is no step"), "{said}");
    let said = place.run("lesson run overtake").error(2);
    assert!(said.contains("`overtake` is a level of the scheduler game, which is played on the page"), "{said}");
}

#[test]
fn lessons_are_listed_by_their_parts() {
    let listed = Place::new().run("lesson list").fine().out;
    assert!(listed.starts_with("What moves\n   1  channel "), "{listed}");
    assert!(listed.contains("\n\nRoom\n"), "{listed}");
    let last = listed.lines().last().unwrap();
    assert!(last.ends_with(" minutes. Take one with: clearpipe lesson run ID"), "{last}");
}

#[test]
fn a_lesson_that_holds_says_what_was_measured() {
    let place = place_with(&[]);
    assert_eq!(
        place.run("lesson check 01-small.md").fine().out,
        "ok       1  small  ×2.00 (×1.96 to ×2.04); 4 records (4 records); goal: rate(goal) is 400.0 records/s, end is \
         100 ms with validator.workers=4\n\nThe lesson holds.\n"
            .replace("rate(goal)", "rate")
    );
    assert_eq!(place.run("lesson check -q 01-small.md").fine().out, "");
    let json: Value = serde_json::from_str(&place.run("lesson check --json 01-small.md").fine().out).unwrap();
    assert_eq!((&json[0]["ok"], &json[0]["problems"]), (&json!(true), &json!([])));
    assert_eq!(json[0]["questions"][0]["measured"].as_array().unwrap().len(), 3);
}

#[test]
fn real_threads_never_fail_a_check() {
    // No machine is a thousand times as fast with two workers.
    let place = place_with(&[("pool: 1.2..", "pool: 1000..")]);
    let done = place.run("lesson check --pool 01-small.md").fine();
    assert!(done.out.starts_with("ok?      1  small "), "{}", done.out);
    assert!(
        done.out.contains("\n        the question") || done.out.contains("question 1, on real threads: measured ×")
    );
    assert!(done.out.ends_with(" Real threads measured something else 1 time. If the machine is busy, try again.\n"));
}

#[test]
fn an_answer_that_is_not_what_is_measured_fails() {
    assert_eq!(
        wrong(&[("virtual: 2 ± 2%", "virtual: 1.9 ± 2%")]),
        [
            "question 1, seed 1: measured ×2.00; `virtual` says ×1.86 to ×1.94",
            "question 1, seed 2: measured ×2.00; `virtual` says ×1.86 to ×1.94",
            "question 1, seed 3: measured ×2.00; `virtual` says ×1.86 to ×1.94",
        ]
    );
}

#[test]
fn exactly_one_choice_must_fit() {
    let found = wrong(&[("is: 0.9..1.1", "is: 1.5..")]);
    assert_eq!(found[0], "question 1, seed 1: ×2.00 fits “It doubles” and “It stays the same”");
    let found = wrong(&[("is: 2\n", "is: 3\n")]);
    assert_eq!(found, [1, 2, 3].map(|seed| format!("question 1, seed {seed}: ×2.00 fits no choice")));
    // The page would call another choice right than what is measured.
    let found = wrong(&[
        ("virtual: 2 ± 2%", "virtual: 1.9 ± 10%"),
        ("is: 2\n", "is: 1.95..\n"),
        ("is: 0.9..1.1", "is: 1.8..1.94"),
    ]);
    assert_eq!(found[0], "question 1, seed 1: ×2.00 fits “It doubles”, and `virtual` another choice");
    // Both fit some of what `virtual` allows.
    let found =
        wrong(&[("virtual: 2 ± 2%", "virtual: 1..2"), ("is: 2\n", "is: 1.5..2\n"), ("is: 0.9..1.1", "is: 1..1.2")]);
    assert_eq!(found, ["question 1: `virtual`, ×1.00 to ×2.00, fits 2 choices"]);
}

#[test]
fn an_answer_must_not_depend_on_the_seed() {
    let found = wrong(&[
        ("wait: 10ms", "wait: 0-20ms"),
        ("measure: rate(two) / rate(one)", "measure: end(one)"),
        ("virtual: 2 ± 2%", "virtual: 0s..10s"),
        ("is: 2\n", "is: ..410ms\n"),
        ("is: 0.9..1.1", "is: 410ms.."),
        ("pool: 1.2..", "pool: off"),
    ]);
    assert!(
        found.iter().any(|line| line.starts_with("question 1: the answer depends on the seed: with 1 it is “")),
        "{found:?}"
    );
}

#[test]
fn a_goal_is_a_challenge_that_its_optimum_meets() {
    let start = "the goal is reached at the start already: rate is 100.0 records/s";
    let reach = "reach: rate >= 390 and end <= 110ms";
    assert_eq!(
        wrong(&[
            (reach, "reach: rate >= 100"),
            ("optimum: { validator.workers: 4 }", "optimum: { validator.workers: 1 }")
        ]),
        [start]
    );
    assert_eq!(
        wrong(&[(reach, "reach: rate >= 410")]),
        ["the goal isn't reached with the optimum, validator.workers=4: rate is 400.0 records/s"]
    );
    assert_eq!(
        wrong(&[(reach, "reach: rate >= 280")]),
        [
            "the goal is also reached with validator.workers=3, channels.data=2, which is better than the optimum: 3 instead of 4"
        ]
    );
    assert_eq!(
        wrong(&[("  least: validator.workers", "  not_enough: [{ validator.workers: 5 }, { channels.data: 8 }]")]),
        [
            "the goal is reached with validator.workers=5, which `not_enough` has: rate is 500.0 records/s, end is 80.0 ms"
        ]
    );
}

#[test]
fn files_that_are_wrong_have_all_their_problems_named() {
    let place = place_with(&[("id: small", "id: Small"), ("## Why", "## Because"), ("rate(two) / rate(one)", "speed")]);
    assert_eq!(
        place.run("lesson check 01-small.md").error(2).lines().collect::<Vec<_>>(),
        [
            "error: the lessons have 4 problems",
            "  01-small.md:2:5: `id` is \"Small\"; it must have lowercase letters, digits and hyphens, and begin with a letter",
            "  01-small.md:24:14: `measure`: `speed` can't be measured; the quantities are rate, end, processed, failed, p50, \
             p99, max, p99_due, busy, ready, blocked, waiting, in_work, depth, first_full, blocked_sends, drain, same_output, \
             same_events",
            "  01-small.md:62:1: there is no section `Because`; the sections are Before, After, Why, Notes for the instructor",
            "  01-small.md:68:31: the section `## Why` is missing"
        ]
    );
    let place = Place::new();
    assert!(place.run("lesson check missing.md").error(2).starts_with("error: missing.md: "));
    place.write("01-x.md", "x".repeat(200_000));
    assert_eq!(
        place.run("lesson check 01-x.md").error(2),
        "error: 01-x.md: too large for a lesson; the limit is 128 KiB\n"
    );
    place.write("01-x.md", "nothing");
    let problem = "error: the lessons have 2 problems";
    assert!(place.run("lesson check 01-x.md missing.md").error(2).starts_with(problem));
    // What comes from a file doesn't steer the terminal.
    let place = place_with(&[("id: small", "id: \"\\e[2J\"")]);
    assert!(!place.run("lesson check 01-small.md").error(2).contains('\u{1b}'));
}

#[test]
fn lessons_of_several_files_fit_together() {
    let place = place_with(&[("minutes: 2", "minutes: 2\nneeds: [later, smll, channel]")]);
    place.write("02-later.md", SMALL.replace("id: small", "id: later"));
    place.write("02-again.md", SMALL);
    assert_eq!(
        place.run("lesson check 01-small.md 02-later.md 02-again.md").error(2).lines().collect::<Vec<_>>(),
        [
            "error: the lessons have 5 problems",
            "  01-small.md:6:9: `later` doesn't come earlier",
            "  01-small.md:6:16: there is no lesson `smll`; did you mean `small`?",
            "  01-small.md:6:22: `channel` doesn't come earlier",
            "  02-again.md:2:5: 01-small.md has the id `small` as well",
            "  02-again.md:2:5: 02-later.md has the number 2 as well"
        ]
    );
}

#[test]
fn a_lesson_is_taken_without_bets() {
    let out = place_with(&[]).run("lesson run 01-small.md").fine().out;
    let expected = "\
Lesson 1 · Tests · 2 minutes

A small lesson

A Validator takes 10 ms for a record.

- This is a list.
- It has two items.

Your bet, question 1 of 2

Two Validators instead of one. What happens to the throughput?
  1  It doubles
  2  It stays the same

Your bet, question 2 of 2

And how many records are in dataCh after 100 ms, with two of them?
  1  None
  2  Four

What happened

Two Validators instead of one. What happens to the throughput?
Measured: ×2.00, which is “It doubles”.
Nothing else takes any time.

And how many records are in dataCh after 100 ms, with two of them?
Measured: 4 records, which is “Four”.
It is always full.

What there is to see

  Validators  records/s
  1           100
  2           200

Why

They work at the same time.

The challenge

At least 390 records/s with the fewest Validators.

You may change:
  validator.workers  1 to 6 (at the start 1)
  channels.data      2, 4, 8 (at the start 4)

Try it with other values:
  clearpipe lesson run 01-small.md --set validator.workers=1 --set channels.data=4
";
    assert_eq!(out, expected);
}

#[test]
fn bets_are_answered() {
    let place = place_with(&[]);
    let out = place.run("lesson run 01-small.md --bet 1,1").fine().out;
    assert!(
        out.contains("\nYou said “It doubles”, and that is right. Measured: ×2.00.\nNothing else takes any time.\n"),
        "{out}"
    );
    let wrong = "\nYou said “None”. Measured: 4 records, which is “Four”.\nThe Producer needs no time at all.\nIt is always full.\n";
    assert!(out.contains(wrong), "{out}");
    for (bets, problem) in [
        ("3", "--bet: 3 is no choice; there are 1 to 2"),
        ("0", "--bet: 0 is no choice; there are 1 to 2"),
        ("1,1,1", "--bet: there are 3 bets on 2 questions"),
    ] {
        let error = place.run(&format!("lesson run 01-small.md --bet {bets}")).error(2);
        assert_eq!(error, format!("error: {problem}\n"));
    }
    assert!(place.run("lesson run 01-small.md --bet x").error(2).contains("invalid value 'x' for '--bet <N,…>'"));
}

#[test]
fn a_challenge_is_tried_with_settings() {
    let place = place_with(&[]);
    let run = |settings: &str| place.run(&format!("lesson run 01-small.md {settings}")).fine().out;
    let goal = "At least 390 records/s with the fewest Validators.\n\n";
    assert_eq!(
        run("--set validator.workers=2"),
        format!(
            "{goal}  rate  200.0 records/s   not reached: >= 390.0 records/s\n  end            200 ms   not reached: <= 110 ms\n\n\
             The goal isn't reached yet.\n"
        )
    );
    let reached = "  rate  400.0 records/s   reached: >= 390.0 records/s\n  end            100 ms   reached: <= 110 ms\n\n\
                   The goal is reached.\n";
    let best = "validator.workers is 4, and that is the least with which it can be reached.\n";
    assert_eq!(run("--set validator.workers=4 --set channels.data=8"), format!("{goal}{reached}{best}"));
    assert!(
        run("--set validator.workers=5").ends_with("The goal is reached.\nvalidator.workers is 5; the least is 4.\n")
    );
    for (settings, problem) in [
        ("--set validator.workers=9", "--set validator.workers: it can't be 9 here; it may be 1 to 6"),
        (
            "--set validator.workers=x",
            "--set validator.workers: `validator.workers` is \"x\"; it must be a whole number, 0 or more",
        ),
        (
            "--set validator.worker=1",
            "--set validator.worker: this can't be changed here; did you mean `validator.workers`?",
        ),
        (
            "--set records=1",
            "--set records: this can't be changed here; the settings that can are validator.workers, channels.data",
        ),
        ("--set x", "--set x: write NAME=VALUE"),
    ] {
        let error = place.run(&format!("lesson run 01-small.md {settings}")).error(2);
        assert_eq!(error, format!("error: {problem}\n"));
    }
    assert!(
        place.run("lesson run 01-small.md --set validator.workers=2 --bet 1").error(2).contains("cannot be used with")
    );
    let without = place_with(&[]);
    let (begin, end) = (SMALL.find("goal:").unwrap(), SMALL.find("look_at:").unwrap());
    without.write("01-small.md", format!("{}{}", &SMALL[..begin], &SMALL[end..]));
    let error = without.run("lesson run 01-small.md --set validator.workers=2").error(2);
    assert_eq!(error, "error: the lesson `small` has no challenge\n");
}

#[test]
fn lessons_are_found_by_name_and_number() {
    let place = Place::new();
    assert!(place.run("lesson run channel").fine().out.starts_with("Lesson 1 · "));
    assert_eq!(
        place.run("lesson run 1").fine().out,
        place.run("lesson run channel").fine().out.replace("run channel", "run 1")
    );
    assert_eq!(
        place.run("lesson run chanel").error(2),
        "error: there is no lesson `chanel`; did you mean `channel`? `clearpipe lesson list` names them all\n"
    );
    assert_eq!(
        place.run("lesson run \"a\u{1b}b\"").error(2),
        "error: there is no lesson `a\\u{1b}b`; `clearpipe lesson list` names them all\n"
    );
}

#[test]
fn a_lesson_of_ones_own_needs_no_number() {
    let place = Place::new();
    place.write("mine.md", SMALL.replace("minutes: 2", "minutes: 1\nneeds: [channel, schedules]"));
    assert!(place.run("lesson check mine.md").fine().out.starts_with("ok          small  ×2.00 "));
    assert!(place.run("lesson run mine.md").fine().out.starts_with("Tests · 1 minute\n"));
}

/// As with `clearpipe lesson list | head -0`.
#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_problem() {
    let place = place_with(&[]);
    for command in ["list", "list --json", "check 01-small.md", "run 01-small.md"] {
        let done = place.shell(&format!("{{ \"$CP\" lesson {command}; echo $? >&2; }} | true"));
        assert_eq!((done.status, done.err.as_str()), (0, "0\n"), "{command}");
    }
}
