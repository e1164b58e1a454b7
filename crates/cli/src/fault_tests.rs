//! Runs in which each call to the system fails in turn, or the process is killed before it.

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::flags::RunArgs;
use crate::run;
use clap::Parser;
use clearpipe_io::output::Call;
use clearpipe_io::output::faults::{Fault, Faults};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tempfile::TempDir;

/// The files of a run.
const NAMES: [&str; 3] = ["failed_data.jsonl", "m.json", "processed_data.jsonl"];

/// What there was before.
const OLD: &str = "before\n";

/// The folder, the number of the call and the flags for [`child`].
const VARIABLES: [&str; 3] = ["CLEARPIPE_TEST_FOLDER", "CLEARPIPE_TEST_CALL", "CLEARPIPE_TEST_FLAGS"];

/// What there was before, and how the run goes.
#[derive(Clone, Copy, Debug)]
struct Situation {
    has_earlier: bool,
    has_two_names: bool,
    flags: &'static str,
}

const SITUATIONS: [Situation; 4] = [
    Situation { has_earlier: false, has_two_names: false, flags: "" },
    Situation { has_earlier: true, has_two_names: false, flags: "" },
    Situation { has_earlier: true, has_two_names: false, flags: "--fsync" },
    Situation { has_earlier: true, has_two_names: true, flags: "" },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Results {
    Nothing,
    Old,
    New,
    Mixed,
}

impl Situation {
    fn prepare(self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let lines = (0..50).map(|number| {
            let value = if number % 3 == 0 { -1 } else { 1 };
            format!(
                "{{\"id\":\"{number}\",\"timestamp\":\"t\",\"sensor_id\":\"s\",\"value\":{value},\"unit\":\"C\",\
                 \"location\":\"N\"}}\n"
            )
        });
        fs::write(folder.path().join("in.jsonl"), lines.collect::<String>()).unwrap();
        fs::write(folder.path().join("half.jsonl.gz"), [0x1f, 0x8b]).unwrap();
        if self.has_earlier {
            NAMES.iter().for_each(|name| fs::write(folder.path().join(name), OLD).unwrap());
        }
        if self.has_two_names {
            fs::hard_link(folder.path().join(NAMES[2]), folder.path().join("other")).unwrap();
        }
        folder
    }
}

fn run_in(folder: &Path, input: &str, flags: &str) -> Result<u8, Failure> {
    let folder = folder.canonicalize().unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let arguments = ["clearpipe", "run", "-q", "--threads", "2"].map(str::to_owned).into_iter();
    let arguments = arguments.chain(["-i".into(), path(input), "-o".into(), path("")]);
    let arguments =
        arguments.chain(["--metrics".into(), path("m.json")]).chain(flags.split_whitespace().map(str::to_owned));
    let cli = Cli::try_parse_from(arguments).unwrap();
    let Some(Command::Run(args)) = cli.command else { panic!("not a run") };
    let args: RunArgs = *args;
    run::run_deaf(&args, &cli.global)
}

/// What is there of the results: whole ones, all of a kind.
fn results(folder: &Path) -> Results {
    let contents = NAMES.map(|name| fs::read_to_string(folder.join(name)).ok());
    let is_new = |index: usize, content: &str| match index {
        0 => content.lines().count() == 17 && content.ends_with("}\n"),
        1 => serde_json::from_str::<serde_json::Value>(content).is_ok_and(|metrics| metrics["produced"] == 50),
        _ => content.lines().count() == 33 && content.ends_with("}\n"),
    };
    match () {
        () if contents.iter().all(Option::is_none) => Results::Nothing,
        () if contents.iter().all(|content| content.as_deref() == Some(OLD)) => Results::Old,
        () if contents
            .iter()
            .enumerate()
            .all(|(at, content)| content.as_ref().is_some_and(|text| is_new(at, text))) =>
        {
            Results::New
        }
        () => Results::Mixed,
    }
}

fn left_behind(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

/// Another run, which fails, so that it shows what it finds.
fn next_run(folder: &Path) -> Results {
    let failure = run_in(folder, "half.jsonl.gz", "").unwrap_err();
    assert!(failure.status() == 1 && failure.to_string().contains("the gzip data ends too early"), "{failure}");
    results(folder)
}

fn calls_of(situation: Situation) -> Vec<(Call, std::path::PathBuf)> {
    let folder = situation.prepare();
    let faults = Faults::new(folder.path(), Fault::Short, usize::MAX, false);
    assert_eq!(run_in(folder.path(), "in.jsonl", situation.flags).unwrap(), 0);
    assert_eq!((results(folder.path()), left_behind(folder.path())), (Results::New, Vec::new()));
    faults.calls()
}

#[test]
fn a_call_that_fails_leaves_whole_old_or_whole_new_results() {
    for situation in SITUATIONS {
        let before = if situation.has_earlier { Results::Old } else { Results::Nothing };
        // Those that fail may be followed by others that clear up.
        let calls = calls_of(situation).len() + 4;
        for (fault, for_good) in [
            (Fault::Short, false),
            (Fault::Error(ErrorKind::Interrupted), false),
            (Fault::Error(ErrorKind::StorageFull), false),
            (Fault::Error(ErrorKind::Other), false),
            (Fault::Error(ErrorKind::Other), true),
        ] {
            for at in 0..calls {
                let folder = situation.prepare();
                let faults = Faults::new(folder.path(), fault, at, for_good);
                let result = run_in(folder.path(), "in.jsonl", situation.flags);
                let call = faults.calls().get(at).cloned();
                drop(faults);
                let about = || format!("{situation:?} {fault:?} {for_good} {at} {call:?}: {result:?}");
                let found = results(folder.path());
                let kind = call.as_ref().map(|(call, _)| *call);
                let is_harmless = fault == Fault::Short
                    || kind.is_none()
                    || fault == Fault::Error(ErrorKind::Interrupted) && matches!(kind, Some(Call::Read | Call::Write));
                match &result {
                    Ok(status) => assert_eq!((*status, found), (0, Results::New), "{}", about()),
                    Err(failure) => {
                        assert!(!is_harmless, "{}", about());
                        assert_eq!(failure.status(), 1, "{}", about());
                        // What is copied, or can't be undone, is completed by the next run.
                        let is_half_done = failure.to_string().contains("the next run that writes");
                        assert!(found == before || is_half_done, "{} {found:?}", about());
                        assert!(!is_half_done || for_good || situation.has_two_names, "{}", about());
                    }
                }
                if !for_good
                    && kind != Some(Call::Remove)
                    && !result.as_ref().is_err_and(|failure| failure.to_string().contains("the next run"))
                {
                    assert!(left_behind(folder.path()).is_empty(), "{} {:?}", about(), left_behind(folder.path()));
                }
                let after = next_run(folder.path());
                assert!(after == before || after == Results::New, "{} {after:?}", about());
                // Where not even the journal can be removed, the next run carries it out.
                assert!(after == found || found == Results::Mixed || for_good, "{} {found:?} {after:?}", about());
                assert!(left_behind(folder.path()).is_empty(), "{} {:?}", about(), left_behind(folder.path()));
                if situation.has_two_names {
                    let [one, two] =
                        [NAMES[2], "other"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
                    assert_eq!(one, two, "{}", about());
                }
            }
        }
    }
}

#[test]
fn without_hard_links_files_are_replaced_nevertheless() {
    let situation = SITUATIONS[1];
    let calls = calls_of(situation);
    let first = calls.iter().position(|(call, _)| *call == Call::Link).unwrap();
    for kind in [ErrorKind::Unsupported, ErrorKind::CrossesDevices, ErrorKind::TooManyLinks] {
        let mut refused = 0;
        // Another time the same lines may take a call more or less.
        for at in first.saturating_sub(3)..calls.len() {
            let folder = situation.prepare();
            let faults = Faults::new(folder.path(), Fault::Error(kind), at, false);
            let result = run_in(folder.path(), "in.jsonl", situation.flags);
            if faults.calls().get(at).is_some_and(|(call, _)| *call == Call::Link) {
                refused += 1;
                assert_eq!((result.unwrap(), results(folder.path())), (0, Results::New), "{kind} {at}");
                assert!(left_behind(folder.path()).is_empty(), "{kind} {at}");
            }
        }
        assert!(refused > 0, "{kind}");
    }
}

#[cfg(unix)]
#[test]
fn a_kill_before_any_call_leaves_whole_results_after_the_next_run() {
    use std::os::unix::process::ExitStatusExt;
    for situation in SITUATIONS {
        let before = if situation.has_earlier { Results::Old } else { Results::Nothing };
        let calls = calls_of(situation);
        let mut killed = 0;
        for (at, call) in calls.iter().enumerate() {
            let folder = situation.prepare();
            let mut command = std::process::Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "fault_tests::child", "--ignored", "--nocapture"]);
            command
                .env(VARIABLES[0], folder.path())
                .env(VARIABLES[1], at.to_string())
                .env(VARIABLES[2], situation.flags);
            let output = command.output().unwrap();
            // Another time the same lines may take a call less.
            assert!(output.status.success() || output.status.signal() == Some(9), "{situation:?} {at}: {output:?}");
            killed += usize::from(!output.status.success());
            let after = next_run(folder.path());
            let about = format!("{situation:?} {at} {call:?}");
            assert!(after == before || after == Results::New, "{about}: {after:?}");
            assert!(left_behind(folder.path()).is_empty(), "{about}: {:?}", left_behind(folder.path()));
        }
        assert!(killed + 3 > calls.len(), "{killed} of {}", calls.len());
    }
}

/// A run of its own that kills itself; it is started by the test above.
#[test]
#[ignore = "it kills itself"]
fn child() {
    // Without them, somebody runs all ignored tests.
    let Ok([folder, call, flags]) = VARIABLES
        .map(std::env::var)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map(|all| <[String; 3]>::try_from(all).expect("three variables"))
    else {
        return;
    };
    let folder = Path::new(&folder);
    let _faults = Faults::new(folder, Fault::Kill, call.parse().unwrap(), false);
    let _ = run_in(folder, "in.jsonl", &flags);
}
