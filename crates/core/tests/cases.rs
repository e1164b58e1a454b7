//! Runs the cases under `tests/cases` on every engine that runs natively; `tests/cases/README.md` defines a case.
//!
//! A test is a case on an engine, in all the engine's variants: `NAME/pool`, `NAME/local`, `NAME/virtual`. Large cases
//! are ignored in a debug build; `cargo test --test cases -- --include-ignored` runs them.
//!
//! `CLEARPIPE_BLESS=1 cargo test --test cases -- NAME` writes the expected files of the cases whose names contain NAME.

mod cases_support;

use cases_support::case::{Case, Expected, cases};
use cases_support::compare::compare;
use cases_support::engine::{Engine, Variant};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;

/// If there are fewer, some are missing.
const FEWEST_CASES: usize = 192;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let blesses = std::env::var_os("CLEARPIPE_BLESS").is_some();
    let found = cases();
    let count = found.len();
    let mut trials = vec![Trial::test("enough_cases", move || match count {
        FEWEST_CASES.. => Ok(()),
        _ => Err(format!("there are {count} cases; at least {FEWEST_CASES} are expected").into()),
    })];
    for (name, case) in found {
        match case {
            Err(problem) => trials.push(Trial::test(name, move || Err(problem.into()))),
            Ok(case) if blesses => trials.push(bless_trial(name, case)),
            Ok(case) => {
                let case = Arc::new(case);
                trials.extend(Engine::NATIVE.map(|engine| trial(&name, &case, engine)));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Returns the test of a case on an engine.
fn trial(name: &str, case: &Arc<Case>, engine: Engine) -> Trial {
    let is_ignored = case.large && cfg!(debug_assertions);
    let case = case.clone();
    Trial::ignorable_test(format!("{name}/{engine}"), move || check(&case, engine)).with_ignored_flag(is_ignored)
}

/// Runs a case in all variants of an engine. Reports the first difference; a known failure must have one.
fn check(case: &Case, engine: Engine) -> Result<Completion, Failed> {
    if let Some(reason) = case.skip.get(&engine) {
        return Ok(Completion::ignored_with(reason));
    }
    let expected = case.expected.as_ref()?;
    let difference = engine.variants(case).into_iter().find_map(|variant| {
        let difference = difference(case, expected, &variant)?;
        Some(format!("{}\non {variant}: {difference}", case.about))
    });
    match (difference, case.known_failures.get(&engine)) {
        (None, None) | (Some(_), Some(_)) => Ok(Completion::Completed),
        (Some(difference), None) => Err(difference.into()),
        (None, Some(reason)) => {
            Err(format!("passes now; take it out of `known_failures` in its case.json: {reason}").into())
        }
    }
}

/// Returns what is wrong with the results of a case on a variant of an engine, if anything.
fn difference(case: &Case, expected: &Expected, variant: &Variant) -> Option<String> {
    match variant.run(case) {
        Err(problem) => Some(problem),
        Ok(found) => compare(case, expected, &found).err(),
    }
}

/// Writes the expected files of a case from the results of its first engine.
fn bless_trial(name: String, case: Case) -> Trial {
    let is_ignored = case.large && cfg!(debug_assertions);
    let bless = move || {
        if !case.known_failures.is_empty() {
            return Err("it has known failures, so what is found is not what is expected".into());
        }
        let engine = Engine::NATIVE.into_iter().rev().find(|engine| !case.skip.contains_key(engine));
        let engine = engine.ok_or("it is skipped on all engines that run natively")?;
        let found = engine.variants(&case)[0].run(&case)?;
        Ok(case.write_expected(&found)?)
    };
    Trial::test(name, bless).with_kind("bless").with_ignored_flag(is_ignored)
}
