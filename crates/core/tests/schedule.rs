//! Schedules that are chosen step by step: the same path is the same run, a step can be undone, and the shortest path to a
//! goal is found.
//!
//! `CLEARPIPE_LONG=1` also tries what takes long without optimisation.

use clearpipe_core::config::{BatchSize, Config, Injection, RuntimeKind, ServiceTime};
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
use clearpipe_core::runtime::{TaskId, Virtual, YieldPoints};
use clearpipe_core::schedule::{Goal, Next, NotPossible, Path, Schedule, Search, Step, Wait, search, search_from};
use clearpipe_core::trace::Event;
use clearpipe_model::random::Random;
use clearpipe_model::topology::{ChannelId, Stage};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Returns a configuration in which no record fails and nothing takes time.
fn config(records: u64, validators: usize, transformers: usize, capacity: usize) -> Config {
    let mut config = Config { records, workers: transformers, ..Config::default() };
    config.validator.workers = Some(validators);
    config.channels.capacity = Some(capacity);
    config.generator.invalid_value = Injection::Off;
    config.generator.invalid_unit = Injection::Off;
    config
}

fn is_long() -> bool {
    std::env::var_os("CLEARPIPE_LONG").is_some()
}

fn unordered(config: Config) -> Config {
    Config { ordered: false, ..config }
}

/// Returns configurations of every kind, small ones.
fn all_kinds() -> Vec<(&'static str, Config)> {
    let millis = |millis| ServiceTime::Fixed(Duration::from_millis(millis));
    let mut failing = config(4, 2, 2, 1);
    failing.generator.invalid_value = Injection::Every(2);
    failing.generator.invalid_unit = Injection::Every(3);
    let mut waiting = unordered(config(3, 2, 1, 1));
    waiting.service.validator.wait = ServiceTime::Random(Duration::ZERO, Duration::from_millis(9));
    waiting.service.loader.wait = millis(30);
    let mut computing = config(3, 2, 2, 2);
    computing.runtime.cores = 1;
    computing.service.validator.compute = millis(5);
    computing.service.transformer.wait = millis(2);
    computing.service.transformer.compute = millis(3);
    let mut limited = config(3, 1, 1, 2);
    limited.generator.rate_limit = 100.0;
    limited.window = Some(2);
    vec![
        ("plain", config(4, 2, 2, 1)),
        ("unordered", unordered(config(4, 3, 2, 2))),
        ("failing", failing.clone()),
        ("failing, unordered", unordered(failing)),
        ("waiting", waiting),
        ("computing", computing),
        ("limited", limited),
    ]
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// Takes steps chosen at random until the run is over.
fn wander(schedule: &mut Schedule, random: &mut Random) {
    loop {
        let choices = schedule.choices();
        match choices.len() as u64 {
            0 => return,
            count => schedule.step(choices[random.below(count) as usize]).unwrap(),
        }
    }
}

fn after(config: &Config, yields: YieldPoints, path: &Path) -> Schedule {
    let mut schedule = Schedule::new(config, yields).unwrap();
    path.0.iter().for_each(|&step| schedule.step(step).unwrap());
    schedule
}

#[test]
fn every_choice_ends_with_every_record_in_a_file_and_the_same_path_has_the_same_events() {
    for (name, config) in all_kinds() {
        for seed in 0..20 {
            for yields in [YieldPoints::NONE, YieldPoints::TAKEN, YieldPoints::ALL] {
                let mut schedule = Schedule::new(&config, yields).unwrap();
                wander(&mut schedule, &mut Random::new(seed));
                assert!(schedule.state().is_over(), "{name}, seed {seed}: {:?}", schedule.waits_for());
                let mut all = [schedule.state().processed(), schedule.state().failed()].concat();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..config.records), "{name}, seed {seed}");
                let lines = |bytes: Vec<u8>| bytes.iter().filter(|&&byte| byte == b'\n').count();
                assert_eq!(lines(schedule.processed()), schedule.state().processed().len());
                assert_eq!(lines(schedule.failed()), schedule.state().failed().len());
                let again = after(&config, yields, schedule.path());
                assert_eq!(schedule.ends().len(), schedule.path().0.len() + 1);
                assert!(schedule.ends().is_sorted() && schedule.ends().last() == Some(&schedule.events().len()));
                assert!(
                    again.events() == schedule.events() && again.state() == schedule.state(),
                    "{name}, seed {seed}"
                );
                assert_eq!((again.processed(), again.failed()), (schedule.processed(), schedule.failed()));
            }
        }
    }
}

#[test]
fn a_hundred_steps_undone_and_redone_leave_the_same_state() {
    for (name, config) in all_kinds() {
        let mut schedule = Schedule::new(&config, YieldPoints::ALL).unwrap();
        wander(&mut schedule, &mut Random::new(7));
        let end = (schedule.path().clone(), schedule.state().clone(), schedule.events().to_vec());
        let mut states = Vec::new();
        let mut undone = 0;
        while undone < 100 && schedule.undo() {
            undone += 1;
            states.push(schedule.state().clone());
        }
        assert!(undone > 40, "{name}: {undone}");
        for state in states.iter().rev() {
            assert!(schedule.state() == state, "{name}: {}", schedule.path());
            assert!(schedule.redo());
        }
        assert!(!schedule.redo());
        assert!((schedule.path().clone(), schedule.state().clone(), schedule.events().to_vec()) == end, "{name}");
        // Undone and done again a hundred times at the same place.
        for _ in 0..100 {
            assert!(schedule.undo() && schedule.redo());
        }
        assert!(schedule.state() == &end.1 && schedule.events() == end.2, "{name}");
    }
}

#[test]
fn another_step_forgets_what_was_undone() {
    let mut schedule = after(&config(2, 1, 1, 1), YieldPoints::TAKEN, &path("P V1 V1"));
    assert!(schedule.undo() && schedule.undo());
    // The same step as before: there is still one to redo.
    schedule.step("V1".parse().unwrap()).unwrap();
    assert!(schedule.redo() && schedule.undo());
    schedule.step("T1".parse().unwrap()).unwrap();
    assert!(!schedule.redo());
    assert_eq!(schedule.path().to_string(), "P V1 T1");
    assert!((0..3).all(|_| schedule.undo()) && !schedule.undo());
}

#[test]
fn where_tasks_stand_is_what_they_do() {
    let task = |text: &str| text.parse::<TaskId>().unwrap();
    let mut config = config(3, 2, 1, 1);
    config.generator.invalid_value = Injection::Every(2);
    let mut schedule = Schedule::new(&config, YieldPoints::TAKEN).unwrap();
    let takes = |channel, record| Next::Takes { channel, record };
    let sends = |record, channel| Next::Sends { record, channel };
    let next = |schedule: &Schedule, name: &str| {
        schedule.ready().into_iter().find(|(ready, _)| *ready == task(name)).map(|(_, next)| next)
    };
    let waits = |schedule: &Schedule, name: &str| -> Vec<Wait> {
        schedule.waits_for().into_iter().filter(|(waiting, _)| *waiting == task(name)).map(|(_, wait)| wait).collect()
    };
    assert_eq!(next(&schedule, "P"), Some(sends(0, ChannelId::DataCh)));
    assert_eq!(next(&schedule, "V1"), Some(takes(ChannelId::DataCh, None)));
    assert_eq!(schedule.waits_for(), []);
    schedule.run(task("P")).unwrap();
    assert_eq!(schedule.run(task("P")), Err(NotPossible { step: Step::Run(task("P")) }));
    assert_eq!(schedule.move_on(), Err(NotPossible { step: Step::MoveOn }));
    assert_eq!(waits(&schedule, "P"), [Wait::Full(ChannelId::DataCh)]);
    assert_eq!(next(&schedule, "V2"), Some(takes(ChannelId::DataCh, Some(0))));
    schedule.run(task("V2")).unwrap();
    // Every second record is invalid, from the first on.
    assert_eq!(next(&schedule, "V2"), Some(sends(0, ChannelId::ErrorCh)));
    assert_eq!(next(&schedule, "P"), Some(sends(2, ChannelId::DataCh)));
    schedule.run(task("V1")).unwrap();
    assert_eq!(next(&schedule, "V1"), Some(sends(1, ChannelId::ValidCh)));
    schedule.run(task("F")).unwrap();
    assert_eq!(waits(&schedule, "F"), [Wait::Empty(ChannelId::ProcessedCh), Wait::Empty(ChannelId::ErrorCh)]);
    for step in path("V2 F").0 {
        schedule.step(step).unwrap();
    }
    assert_eq!(next(&schedule, "E"), Some(takes(ChannelId::ErrorHandlerCh, Some(0))));
    schedule.run(task("E")).unwrap();
    assert_eq!((schedule.state().failed(), schedule.failed().len()), (&[0][..], 0));
    // The line is still to be written, if nothing arrives meanwhile.
    let deadline = Wait::Time(Duration::from_millis(20));
    assert_eq!(waits(&schedule, "E"), [Wait::Empty(ChannelId::ErrorHandlerCh), deadline]);
    wander(&mut schedule, &mut Random::new(1));
    assert_eq!((schedule.ready(), schedule.waits_for(), schedule.choices()), (Vec::new(), Vec::new(), Vec::new()));
}

#[test]
fn where_tasks_stand_holds_in_every_schedule() {
    for (name, config) in all_kinds() {
        for seed in 0..30 {
            let mut random = Random::new(seed);
            let mut schedule = Schedule::new(&config, YieldPoints { taken: true, sent: seed % 2 == 0 }).unwrap();
            loop {
                let choices = schedule.choices();
                if choices.is_empty() {
                    break;
                }
                let step = choices[random.below(choices.len() as u64) as usize];
                let Step::Run(task) = step else {
                    schedule.step(step).unwrap();
                    continue;
                };
                let told = schedule.ready().into_iter().find(|(ready, _)| *ready == task).unwrap().1;
                let before = schedule.state().clone();
                schedule.step(step).unwrap();
                let now = schedule.state();
                let place = format!("{name}, seed {seed}: {told:?} in {}", schedule.path());
                match told {
                    Next::Takes { channel, record: Some(record) } => {
                        assert_eq!(before.channel(channel).first(), Some(&record), "{place}");
                        assert!(!now.channel(channel).contains(&record), "{place}");
                    }
                    Next::Takes { channel, record: None } => {
                        assert!(before.channel(channel).is_empty(), "{place}");
                        assert!(now.records(task).len() <= before.records(task).len(), "{place}");
                        assert!(!now.has_ended(task), "{place}");
                    }
                    // Either the record is there, or there was no room for it.
                    Next::Sends { record, channel } => {
                        let waits = || schedule.waits_for().contains(&(task, Wait::Full(channel)));
                        let is_paced = task.stage == Stage::Producer && config.generator.rate_limit > 0.0;
                        let is_in_flight = || schedule.waits_for().contains(&(task, Wait::Window));
                        assert!(
                            now.channel(channel).contains(&record) || waits() || is_paced || is_in_flight(),
                            "{place}"
                        );
                    }
                    Next::WorksOn { record } => assert_eq!(before.records(task).last(), Some(&record), "{place}"),
                    Next::Finishes { record } => assert!(before.records(task).contains(&record), "{place}"),
                    Next::Yields => assert!(now.ready().contains(&task), "{place}"),
                    Next::WritesOut => assert!(!now.has_ended(task), "{place}"),
                    Next::Ends => assert!(now.has_ended(task), "{place}"),
                }
                for (waiting, _) in schedule.waits_for() {
                    assert!(!schedule.state().ready().contains(&waiting), "{place}");
                }
            }
        }
    }
}

/// What a search is expected to find: the number of steps, or that there is no path. Then how many states it sees, which
/// changes when another part of the state begins or ceases to matter.
struct Expected {
    about: &'static str,
    goal: Goal,
    config: Config,
    yields: YieldPoints,
    steps: Option<usize>,
    states: usize,
}

const LIMIT: usize = 200_000;

/// The steps and the states of a goal: without yield points, with those that suffice, and with all of them.
type Results = [(Option<usize>, usize); 3];

fn check(expected: &[Expected]) {
    let mut others = Vec::new();
    for Expected { about, goal, config, yields, steps, states } in expected {
        let start = Instant::now();
        let found = search(config, *yields, |state| goal.is_reached(state), LIMIT).unwrap();
        let time = start.elapsed();
        let seen = match found {
            Search::Found { path, states } => {
                println!("{about}, {yields:?}: {} steps, {states} states in {time:.1?}: {path}", path.0.len());
                assert_eq!(Some(path.0.len()), *steps, "{about}, {yields:?}: {path}");
                assert!(goal.is_reached(after(config, *yields, &path).state()), "{about}: {path}");
                states
            }
            Search::Impossible { states } => {
                println!("{about}, {yields:?}: impossible, {states} states in {time:.1?}");
                assert_eq!(None, *steps, "{about}, {yields:?}");
                states
            }
            Search::GivenUp { states } => panic!("{about}, {yields:?}: given up after {states} states"),
        };
        if seen != *states {
            others.push(format!("{about}, {yields:?}: {seen} instead of {states} states"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

/// Returns the goals of the game.
fn goals() -> Vec<Expected> {
    let both = || Goal::Blocked(vec![Stage::Producer, Stage::Validator]);
    let full = || Goal::Full(ChannelId::ValidCh);
    let overtaking = || unordered(config(2, 2, 1, 1));
    let three = || unordered(config(3, 3, 1, 3));
    let ways = [YieldPoints::NONE, YieldPoints::TAKEN, YieldPoints::ALL];
    let all: [(_, _, _, Results); 8] = [
        ("validCh is full", full(), config(3, 2, 1, 1), [(Some(2), 9), (Some(3), 38), (Some(3), 38)]),
        ("validCh with two is full", full(), config(6, 2, 2, 2), [(Some(2), 9), (Some(4), 113), (Some(5), 189)]),
        ("the Producer is blocked", Goal::Blocked(vec![Stage::Producer]), config(4, 1, 1, 1), [(Some(1), 2); 3]),
        ("both are blocked", both(), config(4, 1, 1, 1), [(Some(3), 35), (Some(5), 162), (Some(6), 238)]),
        ("the run is over", Goal::Over, config(2, 1, 1, 1), [(Some(14), 895), (Some(16), 1559), (Some(20), 2671)]),
        ("1 before 0", Goal::Before(1, 0), overtaking(), [(None, 2376), (Some(8), 909), (Some(8), 904)]),
        ("2 first", Goal::Order(vec![2]), three(), [(None, 416), (Some(9), 1212), (Some(9), 1225)]),
        ("2, 1, 0", Goal::Order(vec![2, 1, 0]), three(), [(None, 416), (Some(13), 3864), (Some(15), 7095)]),
    ];
    let each = |(about, goal, config, results): (_, Goal, Config, Results)| {
        ways.into_iter().zip(results).map(move |(yields, (steps, states))| Expected {
            about,
            goal: goal.clone(),
            config: config.clone(),
            yields,
            steps,
            states,
        })
    };
    all.into_iter().flat_map(each).collect()
}

#[test]
fn the_shortest_path_to_each_goal_is_found_or_that_there_is_none() {
    let mut goals = goals();
    if !is_long() {
        goals.retain(|expected| expected.states < 4_000);
    }
    check(&goals);
}

#[test]
fn more_workers_make_no_goal_farther_and_more_records_no_impossible_one_possible() {
    if !is_long() {
        return;
    }
    let reversed = || Goal::Order(vec![2, 1, 0]);
    let (none, taken) = (YieldPoints::NONE, YieldPoints::TAKEN);
    let cases = [
        ("2, 1, 0 with 3 + 3", reversed(), unordered(config(3, 3, 3, 3)), taken, Some(13)),
        ("2, 1, 0 with 3 + 3", reversed(), unordered(config(3, 3, 3, 3)), none, None),
        ("1 before 0 of 3", Goal::Before(1, 0), unordered(config(3, 2, 1, 1)), none, None),
    ];
    for (about, goal, config, yields, steps) in cases {
        let start = Instant::now();
        let found = search(&config, yields, |state| goal.is_reached(state), LIMIT).unwrap();
        println!("{about}, {yields:?}: {found:?} in {:.1?}", start.elapsed());
        match found {
            Search::Found { path, .. } => assert_eq!(Some(path.0.len()), steps, "{about}: {path}"),
            Search::Impossible { .. } => assert_eq!(None, steps, "{about}"),
            Search::GivenUp { states } => panic!("{about}: given up after {states} states"),
        }
    }
}

#[test]
fn a_search_gives_up_at_its_limit() {
    let goal = Goal::Before(1, 0);
    let found = search(&config(2, 2, 1, 1), YieldPoints::TAKEN, |state| goal.is_reached(state), 50).unwrap();
    assert_eq!(found, Search::GivenUp { states: 51 });
    let invalid = Config { workers: 0, ..Config::default() };
    assert!(search(&invalid, YieldPoints::NONE, |_| true, 50).is_err());
    let at_once = search(&config(2, 2, 1, 1), YieldPoints::TAKEN, |_| true, 50).unwrap();
    assert_eq!(at_once, Search::Found { path: Path::default(), states: 1 });
}

#[test]
fn a_search_can_begin_in_the_middle_of_a_run() {
    let (config, goal) = (unordered(config(2, 2, 1, 1)), Goal::Order(vec![1]));
    let find = |start: &str| {
        search_from(&config, YieldPoints::TAKEN, &path(start), |state| goal.is_reached(state), LIMIT).unwrap()
    };
    let Search::Found { path: rest, .. } = find("P V1 V2 T1") else { panic!("it can still overtake") };
    let whole = path(&format!("P V1 V2 T1 {rest}"));
    assert!(goal.is_reached(after(&config, YieldPoints::TAKEN, &whole).state()), "{whole}");
    // Record 0 is in validCh, and there is one Transformer.
    assert!(matches!(find("P V1 V2 T1 V1"), Search::Impossible { .. }));
}

#[test]
fn a_seed_chooses_as_it_does_on_the_virtual_clock() {
    let mut config = unordered(config(6, 3, 2, 2));
    // All that a schedule sets, so that both have the same events.
    config.runtime.kind = RuntimeKind::Virtual;
    config.batch = BatchSize::Fixed(1);
    config.trace.enabled = true;
    let mut orders = BTreeSet::new();
    for seed in 1..30 {
        let mut schedule = Schedule::new(&config, YieldPoints::TAKEN).unwrap();
        schedule.follow_seed(seed);
        assert!(schedule.state().is_over());
        orders.insert(schedule.state().processed().to_vec());

        let machine = Virtual::new(config.runtime.cores, seed).with_yields(YieldPoints::TAKEN).with_choices();
        let sink = || Box::new(futures::io::sink());
        let outputs = Outputs { processed: sink(), failed: sink(), log: None };
        let run = pipeline::start(&config, RecordsFrom::Generator, outputs, Arc::new(machine.clone())).unwrap();
        let monitor = run.monitor();
        machine.block_on(run.finished()).unwrap().unwrap();
        let mut events = Vec::new();
        for ring in monitor.tracer().rings() {
            ring.drain(|packed| events.extend(Event::unpack(packed)));
        }
        let of_records = |events: &[Event]| -> Vec<Event> {
            events.iter().filter(|event| event.record.is_some()).copied().collect()
        };
        assert_eq!(of_records(&events), of_records(schedule.events()), "seed {seed}");
    }
    assert!(orders.len() > 10, "{orders:?}");
}

#[test]
fn only_tasks_of_a_stage_are_ready_or_others_too() {
    let (config, goal) = (config(1, 1, 1, 1), Goal::Only(Stage::Loader));
    let is_reached = |steps: &str| goal.is_reached(after(&config, YieldPoints::TAKEN, &path(steps)).state());
    assert!(!is_reached(""));
    let found = search(&config, YieldPoints::TAKEN, |state| goal.is_reached(state), LIMIT).unwrap();
    let Search::Found { path: best, .. } = found else { panic!("{found:?}") };
    let before = Path(best.0[..best.0.len() - 1].to_vec());
    assert!(is_reached(&best.to_string()) && !is_reached(&before.to_string()), "{best}");
}

#[test]
fn a_pipeline_without_a_circle_has_no_deadlock() {
    let found = search(&config(1, 2, 1, 1), YieldPoints::TAKEN, |state| Goal::Deadlock.is_reached(state), LIMIT);
    assert!(matches!(found, Ok(Search::Impossible { .. })), "{found:?}");
}

#[test]
fn goals_are_read_as_they_are_written() {
    for (goal, text) in [
        (Goal::Full(ChannelId::ValidCh), r#"{"full":"validCh"}"#),
        (Goal::Blocked(vec![Stage::Producer, Stage::Validator]), r#"{"blocked":["producer","validator"]}"#),
        (Goal::Before(1, 0), r#"{"before":[1,0]}"#),
        (Goal::Order(vec![2, 1, 0]), r#"{"order":[2,1,0]}"#),
        (Goal::Only(Stage::Loader), r#"{"only":"loader"}"#),
        (Goal::Over, r#""over""#),
        (Goal::Deadlock, r#""deadlock""#),
    ] {
        assert_eq!(serde_json::to_string(&goal).unwrap(), text);
        assert_eq!(serde_json::from_str::<Goal>(text).unwrap(), goal);
    }
}
