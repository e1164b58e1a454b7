//! `clearpipe run`.

use crate::args::{Global, MaxFailed, RunArgs};
use crate::failure::{Failure, RUN_FAILED};
use crate::flags;
use crate::input::{InputEnd, InputProgress};
use crate::inputs::{self, InputFiles, OpenInputs};
use crate::output::{Destination, Unfinished};
use crate::progress::{self, Progress, Speaker, Work};
use crate::reasons::Reasons;
use crate::settings::{Resolved, SettingsError};
use crate::stop::{Interrupts, Stopper};
use crate::summary::{Summary, name_of};
use crate::text;
use anyhow::{Context, anyhow};
use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Handle, Monitor, Outputs, RunError, Source};
use clearpipe_core::runtime::{Local, Pool, Runtime, Stalled, Virtual};
use clearpipe_core::trace::log::LogWriter;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the pipeline as the flags say. Gives the exit status.
pub fn run(args: &RunArgs, global: &Global) -> Result<u8, Failure> {
    let Resolved { config, warnings } = flags::configuration(args)?;
    let speaker = Speaker::new(global.quiet);
    warnings.iter().for_each(|warning| speaker.say(&format!("warning: {warning}")));
    let files = Unfinished::default();
    let stopper = Stopper::default();
    let interrupts = Interrupts::listen(&stopper, &files, &speaker)?;
    let inputs = InputFiles::find(&config.input.file).map_err(SettingsError::of)?;
    inputs.notes.iter().for_each(|note| speaker.say(note));
    refuse_overwriting(&config, &inputs, args.config.as_deref())?;
    let session = Session { config, inputs, max_failed: args.max_failed, global, speaker, files, stopper, interrupts };
    let result = session.run();
    // Whatever has not got to its place by now never will.
    session.files.discard();
    result
}

/// No output may take the place of what the run is made from.
fn refuse_overwriting(config: &Config, inputs: &InputFiles, config_file: Option<&Path>) -> Result<(), Failure> {
    let what = if inputs.names.len() == 1 { "the input" } else { "an input" };
    let inputs = inputs.names.iter().map(|name| (what, Path::new(name)));
    let sources: Vec<(&str, &Path)> = inputs.chain(config_file.map(|path| ("the configuration file", path))).collect();
    let output = &config.output;
    let outputs =
        [Some(&output.processed), Some(&output.failed)].into_iter().flatten().map(|name| output_path(config, name));
    let others = [&output.metrics, &output.trace].into_iter().flatten().map(PathBuf::from);
    let mut problems = Vec::new();
    for place in outputs.chain(others) {
        // What can't be resolved is not there yet, and so is no source; what is no regular file is not replaced.
        let Some(resolved) = std::fs::canonicalize(&place).ok().filter(|place| place.is_file()) else { continue };
        for (what, source) in &sources {
            if std::fs::canonicalize(source).is_ok_and(|source| source == resolved) {
                problems.push(format!(
                    "{} is {what} of this run and would be overwritten; name another file, or another folder with --out-dir",
                    place.display()
                ));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(SettingsError::of(problems).into()) }
}

/// Where one of the two files is: in the folder, if one is given.
fn output_path(config: &Config, name: &str) -> PathBuf {
    match &config.output.dir {
        Some(folder) if name != "-" => Path::new(folder).join(name),
        _ => PathBuf::from(name),
    }
}

/// One run of the pipeline, with all that is around it.
struct Session<'a> {
    config: Config,
    inputs: InputFiles,
    max_failed: Option<MaxFailed>,
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
        if let Some(folder) = &config.output.dir {
            std::fs::create_dir_all(folder).with_context(|| format!("the folder {folder} can't be made"))?;
        }
        let (processed, failed) =
            (output_path(config, &config.output.processed), output_path(config, &config.output.failed));
        let processed_out = Destination::open(&processed, &self.files)?;
        let failed_out = Destination::open(&failed, &self.files)?;
        let mut metrics_out = self.open_other(config.output.metrics.as_deref())?;
        let log_out = self.open_other(config.output.trace.as_deref())?;
        let is_piped = [Some(&processed_out), Some(&failed_out), metrics_out.as_ref(), log_out.as_ref()]
            .into_iter()
            .flatten()
            .any(Destination::is_stdout);
        // What stays when whoever reads the rest stops reading.
        let outs = [
            (processed.display().to_string(), Some(&processed_out)),
            (failed.display().to_string(), Some(&failed_out)),
            (config.output.metrics.clone().unwrap_or_default(), metrics_out.as_ref()),
            (config.output.trace.clone().unwrap_or_default(), log_out.as_ref()),
        ];
        let kept = outs.into_iter().filter(|(_, out)| out.is_some_and(Destination::is_regular)).map(|(name, _)| name);
        let kept: Vec<String> = kept.collect();
        let reader_left = Arc::new(AtomicBool::new(false));
        let enough = || {
            let (stopper, reader_left) = (self.stopper.clone(), reader_left.clone());
            move || {
                reader_left.store(true, Ordering::Release);
                stopper.stop();
            }
        };
        let reasons = Reasons::default();
        let outputs = Outputs {
            processed: processed_out.into_async(enough()),
            failed: reasons.watch(failed_out.into_async(enough())),
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
        self.files.finish()?;
        if reader_left.load(Ordering::Acquire) {
            // Whoever reads our output has seen enough, and wants no summary.
            self.say_incomplete(&kept, &metrics);
            return Ok(self.interrupts.status().unwrap_or(0));
        }
        if !self.global.quiet {
            let summary = Summary {
                metrics: &metrics,
                config,
                processed: name_of(&processed.display().to_string()),
                failed: name_of(&failed.display().to_string()),
                reasons: &reasons,
                verbose: self.global.verbose,
            };
            crate::print(&summary.to_string(), is_piped)?;
        }
        self.verdict(&metrics)
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
        if names.iter().any(|name| name == inputs::STDIN) && std::io::stdin().is_terminal() {
            self.speaker.say("Reading records from the terminal; Ctrl-D ends them.");
        }
        Ok(self.inputs.open(self.config.runtime.kind != RuntimeKind::Virtual)?)
    }

    fn open_other(&self, name: Option<&str>) -> Result<Option<Destination>, Failure> {
        let open = |name| Destination::open(Path::new(name), &self.files);
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
            [name] => format!("{name} ({})", config.input.format),
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
        let mut command: Vec<String> = std::env::args().map(|argument| quoted(&argument)).collect();
        if !command.iter().any(|argument| argument.starts_with("--seed")) {
            command.push(format!("--seed {}", self.config.seed));
        }
        Failure::Run(anyhow!(
            "{stalled}\nThis is a bug in Clearpipe. This command repeats it:\n  {}",
            command.join(" ")
        ))
    }

    /// The exit status of a run whose files are written.
    fn verdict(&self, metrics: &Metrics) -> Result<u8, Failure> {
        if let Some(status) = self.interrupts.status()
            && metrics.stopped
        {
            self.speaker.say(&format!(
                "\nInterrupted after {}; both files are complete so far.",
                text::plural(metrics.produced, "record")
            ));
            return Ok(status);
        }
        let all = metrics.processed + metrics.failed;
        match self.max_failed {
            Some(most) if most.is_exceeded(metrics.failed, all) => {
                crate::complain(&format!(
                    "{} of {} failed; at most {most} may (--max-failed)",
                    text::count(metrics.failed),
                    text::plural(all, "record"),
                ));
                Ok(RUN_FAILED)
            }
            _ => Ok(0),
        }
    }
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
