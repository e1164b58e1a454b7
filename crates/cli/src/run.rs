//! `clearpipe run`.

use crate::args::Global;
use crate::failure::{Failure, RUN_FAILED};
use crate::files::Files;
use crate::flags::{self, MaxFailed, RunArgs, SummaryForm};
use crate::hints;
use crate::progress::{self, Progress, Speaker, Work};
use crate::reasons;
use crate::report;
use crate::settings::{Origins, Resolved, RunSettings, SettingsError, run_settings};
use crate::shell::quoted;
use crate::stdin;
use crate::stop::{Interrupts, Stopper};
use crate::suggested_mapping;
use crate::summary::Summary;
use crate::terminal;
use anyhow::{Context, anyhow};
use clearpipe_codec::{Format, InputOptions};
use clearpipe_core::config::{Config, RuntimeKind};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Handle, Monitor, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Local, Pool, Runtime, Stalled, Virtual};
use clearpipe_core::trace::log::LogWriter;
use clearpipe_core::worker::StageError;
use clearpipe_io::input::{InputEnd, InputProgress};
use clearpipe_io::inputs::{self, InputFiles, OpenInputs};
use clearpipe_io::output::conflicts::{self, Content};
use clearpipe_io::output::{Aside, Destination, Unfinished, is_standard_output};
use clearpipe_io::text;
use clearpipe_model::problem::Problem;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the pipeline with the given flags. Returns the exit status.
pub fn run(args: &RunArgs, global: &Global) -> Result<u8, Failure> {
    let Resolved { settings, origins, has_records, warnings } =
        flags::configuration(args).map_err(|error| error.and(missing_inputs(args)))?;
    let named = Files::new(args, &settings);
    let speaker = Speaker::new(global.quiet);
    warnings.iter().for_each(|warning| speaker.say(&format!("warning: {warning}")));
    // Generated records were not requested explicitly.
    let is_reference_run = settings.config.input.file.is_empty() && !has_records;
    if is_reference_run && let Some(note) = stdin::refuse_to_ignore(named.results())? {
        speaker.say(&note);
    }
    let files = Unfinished::default();
    let stopper = Stopper::default();
    let interrupts = Interrupts::listen(&stopper, &files, &speaker)?;
    run_with(Prepared { settings, origins, named, is_reference_run }, args, global, interrupts)
}

/// Returns the problems with the inputs that the flags name, so that they are reported with those of the settings.
fn missing_inputs(args: &RunArgs) -> Vec<String> {
    let names: Vec<PathBuf> = args.settings.values("input").iter().map(PathBuf::from).collect();
    InputFiles::find(&names).err().unwrap_or_default()
}

/// A run that ignores signals, so that one process can have many.
#[cfg(test)]
pub fn run_deaf(args: &RunArgs, global: &Global) -> Result<u8, Failure> {
    let Resolved { settings, origins, .. } = flags::configuration(args)?;
    let named = Files::new(args, &settings);
    let interrupts = Interrupts::new(&Stopper::default(), &Unfinished::default(), &Speaker::new(global.quiet));
    run_with(Prepared { settings, origins, named, is_reference_run: false }, args, global, interrupts)
}

/// A run that is ready to start.
struct Prepared {
    settings: RunSettings,
    origins: Origins,
    named: Files,
    is_reference_run: bool,
}

fn run_with(prepared: Prepared, args: &RunArgs, global: &Global, interrupts: Interrupts) -> Result<u8, Failure> {
    let Prepared { settings, origins, named, is_reference_run } = prepared;
    let Interrupts { stopper, files, speaker, .. } = interrupts.clone();
    let inputs = InputFiles::find(&named.inputs).map_err(SettingsError::of)?;
    refuse_other_formats(&settings.config.input, &inputs, &origins)?;
    inputs.notes.iter().for_each(|note| speaker.say(note));
    let default = if global.quiet { SummaryForm::None } else { SummaryForm::Text };
    let summary = args.other.summary.unwrap_or(default);
    refuse_conflicts(&named, &inputs, args.other.config.as_deref(), summary)?;
    files.set_sync(named.fsync);
    let session = Session {
        settings,
        inputs,
        named,
        is_reference_run,
        max_failed: args.other.max_failed,
        keep_partial: args.other.keep_partial,
        summary,
        global,
        speaker,
        files,
        stopper,
        interrupts,
    };
    let result = session.run();
    // Files that are not in place by now are given up.
    session.files.discard();
    result
}

/// Refuses settings that don't fit the format which the name of an input indicates.
fn refuse_other_formats(options: &InputOptions, inputs: &InputFiles, origins: &Origins) -> Result<(), SettingsError> {
    if options.format != Format::Auto {
        return Ok(());
    }
    for name in &inputs.names {
        let format = Format::of_name(&name.to_string_lossy()).unwrap_or_default();
        let mut problems = Vec::new();
        InputOptions { format, ..options.clone() }.check(&mut problems);
        if !problems.is_empty() {
            let of_input = |problem: &Problem| format!("{}: {problem}", text::name(name));
            return Err(origins.error(problems.iter().map(|problem| (problem.path(), of_input(problem)))));
        }
    }
    Ok(())
}

/// Refuses outputs that would overwrite an input, the configuration file or another output.
fn refuse_conflicts(
    named: &Files,
    inputs: &InputFiles,
    config_file: Option<&Path>,
    summary: SummaryForm,
) -> Result<(), Failure> {
    let files = [(Content::Processed, Some(&named.processed)), (Content::Failed, Some(&named.failed))];
    let others = [(Content::Metrics, named.metrics.as_ref()), (Content::Log, named.trace.as_ref())];
    let mut outputs: Vec<conflicts::Output> = files
        .into_iter()
        .chain(others)
        .filter_map(|(content, path)| Some(conflicts::Output { content, path: path?.clone() }))
        .collect();
    // If an output goes there, the summary goes to the standard error.
    if summary != SummaryForm::None && !outputs.iter().any(|output| is_standard_output(&output.path)) {
        outputs.push(conflicts::Output { content: Content::Summary, path: "-".into() });
    }
    let what = if inputs.names.len() == 1 { "the input" } else { "an input" };
    let inputs = inputs.names.iter().map(|name| (what, name.as_path()));
    let sources = inputs.chain(config_file.map(|path| ("the configuration file", path)));
    let sources: Vec<conflicts::Source> =
        sources.map(|(what, path)| conflicts::Source { what, path: path.to_owned() }).collect();
    let problems = conflicts::find(&outputs, &sources);
    if problems.is_empty() { Ok(()) } else { Err(SettingsError::of(problems).into()) }
}

/// One run of the pipeline, with everything around it.
struct Session<'a> {
    settings: RunSettings,
    inputs: InputFiles,
    named: Files,
    /// Whether records are generated because neither an input nor a number was given.
    is_reference_run: bool,
    max_failed: Option<MaxFailed>,
    keep_partial: bool,
    summary: SummaryForm,
    global: &'a Global,
    speaker: Speaker,
    files: Unfinished,
    stopper: Stopper,
    interrupts: Interrupts,
}

impl Session<'_> {
    fn run(&self) -> Result<u8, Failure> {
        let config = &self.settings.config;
        // The input first: if it can't be opened, no output is touched.
        let opened = if self.inputs.names.is_empty() { None } else { Some(self.open_inputs()?) };
        let Files { folder, processed, failed, metrics: metrics_file, trace, .. } = &self.named;
        let outputs = [Some(processed), Some(failed), metrics_file.as_ref(), trace.as_ref()];
        let is_file = |output: &&PathBuf| output.as_path() != Path::new("-");
        // If everything goes to the standard output, the folder would remain empty.
        if let Some(folder) = folder.as_ref().filter(|_| outputs.iter().flatten().any(is_file)) {
            let cannot = || format!("the folder {} can't be created", text::name(folder));
            std::fs::create_dir_all(folder).with_context(cannot)?;
        }
        let processed_out = Destination::open(processed, &self.files)?;
        let failed_out = Destination::open(failed, &self.files)?;
        let mut metrics_out = self.open_other(metrics_file.as_deref())?;
        let log_out = self.open_other(trace.as_deref())?;
        self.warn_of_files();
        let is_piped = [Some(&processed_out), Some(&failed_out), metrics_out.as_ref(), log_out.as_ref()]
            .into_iter()
            .flatten()
            .any(Destination::is_stdout);
        // The files that remain if the reader of the other outputs stops reading.
        let outs = [
            (Some(processed), Some(&processed_out)),
            (Some(failed), Some(&failed_out)),
            (metrics_file.as_ref(), metrics_out.as_ref()),
            (trace.as_ref(), log_out.as_ref()),
        ];
        let is_written_directly = outs.iter().any(|(_, out)| out.is_some_and(|out| !out.is_regular()));
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
        let log_reader_left = Arc::new(AtomicBool::new(false));
        let log = log_out.map(|out| {
            let left = log_reader_left.clone();
            // The results don't depend on the reader of the log.
            LogWriter::new(out.into_sync(move || left.store(true, Ordering::Release)), &self.settings)
        });
        let outputs =
            Outputs { processed: Box::new(lines_to(processed_out)), failed: Box::new(lines_to(failed_out)), log };

        let (source, input) = match opened {
            None => (RecordsFrom::Generator, None),
            Some(OpenInputs { inputs, end, progress }) => (RecordsFrom::Inputs(inputs), Some((end, progress))),
        };
        let metrics = self.drive(source, outputs, input, is_piped)?;

        if let Some(out) = &mut metrics_out {
            write_metrics(out, &metrics)?;
        }
        if self.is_reference_run {
            stdin::refuse_if_data_came(is_written_directly)?;
        }
        let reader_left = reader_left.load(Ordering::Acquire);
        let aside = self.set_aside(&metrics, reader_left);
        let finished = self.files.finish();
        self.warn_of_files();
        finished?;
        if log_reader_left.load(Ordering::Acquire) {
            self.speaker
                .say("The reader of the event log is gone, so the log is incomplete. The results are not affected.");
        }
        if reader_left {
            // The reader of the output is gone, and with it the need for a summary.
            self.say_incomplete(&kept, &aside, &metrics);
            return Ok(self.interrupts.status().unwrap_or(0));
        }
        let verdict = self.verdict(&metrics, &aside);
        let written = self.written(&aside);
        let summary = match self.summary {
            SummaryForm::None => String::new(),
            SummaryForm::Json => {
                report::json(&metrics, config, &written, verdict.status).context("the summary can't be written")?
            }
            SummaryForm::Text => {
                Summary { metrics: &metrics, config, files: &written, verbose: self.global.verbose }.to_string()
            }
        };
        crate::console::print(&summary, is_piped)?;
        verdict.notes.iter().for_each(|note| self.speaker.say(note));
        verdict.errors.iter().for_each(|error| crate::console::complain(error));
        Ok(verdict.status)
    }

    /// Prints the warnings about the files.
    fn warn_of_files(&self) {
        self.files.take_warnings().iter().for_each(|warning| self.speaker.say(&format!("warning: {warning}")));
    }

    /// Saves the results of a stopped run beside those of an earlier one, which may be complete.
    fn set_aside(&self, metrics: &Metrics, reader_left: bool) -> Vec<Aside> {
        let is_stopped = metrics.stopped && (reader_left || self.interrupts.status().is_some());
        let is_partial = is_stopped && !self.is_complete(metrics);
        match is_partial && !self.keep_partial && self.files.has_earlier() {
            true => self.files.set_aside(),
            false => Vec::new(),
        }
    }

    /// The files under their current names.
    fn written(&self, aside: &[Aside]) -> Files {
        let mut files = self.named.clone();
        let others = [&mut files.metrics, &mut files.trace].into_iter().flatten();
        for path in [&mut files.processed, &mut files.failed].into_iter().chain(others) {
            if let Some(partial) = aside.iter().find(|aside| aside.is_of(path)).and_then(|aside| aside.partial.clone())
            {
                *path = partial;
            }
        }
        files
    }

    /// Whether a stopped run had finished anyway.
    fn is_complete(&self, metrics: &Metrics) -> bool {
        self.settings.config.input.file.is_empty() && metrics.produced == self.settings.config.records
    }

    /// Says which files are incomplete because the reader of the results stopped reading.
    fn say_incomplete(&self, files: &[String], aside: &[Aside], metrics: &Metrics) {
        if self.is_complete(metrics) || files.is_empty() {
            return;
        }
        let verb = if files.len() == 1 { "is" } else { "are" };
        let records = text::plural(metrics.produced, "record");
        let stopped = format!("Stopped after {records}, because the reader of the results is gone");
        self.speaker.say(&match aside {
            [] => format!("{stopped}: {} {verb} incomplete.", files.join(" and ")),
            aside => format!("{stopped}. {}", aside_message(aside)),
        });
    }

    /// The input, if there is only one.
    fn only_input(&self) -> Option<&Path> {
        match &self.inputs.names[..] {
            [name] => Some(name),
            _ => None,
        }
    }

    fn open_inputs(&self) -> Result<OpenInputs, Failure> {
        let names = &self.inputs.names;
        if names.iter().any(|name| name == Path::new(inputs::STDIN)) && std::io::stdin().is_terminal() {
            self.speaker.say("Reading records from the terminal; Ctrl-D ends them.");
        }
        Ok(self.inputs.open(self.settings.config.runtime.kind != RuntimeKind::Virtual)?)
    }

    fn open_other(&self, name: Option<&Path>) -> Result<Option<Destination>, Failure> {
        let open = |name| Destination::open(name, &self.files);
        Ok(name.map(open).transpose()?)
    }

    /// With `-v`, prints the settings in use that are not obvious.
    fn announce(&self) {
        if !self.global.verbose {
            return;
        }
        let config = &self.settings.config;
        let input = match &self.inputs.names[..] {
            [] => format!("{} (seed {})", text::plural(config.records, "generated record"), config.seed),
            [name] => format!("{} ({})", text::name(name), config.input.format),
            names => format!("{} ({})", text::plural(names.len() as u64, "file"), config.input.format),
        };
        let place = match config.runtime.kind {
            RuntimeKind::Pool => format!("pool of {}", text::plural(threads(config) as u64, "thread")),
            RuntimeKind::Local => "local, one thread".to_owned(),
            RuntimeKind::Virtual => {
                format!(
                    "virtual, {} (seed {})",
                    text::plural(config.runtime.cores as u64, "core"),
                    config.schedule_seed()
                )
            }
        };
        let plan = run_settings::plan_of(config);
        let order = match config.ordered {
            true => format!("ordered, {} in flight at most", text::plural(plan.window() as u64, "record")),
            false => "unordered".to_owned(),
        };
        self.speaker.say(&format!("input    {input}\nruntime  {place}"));
        self.speaker.say(&format!("batch    {}, up to {}\noutput   {order}", config.batch, plan.batch()));
    }

    /// Runs to the end, on the runtime chosen by the settings.
    fn drive(
        &self,
        source: RecordsFrom,
        outputs: Outputs,
        input: Option<(InputEnd, InputProgress)>,
        is_piped: bool,
    ) -> Result<Metrics, Failure> {
        let config = &self.settings.config;
        let start = |runtime: Arc<dyn Runtime>| -> Result<(Handle, Option<Progress>), Failure> {
            let run =
                pipeline::start(config, source, outputs, runtime).map_err(|error| SettingsError::of(error.problems))?;
            let (end, work) = match input {
                None => (None, Work::Records(config.records)),
                Some((end, progress)) => (Some(end), Work::Input(progress)),
            };
            self.stopper.attach(run.monitor(), end);
            // From here on, a signal stops the source.
            self.announce();
            let progress = self.progress(run.monitor(), work, is_piped);
            Ok((run, progress))
        };
        let finished = match config.runtime.kind {
            RuntimeKind::Pool => {
                let runtime = Pool::new(threads(config)).with_context(|| {
                    format!("the pool of {} can't be started", text::plural(threads(config) as u64, "thread"))
                })?;
                let (run, _progress) = start(Arc::new(runtime))?;
                futures::executor::block_on(run.finished())
            }
            RuntimeKind::Local => {
                let runtime = Local::new();
                let (run, _progress) = start(Arc::new(runtime.clone()))?;
                runtime.block_on(run.finished())
            }
            RuntimeKind::Virtual => {
                let runtime = Virtual::new(config.runtime.cores, config.schedule_seed());
                let (run, _progress) = start(Arc::new(runtime.clone()))?;
                runtime.block_on(run.finished()).map_err(|stalled| self.stalled(stalled))?
            }
        };
        finished.map_err(|error| match error {
            // The settings themselves were checked before, so this is about the input.
            RunError::Config(error) => {
                let only = self.only_input();
                let mut problems = error.problems;
                // A run ends at the first input that doesn't fit, so all problems are about the same one.
                let named: Vec<String> = problems.iter_mut().filter_map(Problem::take_input).collect();
                let name = only.map(|name| name.to_string_lossy().into_owned()).or(named.into_iter().next());
                let input = hints::Input { name: name.as_deref(), options: &config.input };
                let map = only.and_then(|name| suggested_mapping::take_over(&mut problems, name, config));
                let said = problems.iter().map(|problem| hints::sentence(problem, input));
                let problems = said.chain(map.as_ref().map(hints::suggestion)).collect();
                match name {
                    Some(name) => SettingsError::of_input(&inputs::for_people(Path::new(&name)), problems).into(),
                    None => SettingsError::of(problems).into(),
                }
            }
            // The texts include the causes.
            RunError::Stage(StageError::Source(error)) => Failure::Run(match self.only_input() {
                Some(name) => anyhow!("{}", error.named(&name.to_string_lossy())),
                None => anyhow!("{error}"),
            }),
            error => Failure::Run(anyhow!("{error}")),
        })
    }

    fn progress(&self, run: Arc<Monitor>, work: Work, is_piped: bool) -> Option<Progress> {
        let mixes = is_piped && std::io::stdout().is_terminal();
        let shows = !self.global.quiet && !mixes && progress::is_for_people();
        shows.then(|| Progress::show(run, work, &self.speaker))
    }

    /// A deadlock is a bug; the seed reproduces it.
    fn stalled(&self, stalled: Stalled) -> Failure {
        let mut command: Vec<String> =
            std::env::args_os().map(|argument| quoted(&argument.to_string_lossy())).collect();
        if !command.iter().any(|argument| argument.starts_with("--seed")) {
            command.push(format!("--seed {}", self.settings.config.seed));
        }
        Failure::Run(anyhow!("{stalled}\nThis is a bug in Clearpipe. To reproduce it:\n  {}", command.join(" ")))
    }

    /// The exit status and the messages of a run whose files are written.
    fn verdict(&self, metrics: &Metrics, aside: &[Aside]) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some(status) = self.interrupts.status()
            && metrics.stopped
        {
            verdict.status = status;
            let interrupted = format!("\nInterrupted after {}", text::plural(metrics.produced, "record"));
            verdict.notes.push(match aside {
                [] => format!("{interrupted}; both files are complete so far."),
                aside => format!("{interrupted}. {}", aside_message(aside)),
            });
            return verdict;
        }
        let all = metrics.processed + metrics.failed;
        if self.settings.config.fail_fast
            && let Some(failure) = reasons::first_failure(metrics)
        {
            verdict.status = RUN_FAILED;
            verdict.errors.push(format!(
                "stopped at the first failed record (--fail-fast), after {}: {failure}",
                text::plural(all, "record")
            ));
        }
        if let Some(most) = self.max_failed
            && most.is_exceeded(metrics.failed, all)
        {
            verdict.status = RUN_FAILED;
            verdict.errors.push(format!(
                "{} of {} failed, more than the {most} that --max-failed allows",
                text::count(metrics.failed),
                text::plural(all, "record"),
            ));
        }
        verdict
    }
}

/// The outcome of a run whose files are written.
#[derive(Default)]
struct Verdict {
    /// The exit status.
    status: u8,
    /// Printed unless --quiet is given.
    notes: Vec<String>,
    /// Printed always.
    errors: Vec<String>,
}

/// Where the new results are if they don't replace earlier ones, and the command that replaces them.
fn aside_message(aside: &[Aside]) -> String {
    let mut message = "The earlier results are unchanged".to_owned();
    let kept: Vec<(&Path, &Path)> =
        aside.iter().filter_map(|aside| Some((&*aside.earlier, aside.partial.as_deref()?))).collect();
    if kept.len() < aside.len() {
        message += "; the new ones are lost, because no file can be created beside them (use --keep-partial)";
    }
    if !kept.is_empty() {
        let files: Vec<String> = kept.iter().map(|(_, partial)| text::name(partial)).collect();
        let moves: Vec<String> = kept
            .iter()
            .map(|(earlier, partial)| format!("mv {} {}", quoted(&text::name(partial)), quoted(&text::name(earlier))))
            .collect();
        message += &format!(
            "; the new, incomplete ones are in {}. To replace the earlier ones (next time, use --keep-partial):\n  {}",
            files.join(" and "),
            moves.join(" && ")
        );
    }
    message
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
