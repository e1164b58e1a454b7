//! `clearpipe run`.

use crate::args::{Global, MaxFailed, RunArgs, SummaryForm};
use crate::failure::{Failure, RUN_FAILED};
use crate::files::Files;
use crate::first_failure::FirstFailure;
use crate::flags;
use crate::input::{InputEnd, InputProgress};
use crate::inputs::{self, InputFiles, OpenInputs};
use crate::output::{Destination, Unfinished};
use crate::progress::{self, Progress, Speaker, Work};
use crate::reasons::Reasons;
use crate::report;
use crate::settings::{Resolved, SettingsError};
use crate::stdin;
use crate::stop::{Interrupts, Stopper};
use crate::summary::Summary;
use crate::terminal;
use crate::text;
use anyhow::{Context, anyhow};
use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Handle, Monitor, Outputs, RunError, Source};
use clearpipe_core::runtime::{Local, Pool, Runtime, Stalled, Virtual};
use clearpipe_core::trace::log::LogWriter;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the pipeline as the flags say. Gives the exit status.
pub fn run(args: &RunArgs, global: &Global) -> Result<u8, Failure> {
    let Resolved { config, has_records, warnings } = flags::configuration(args)?;
    let named = Files::new(args, &config);
    let speaker = Speaker::new(global.quiet);
    warnings.iter().for_each(|warning| speaker.say(&format!("warning: {warning}")));
    // Nobody asked for generated records.
    let is_reference_run = config.input.file.is_empty() && !has_records;
    if is_reference_run && let Some(note) = stdin::refuse_to_ignore(named.results())? {
        speaker.say(&note);
    }
    let files = Unfinished::default();
    let stopper = Stopper::default();
    let interrupts = Interrupts::listen(&stopper, &files, &speaker)?;
    let inputs = InputFiles::find(&named.inputs).map_err(SettingsError::of)?;
    inputs.notes.iter().for_each(|note| speaker.say(note));
    refuse_overwriting(&named, &inputs, args.config.as_deref())?;
    let max_failed = args.max_failed;
    let default = if global.quiet { SummaryForm::None } else { SummaryForm::Text };
    let summary = args.summary.unwrap_or(default);
    let session = Session {
        config,
        inputs,
        named,
        is_reference_run,
        max_failed,
        summary,
        global,
        speaker,
        files,
        stopper,
        interrupts,
    };
    let result = session.run();
    // Whatever has not got to its place by now never will.
    session.files.discard();
    result
}

/// No output may take the place of what the run is made from.
fn refuse_overwriting(named: &Files, inputs: &InputFiles, config_file: Option<&Path>) -> Result<(), Failure> {
    let what = if inputs.names.len() == 1 { "the input" } else { "an input" };
    let inputs = inputs.names.iter().map(|name| (what, name.as_path()));
    let sources: Vec<(&str, &Path)> = inputs.chain(config_file.map(|path| ("the configuration file", path))).collect();
    let mut problems = Vec::new();
    for place in named.results() {
        // What can't be resolved is not there yet, and so is no source; what is no regular file is not replaced.
        let Some(resolved) = std::fs::canonicalize(place).ok().filter(|place| place.is_file()) else { continue };
        for (what, source) in &sources {
            if std::fs::canonicalize(source).is_ok_and(|source| source == resolved) {
                problems.push(format!(
                    "{} is {what} of this run and would be overwritten; name another file, or another folder with --out-dir",
                    text::name(place)
                ));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(SettingsError::of(problems).into()) }
}

/// One run of the pipeline, with all that is around it.
struct Session<'a> {
    config: Config,
    inputs: InputFiles,
    named: Files,
    /// Whether nobody said where records are to come from, so that they are generated.
    is_reference_run: bool,
    max_failed: Option<MaxFailed>,
    summary: SummaryForm,
    global: &'a Global,
    speaker: Speaker,
    files: Unfinished,
    stopper: Stopper,
    interrupts: Interrupts,
}

impl Session<'_> {
    fn run(&self) -> Result<u8, Failure> {
        let config = &self.config;
        // The input first: where there is none, no output need be touched.
        let opened = if self.inputs.names.is_empty() { None } else { Some(self.open_inputs()?) };
        let Files { folder, processed, failed, metrics: metrics_file, trace, .. } = &self.named;
        if let Some(folder) = folder {
            let cannot = || format!("the folder {} can't be made", text::name(folder));
            std::fs::create_dir_all(folder).with_context(cannot)?;
        }
        let processed_out = Destination::open(processed, &self.files)?;
        let failed_out = Destination::open(failed, &self.files)?;
        let mut metrics_out = self.open_other(metrics_file.as_deref())?;
        let log_out = self.open_other(trace.as_deref())?;
        let is_piped = [Some(&processed_out), Some(&failed_out), metrics_out.as_ref(), log_out.as_ref()]
            .into_iter()
            .flatten()
            .any(Destination::is_stdout);
        // What stays when whoever reads the rest stops reading.
        let outs = [
            (Some(processed), Some(&processed_out)),
            (Some(failed), Some(&failed_out)),
            (metrics_file.as_ref(), metrics_out.as_ref()),
            (trace.as_ref(), log_out.as_ref()),
        ];
        let kept = outs.into_iter().filter(|(_, out)| out.is_some_and(Destination::is_regular));
        let kept: Vec<String> = kept.filter_map(|(name, _)| name.map(text::name)).collect();
        let reader_left = Arc::new(AtomicBool::new(false));
        let enough = || {
            let (stopper, reader_left) = (self.stopper.clone(), reader_left.clone());
            move || {
                reader_left.store(true, Ordering::Release);
                stopper.stop();
            }
        };
        let lines_to = |out: Destination| match out.is_stdout() {
            true => terminal::lines(out.into_async(enough())),
            false => out.into_async(enough()),
        };
        let (reasons, first_failure) = (Reasons::default(), FirstFailure::default());
        let mut failed_lines = reasons.watch(lines_to(failed_out));
        if config.fail_fast {
            let stopper = self.stopper.clone();
            failed_lines = first_failure.watch(failed_lines, move || {
                stopper.stop();
            });
        }
        let outputs = Outputs {
            processed: lines_to(processed_out),
            failed: failed_lines,
            log: log_out.map(|out| LogWriter::new(Box::new(out), config)),
        };
        self.announce();

        let (source, input) = match opened {
            None => (Source::Generator, None),
            Some(OpenInputs { inputs, end, progress }) => (Source::Inputs(inputs), Some((end, progress))),
        };
        let metrics = self.drive(source, outputs, input, is_piped)?;

        if let Some(out) = &mut metrics_out {
            write_metrics(out, &metrics)?;
        }
        if self.is_reference_run {
            stdin::refuse_if_data_came()?;
        }
        self.files.finish()?;
        if reader_left.load(Ordering::Acquire) {
            // Whoever reads our output has seen enough, and wants no summary.
            self.say_incomplete(&kept, &metrics);
            return Ok(self.interrupts.status().unwrap_or(0));
        }
        let verdict = self.verdict(&metrics, &first_failure);
        let summary = match self.summary {
            SummaryForm::None => String::new(),
            SummaryForm::Json => {
                report::json(&metrics, &self.named, &reasons, verdict.status).context("the summary can't be written")?
            }
            SummaryForm::Text => Summary {
                metrics: &metrics,
                config,
                files: &self.named,
                reasons: &reasons,
                verbose: self.global.verbose,
            }
            .to_string(),
        };
        crate::print(&summary, is_piped)?;
        verdict.notes.iter().for_each(|note| self.speaker.say(note));
        verdict.errors.iter().for_each(|error| crate::complain(error));
        Ok(verdict.status)
    }

    /// Says which files lack what was not read any more, since nobody reads the results.
    fn say_incomplete(&self, files: &[String], metrics: &Metrics) {
        let is_complete = self.config.input.file.is_empty() && metrics.produced == self.config.records;
        if !is_complete && !files.is_empty() {
            let verb = if files.len() == 1 { "is" } else { "are" };
            self.speaker.say(&format!(
                "Stopped after {}, since nobody reads the results any more: {} {verb} incomplete.",
                text::plural(metrics.produced, "record"),
                files.join(" and "),
            ));
        }
    }

    fn open_inputs(&self) -> Result<OpenInputs, Failure> {
        let names = &self.inputs.names;
        if names.iter().any(|name| name == Path::new(inputs::STDIN)) && std::io::stdin().is_terminal() {
            self.speaker.say("Reading records from the terminal; Ctrl-D ends them.");
        }
        Ok(self.inputs.open(self.config.runtime.kind != RuntimeKind::Virtual)?)
    }

    fn open_other(&self, name: Option<&Path>) -> Result<Option<Destination>, Failure> {
        let open = |name| Destination::open(name, &self.files);
        Ok(name.map(open).transpose()?)
    }

    /// With `-v`: the settings in use, where they are not obvious.
    fn announce(&self) {
        if !self.global.verbose {
            return;
        }
        let config = &self.config;
        let input = match &self.inputs.names[..] {
            [] => format!("{} (seed {})", text::plural(config.records, "generated record"), config.seed),
            [name] => format!("{} ({})", text::name(name), config.input.format),
            names => format!("{} ({})", text::plural(names.len() as u64, "file"), config.input.format),
        };
        let place = match config.runtime.kind {
            RuntimeKind::Pool => format!("pool of {}", text::plural(threads(config) as u64, "thread")),
            RuntimeKind::Local => "local, one thread".to_owned(),
            RuntimeKind::Virtual => {
                format!("virtual, {} (seed {})", text::plural(config.runtime.cores as u64, "core"), config.seed)
            }
        };
        let order = match config.ordered {
            true => format!("ordered, {} in flight at most", text::plural(config.window_size() as u64, "record")),
            false => "unordered".to_owned(),
        };
        self.speaker.say(&format!("input    {input}\nruntime  {place}"));
        self.speaker.say(&format!("batch    {}, up to {}\noutput   {order}", config.batch, config.largest_batch()));
    }

    /// Runs to the end, on the runtime that the settings name.
    fn drive(
        &self,
        source: Source,
        outputs: Outputs,
        input: Option<(InputEnd, InputProgress)>,
        is_piped: bool,
    ) -> Result<Metrics, Failure> {
        let config = &self.config;
        let start = |runtime: Arc<dyn Runtime>| -> Result<(Handle, Option<Progress>), Failure> {
            let run =
                pipeline::start(config, source, outputs, runtime).map_err(|error| SettingsError::of(error.problems))?;
            let (end, work) = match input {
                None => (None, Work::Records(config.records)),
                Some((end, progress)) => (Some(end), Work::Input(progress)),
            };
            self.stopper.attach(run.monitor(), end);
            let progress = self.progress(run.monitor(), work, is_piped);
            Ok((run, progress))
        };
        let finished = match config.runtime.kind {
            RuntimeKind::Pool => {
                let runtime = Pool::new(threads(config)).context("the pool can't be started")?;
                let (run, _progress) = start(Arc::new(runtime))?;
                futures::executor::block_on(run.finished())
            }
            RuntimeKind::Local => {
                let runtime = Local::new();
                let (run, _progress) = start(Arc::new(runtime.clone()))?;
                runtime.block_on(run.finished())
            }
            RuntimeKind::Virtual => {
                let runtime = Virtual::new(config.runtime.cores, config.seed);
                let (run, _progress) = start(Arc::new(runtime.clone()))?;
                runtime.block_on(run.finished()).map_err(|stalled| self.stalled(stalled))?
            }
        };
        finished.map_err(|error| match error {
            // The settings by themselves are right by now.
            RunError::Config(error) => {
                // With several inputs, each problem names the one that it is about.
                match &self.inputs.names[..] {
                    [name] => SettingsError::of_input(&inputs::for_people(name), error.problems).into(),
                    _ => SettingsError::of(error.problems).into(),
                }
            }
            // Its text has its causes in it.
            error => Failure::Run(anyhow!("{error}")),
        })
    }

    fn progress(&self, run: Arc<Monitor>, work: Work, is_piped: bool) -> Option<Progress> {
        let mixes = is_piped && std::io::stdout().is_terminal();
        let shows = !self.global.quiet && !mixes && progress::is_for_people();
        shows.then(|| Progress::show(run, work, &self.speaker))
    }

    /// A run that hangs is a bug; the seed makes it happen again.
    fn stalled(&self, stalled: Stalled) -> Failure {
        let mut command: Vec<String> =
            std::env::args_os().map(|argument| quoted(&argument.to_string_lossy())).collect();
        if !command.iter().any(|argument| argument.starts_with("--seed")) {
            command.push(format!("--seed {}", self.config.seed));
        }
        Failure::Run(anyhow!(
            "{stalled}\nThis is a bug in Clearpipe. This command repeats it:\n  {}",
            command.join(" ")
        ))
    }

    /// What is to be said of a run whose files are written, and its exit status.
    fn verdict(&self, metrics: &Metrics, first_failure: &FirstFailure) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some(status) = self.interrupts.status()
            && metrics.stopped
        {
            verdict.status = status;
            verdict.notes.push(format!(
                "\nInterrupted after {}; both files are complete so far.",
                text::plural(metrics.produced, "record")
            ));
            return verdict;
        }
        let all = metrics.processed + metrics.failed;
        if let Some(failure) = first_failure.describe() {
            verdict.status = RUN_FAILED;
            verdict.errors.push(format!(
                "stopped at the first record that failed (--fail-fast), after {}: {failure}",
                text::plural(all, "record")
            ));
        }
        if let Some(most) = self.max_failed
            && most.is_exceeded(metrics.failed, all)
        {
            verdict.status = RUN_FAILED;
            verdict.errors.push(format!(
                "{} of {} failed; at most {most} may (--max-failed)",
                text::count(metrics.failed),
                text::plural(all, "record"),
            ));
        }
        verdict
    }
}

/// What comes of a run whose files are written.
#[derive(Default)]
struct Verdict {
    /// The exit status.
    status: u8,
    /// What is said, unless it is to be quiet.
    notes: Vec<String>,
    /// What is said in any case.
    errors: Vec<String>,
}

/// The number of threads of the pool.
fn threads(config: &Config) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    config.runtime.threads.unwrap_or_else(cores)
}

fn write_metrics(out: &mut Destination, metrics: &Metrics) -> Result<(), Failure> {
    let mut json = serde_json::to_vec_pretty(metrics).context("the metrics can't be written")?;
    json.push(b'\n');
    match out.write_all(&json).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Run(anyhow!(error).context("the metrics can't be written")))
        }
        _ => Ok(()),
    }
}

/// An argument as a POSIX shell reads it.
fn quoted(argument: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,%+@".contains(letter);
    match !argument.is_empty() && argument.chars().all(is_plain) {
        true => argument.to_owned(),
        false => format!("'{}'", argument.replace('\'', "'\\''")),
    }
}
