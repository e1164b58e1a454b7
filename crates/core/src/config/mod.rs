//! Every setting of a run: what it means, its default, its range, and the check of the whole.
//!
//! A setting is a field of [`Config`] or of one of its tables, with its default, and a row of [`SETTINGS`].

mod check;
mod logged;
pub mod number;
mod plan;
mod read;
mod registry;
#[cfg(feature = "schema")]
mod schema;
mod service_time;
mod values;

pub use check::ConfigError;
pub use plan::{BATCHES_PER_CHANNEL, DEFAULT_CAPACITY, Plan, UNBOUNDED};
pub use read::describe_wrong_value;
#[cfg(feature = "typescript")]
pub use registry::OnPage;
pub use registry::{Kind, Range, Setting};
pub use service_time::ServiceTime;
pub use values::{BatchSize, Clock, Injection};

use clearpipe_codec::InputOptions;
use clearpipe_model::field::Field;
use clearpipe_model::topology::{ChannelId, Stage};
use registry::setting;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The unit that is injected as a fault.
pub const INVALID_UNIT: &str = "INVALID_UNIT";

/// The value that is injected as a fault.
pub const INVALID_VALUE: f64 = -1.0;

/// Derives what each part of the configuration has in common.
macro_rules! settings {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[cfg_attr(feature = "typescript", ts(optional_fields = nullable))]
        $item
    )*};
}

settings! {

/// The settings of a run. The defaults are those of the reference run of the specification.
pub struct Config {
    /// The number of records that the generator produces; ignored if there is an input. Default 50.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub records: u64,
    /// The seed of all random numbers: the same seed gives the same records and service times, and on the virtual clock
    /// the same schedule, unless `runtime.seed` is set. Default 1.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seed: u64,
    /// The clock that sets `processed_at`, and `timestamp` of generated records: `system`, or `fixed:` followed by an
    /// RFC 3339 time. With a fixed clock, two runs are identical byte for byte. Default `system`.
    pub clock: Clock,
    /// What the generator produces.
    pub generator: Generator,
    /// How an input file is read.
    pub input: InputOptions,
    /// The number of Validators, and of Transformers. `validator.workers` and `transformer.workers` override it.
    /// 1 to 65,535; default 3.
    pub workers: usize,
    /// The rules of the Validators.
    pub validator: ValidatorRules,
    /// The rules of the Transformers.
    pub transformer: TransformerRules,
    /// The capacities of the channels.
    pub channels: Channels,
    /// How the channels behave.
    pub queues: QueueRules,
    /// The maximum number of records in a batch, or `auto`, which starts at 1 and doubles with each batch up to 1,024.
    /// `auto` stays at 1 if a stage has a service time, or if no more than 1,024 records are generated, as in the
    /// reference run. With a rate limit and no bursts, records that are due within 10 ms travel together. The results
    /// don't depend on the batch size. (If no stage has a service time and no event log is written, a worker may take
    /// several small batches at a time; they remain separate batches.) 1 to 65,536; default `auto`.
    pub batch: BatchSize,
    /// Whether records are written to both files in the order of production, and not as they finish. Default true.
    pub ordered: bool,
    /// Whether the run stops at the first record that fails. Records in flight are finished. Default false.
    pub fail_fast: bool,
    /// The maximum number of records in flight when the output is ordered. It limits the batch size. Default: what the
    /// channels and workers can hold; if the capacities are derived from a batch size above 100, one batch for each
    /// Validator and Transformer, and six more.
    pub window: Option<usize>,
    /// The maximum number of bytes of input in flight, whether or not the output is ordered. A batch that exceeds it is
    /// sent when nothing else is in flight. It only matters if lines are long: a channel full of them would take a lot
    /// of memory. At least 1; default 33554432 (32 MiB).
    pub window_bytes: usize,
    /// The time that each stage takes for a record in addition to its real work. All off by default.
    pub service: Service,
    /// The time for which workers need the lock of their stage. Off by default.
    pub locks: Locks,
    /// How often a record is tried whose transformation fails for a while.
    pub retry: Retry,
    /// When Transformers stop trying.
    pub breaker: BreakerRules,
    /// Faults to inject into the program. All off by default.
    pub faults: Faults,
    /// Where the stages run.
    pub runtime: RuntimeOptions,
    /// The event log.
    pub trace: TraceOptions,
}

/// What the generator produces: record i has the id `rec-%04d`, a value that is uniformly distributed in
/// [`value_min`, `value_max`), the sensor `sensor-` + (i mod `sensors` + 1), and the next of the locations.
pub struct Generator {
    /// The number of sensors. At least 1; default 5.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub sensors: u64,
    /// The locations, used in turn. At least one; default North, South, East, West, Center.
    pub locations: Vec<String>,
    /// The unit. Default `unit_A`.
    pub unit: String,
    /// The smallest value. Default 0.
    pub value_min: f64,
    /// The upper limit of the values, which none of them reaches. Default 100.
    pub value_max: f64,
    /// Which records get the value −1: `every N`, a share such as `5%`, or `off`. Default `every 10`.
    pub invalid_value: Injection,
    /// Which records get the unit `INVALID_UNIT`. Default `every 11`.
    pub invalid_unit: Injection,
    /// The maximum number of records per second, on average, from the generator or from an input; 0 means no limit.
    /// Default 0.
    pub rate_limit: f64,
    /// With a rate limit: the number of records that are sent at once. The pause after them keeps the average.
    /// 1 to 1,000,000; default 1, which spreads them evenly.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub burst: u64,
}

/// Which records are valid.
pub struct ValidatorRules {
    /// The number of Validators. 1 to 65,535; default: `workers`.
    pub workers: Option<usize>,
    /// The smallest valid value. Default 0.
    pub value_min: f64,
    /// The largest valid value. Default 1000.
    pub value_max: f64,
    /// The fields that a record must have. A string that is empty or blank counts as missing. Default: all six.
    pub required: Vec<Field>,
    /// Whether `timestamp` must be an RFC 3339 time. Default false: any string is accepted, and kept as it is.
    pub rfc3339_timestamps: bool,
}

/// How valid records are transformed.
pub struct TransformerRules {
    /// The number of Transformers. 1 to 65,535; default: `workers`.
    pub workers: Option<usize>,
    /// anomaly_score = value × `multiplier`. Default 0.1.
    pub multiplier: f64,
    /// A record is an anomaly if its anomaly_score is above this. Default 8.
    pub threshold: f64,
    /// Units that can't be transformed. Spaces around a unit are ignored in the comparison, here and in `valid_units`,
    /// but are written to the output. Default `INVALID_UNIT`.
    pub invalid_units: Vec<String>,
    /// The only units that can be transformed. Default: none, which allows all that aren't in `invalid_units`.
    pub valid_units: Vec<String>,
}

/// The capacity of each channel, in records. A capacity that is set here is never exceeded, and limits the batch size.
#[derive(Default)]
pub struct Channels {
    /// The capacity of all channels that aren't set individually. At least 1; default 100, or four batches if the batch
    /// size is above 100.
    pub capacity: Option<usize>,
    /// dataCh: Producer → Validators.
    pub data: Option<usize>,
    /// validCh: Validators → Transformers.
    pub valid: Option<usize>,
    /// processedCh: Transformers → fan-out.
    pub processed: Option<usize>,
    /// errorCh: Validators and Transformers → fan-out.
    pub error: Option<usize>,
    /// loaderCh: fan-out → Loader.
    pub loader: Option<usize>,
    /// errorHandlerCh: fan-out → Error Handler.
    pub error_handler: Option<usize>,
    /// metricsCh: fan-out → Metrics Collector.
    pub metrics: Option<usize>,
}

/// How the channels behave.
#[derive(Default)]
pub struct QueueRules {
    /// How the Validators share dataCh, and the Transformers validCh. `shared`: whoever is free takes the next record.
    /// `per_worker`: each worker has a queue; records are put into the queues in turn, and wait there for their worker.
    /// `stealing`: the same, but a worker whose queue is empty takes a record from the longest queue. The capacity counts
    /// the records in all queues together. A worker that is retired during a run keeps its queue until it has finished
    /// its record. Default `shared`.
    pub sharing: Sharing,
    /// What happens to a generated record that the Producer can't send because dataCh is full. `block`: the Producer
    /// waits. `drop_newest`: the record is dropped. `drop_oldest`: the oldest record in dataCh is dropped. Dropped records
    /// are counted, and are in neither file. They need `ordered` to be false, and can't come from an input. Default
    /// `block`.
    pub when_full: WhenFull,
    /// On the virtual clock, the time for which each send of a batch to a channel keeps a core busy. Otherwise sending
    /// takes no time there, so that larger batches are no faster. Default off.
    pub send_cost: ServiceTime,
}

/// The service time of each stage, in addition to its real work.
#[derive(Default)]
pub struct Service {
    /// Before each record.
    pub producer: StageService,
    /// For each record.
    pub validator: StageService,
    /// For each record.
    pub transformer: StageService,
    /// For each processed record.
    pub loader: StageService,
    /// For each failed record.
    pub error_handler: StageService,
    /// For each record.
    pub metrics_collector: StageService,
}

/// The time that a stage takes for each record: `off`; a time such as `5ms`; a range such as `0-20ms`, from which the
/// time is chosen at random, as determined by the seed; `exponential 20ms`, at random with this mean: mostly short,
/// sometimes long; `5ms or 200ms 5%`, where 5% of the records take the second time; or a list such as
/// `5ms, 10ms, 200ms`, whose times are taken in turn.
#[derive(Default)]
pub struct StageService {
    /// Waiting, as if for I/O: it occupies no thread, so throughput scales with the number of workers. Default off.
    pub wait: ServiceTime,
    /// Computing: it keeps a thread busy, so throughput scales with the number of cores. Default off.
    pub compute: ServiceTime,
}

/// The part of the service time for which a worker needs a lock that the workers of its stage share: it comes last, and
/// is waiting. One worker at a time can have the lock, so throughput doesn't scale at all. Workers that wait for it are
/// blocked.
#[derive(Default)]
pub struct Locks {
    /// The time for each record with the Validators' lock. Default off.
    pub validator: ServiceTime,
    /// The time for each record with the Transformers' lock. Default off.
    pub transformer: ServiceTime,
}

/// How often a record is tried whose transformation fails for a while, as one that calls another service may. Between two
/// tries it goes back to dataCh, so that the pipeline is a circle, whose stages can block each other: such a run fails.
/// Records then travel one by one.
pub struct Retry {
    /// The most tries of a record, the first one included. A record whose last try has failed is a failed record.
    /// 1 to 10; default 1.
    pub tries: u32,
    /// How long a try may take, from the time at which the record was produced, or sent back. A try that took longer has
    /// failed, although its work was done. Default off: any time.
    pub timeout: ServiceTime,
}

/// When Transformers stop trying for a while (a circuit breaker), so that they don't work in vain. Meanwhile, records fail
/// at once, without a service time.
pub struct BreakerRules {
    /// The number of tries in a row, of all Transformers together, after whose failure they stop. At least 1; default none:
    /// they never stop.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub failures: Option<u64>,
    /// How long they stop. Then a single try decides whether they go on. Default 1s.
    pub pause: ServiceTime,
}

/// Faults to inject into the program, to see that each one fails a single record and not the run.
#[derive(Default)]
pub struct Faults {
    /// Which records make a Validator panic: `every N`, a share such as `5%`, or `off`. Default off.
    pub validator_panic: Injection,
    /// Which records make a Transformer panic. Default off.
    pub transformer_panic: Injection,
    /// Which tries of a Transformer fail for a while: `every N`: all tries of these records; a share such as `5%`: this
    /// share of the tries. See `retry.tries`. Default off.
    pub transient: Injection,
    /// Whether dataCh holds any number of records, whatever its capacity: memory then grows with the number of records
    /// that wait. Default false.
    pub unbounded_channel: bool,
    /// Whether the first Transformer doesn't exit when it has finished, so that processedCh is never closed, and the
    /// stages after it wait for ever. The run then fails with what they wait for. Default false.
    pub leaked_worker: bool,
}

/// Where the stages run.
pub struct RuntimeOptions {
    /// `pool`: on a pool of threads; `local`: all on one thread; `virtual`: all on one thread, in simulated time on
    /// simulated cores. Default `pool`.
    pub kind: RuntimeKind,
    /// The number of threads of the pool. 1 to 1,024; default: one per core. (The page sets it when it starts the
    /// engine.)
    pub threads: Option<usize>,
    /// The number of simulated cores of the virtual runtime. 1 to 65,536; default 4.
    pub cores: usize,
    /// On the virtual clock, the seed of the schedule: which of the tasks that are ready runs next. Another one gives
    /// another interleaving of the same records with the same service times. Default: `seed`.
    pub seed: Option<u64>,
}

/// What the event log of a run records.
pub struct TraceOptions {
    /// Whether to record events. Default false.
    pub enabled: bool,
    /// Trace every Nth record, from the Producer to its file. At least 1; default 1.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub sample: u64,
    /// The approximate maximum number of records to trace per second. While more come, the interval between traced
    /// records is doubled as often as necessary: 2, 4, 8 … times `sample`. 1 to 1,000,000,000; default none, which
    /// always traces every `sample`th record.
    pub rate: Option<u64>,
    /// Whether to record when each task is woken and when it runs, and on which thread. Default true.
    pub tasks: bool,
    /// The number of events that the ring buffer of a thread holds, a power of two from 1,024 to 1,048,576. Default
    /// 65,536 (1 MiB).
    pub ring: usize,
    /// Whether to keep the ids of traced records for [`Tracer::take_ids`](crate::trace::Tracer::take_ids); not a
    /// setting.
    #[serde(skip)]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub ids: bool,
}

}

/// How the workers of a stage share their input channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Sharing {
    /// One queue: whoever is free takes the next record.
    #[default]
    Shared,
    /// A queue for each worker.
    PerWorker,
    /// A queue for each worker, and a worker whose queue is empty takes from another one.
    Stealing,
}

/// What happens to a record for which a channel has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum WhenFull {
    /// Its sender waits.
    #[default]
    Block,
    /// It is dropped.
    DropNewest,
    /// The oldest record in the channel is dropped.
    DropOldest,
}

/// Where the stages run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RuntimeKind {
    /// On a pool of threads.
    #[default]
    Pool,
    /// All on one thread.
    Local,
    /// All on one thread, in simulated time.
    Virtual,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            records: 50,
            seed: 1,
            clock: Clock::default(),
            generator: Generator::default(),
            input: InputOptions::default(),
            workers: 3,
            validator: ValidatorRules::default(),
            transformer: TransformerRules::default(),
            channels: Channels::default(),
            queues: QueueRules::default(),
            batch: BatchSize::default(),
            ordered: true,
            fail_fast: false,
            window: None,
            window_bytes: DEFAULT_WINDOW_BYTES,
            service: Service::default(),
            locks: Locks::default(),
            retry: Retry::default(),
            breaker: BreakerRules::default(),
            faults: Faults::default(),
            runtime: RuntimeOptions::default(),
            trace: TraceOptions::default(),
        }
    }
}

impl Default for Generator {
    fn default() -> Self {
        Generator {
            sensors: 5,
            locations: ["North", "South", "East", "West", "Center"].map(String::from).to_vec(),
            unit: "unit_A".to_owned(),
            value_min: 0.0,
            value_max: 100.0,
            invalid_value: Injection::Every(10),
            invalid_unit: Injection::Every(11),
            rate_limit: 0.0,
            burst: 1,
        }
    }
}

impl Default for ValidatorRules {
    fn default() -> Self {
        ValidatorRules {
            workers: None,
            value_min: 0.0,
            value_max: 1000.0,
            required: Field::ALL.to_vec(),
            rfc3339_timestamps: false,
        }
    }
}

impl Default for TransformerRules {
    fn default() -> Self {
        TransformerRules {
            workers: None,
            multiplier: 0.1,
            threshold: 8.0,
            invalid_units: vec![INVALID_UNIT.to_owned()],
            valid_units: Vec::new(),
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Retry { tries: 1, timeout: ServiceTime::Off }
    }
}

impl Default for BreakerRules {
    fn default() -> Self {
        BreakerRules { failures: None, pause: ServiceTime::Fixed(Duration::from_secs(1)) }
    }
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        RuntimeOptions { kind: RuntimeKind::default(), threads: None, cores: 4, seed: None }
    }
}

impl Default for TraceOptions {
    fn default() -> Self {
        TraceOptions { enabled: false, sample: 1, rate: None, tasks: true, ring: 1 << 16, ids: false }
    }
}

/// The numbers of workers that a pool can have.
const WORKERS: Range = Range::Whole(1, 65_535);

/// The capacities that a channel can have.
const CAPACITIES: Range = Range::Whole(1, 16_777_216);

/// All settings, in the order in which a page shows them and problems are reported.
pub static SETTINGS: &[Setting] = &[
    setting!(records).on_page("Records", "records"),
    setting!(seed).on_page("Seed", "seed"),
    setting!(generator.rate_limit)
        .within(Range::NotNegative("a number of records a second, or 0 for no limit"))
        .on_page("Rate", "rate")
        .live(),
    setting!(generator.burst).within(Range::Whole(1, 1_000_000)).on_page("Burst", "burst").live(),
    setting!(generator.invalid_value).on_page("Invalid values", "invalid-values"),
    setting!(generator.invalid_unit).on_page("Invalid units", "invalid-units"),
    setting!(generator.sensors).within(Range::Whole(1, 1_000_000_000)),
    setting!(generator.locations),
    setting!(generator.unit),
    setting!(generator.value_min),
    setting!(generator.value_max),
    // The page asks for a percentage of anomalies instead.
    setting!(transformer.threshold).on_page("Anomalies", "anomalies"),
    setting!(transformer.multiplier),
    setting!(transformer.invalid_units),
    setting!(transformer.valid_units),
    setting!(validator.value_min),
    setting!(validator.value_max),
    setting!(validator.required),
    setting!(validator.rfc3339_timestamps),
    setting!(input.file).on_page_only("File"),
    setting!(input.format).on_page("Format", "format"),
    setting!(input.encoding).on_page("Encoding", "encoding"),
    setting!(input.delimiter).on_page("Delimiter", "delimiter"),
    setting!(input.map).on_page("Mapping", "mapping"),
    setting!(input.source_field),
    setting!(input.head).within(Range::Whole(1, u64::MAX)),
    setting!(input.max_line).within(Range::Whole(1, InputOptions::MAX_LINE_LIMIT as u64)),
    setting!(input.rename_prefix),
    setting!(workers).within(WORKERS).on_page("Workers", "workers").live(),
    setting!(channels.capacity).within(CAPACITIES).on_page("Buffer", "buffer"),
    setting!(batch).within(Range::Whole(1, 65_536)).on_page("Batch", "batch"),
    setting!(window).within(Range::Whole(1, 1_073_741_824)).on_page("Window", "window"),
    setting!(window_bytes).within(Range::Whole(1, 1 << 30)),
    setting!(runtime.kind).on_page("Runs on", "runs-on"),
    setting!(runtime.threads).within(Range::Whole(1, 1024)).on_page("Threads", "threads"),
    setting!(runtime.cores).within(Range::Whole(1, 65_536)).on_page("Simulated cores", "cores"),
    setting!(runtime.seed).on_page("Schedule seed", "schedule-seed"),
    setting!(service.producer.wait).on_page("Producer, waiting", "producer.wait").live(),
    setting!(service.producer.compute).on_page("Producer, computing", "producer.compute").live(),
    setting!(service.validator.wait).on_page("Validator, waiting", "validator.wait").live(),
    setting!(service.validator.compute).on_page("Validator, computing", "validator.compute").live(),
    setting!(service.transformer.wait).on_page("Transformer, waiting", "transformer.wait").live(),
    setting!(service.transformer.compute).on_page("Transformer, computing", "transformer.compute").live(),
    setting!(service.loader.wait).on_page("Loader, waiting", "loader.wait").live(),
    setting!(service.loader.compute).on_page("Loader, computing", "loader.compute").live(),
    setting!(service.error_handler.wait).on_page("Error Handler, waiting", "error_handler.wait").live(),
    setting!(service.error_handler.compute).on_page("Error Handler, computing", "error_handler.compute").live(),
    setting!(service.metrics_collector.wait).on_page("Metrics Collector, waiting", "metrics_collector.wait").live(),
    setting!(service.metrics_collector.compute)
        .on_page("Metrics Collector, computing", "metrics_collector.compute")
        .live(),
    setting!(locks.validator).on_page("Lock of the Validators", "validator.lock").live(),
    setting!(locks.transformer).on_page("Lock of the Transformers", "transformer.lock").live(),
    setting!(validator.workers).within(WORKERS).on_page("Validators", "validators").live(),
    setting!(transformer.workers).within(WORKERS).on_page("Transformers", "transformers").live(),
    setting!(queues.sharing).on_page("Queues", "queues"),
    setting!(queues.when_full).on_page("When dataCh is full", "when-full"),
    setting!(queues.send_cost).on_page("Cost of a send", "send-cost"),
    setting!(channels.data).within(CAPACITIES).on_page("dataCh", "buffer.data"),
    setting!(channels.valid).within(CAPACITIES).on_page("validCh", "buffer.valid"),
    setting!(channels.processed).within(CAPACITIES).on_page("processedCh", "buffer.processed"),
    setting!(channels.error).within(CAPACITIES).on_page("errorCh", "buffer.error"),
    setting!(channels.loader).within(CAPACITIES).on_page("loaderCh", "buffer.loader"),
    setting!(channels.error_handler).within(CAPACITIES).on_page("errorHandlerCh", "buffer.error_handler"),
    setting!(channels.metrics).within(CAPACITIES).on_page("metricsCh", "buffer.metrics"),
    setting!(clock).on_page("Clock", "clock"),
    setting!(ordered).on_page("Files in the order of production", "ordered"),
    setting!(fail_fast),
    setting!(retry.tries).within(Range::Whole(1, 10)).on_page("Tries", "tries"),
    setting!(retry.timeout).on_page("Timeout of a try", "timeout"),
    setting!(breaker.failures).within(Range::Whole(1, 1_000_000)).on_page("Failures that open the breaker", "breaker"),
    setting!(breaker.pause).on_page("Time that the breaker is open", "breaker-pause"),
    setting!(faults.validator_panic),
    setting!(faults.transformer_panic),
    setting!(faults.transient).on_page("Tries that fail", "transient"),
    setting!(faults.unbounded_channel).on_page("Unlimited dataCh", "unbounded"),
    setting!(faults.leaked_worker).on_page("A Transformer that never ends", "leak"),
    setting!(trace.enabled),
    setting!(trace.sample).within(Range::Whole(1, u64::MAX)),
    setting!(trace.rate).within(Range::Whole(1, 1_000_000_000)),
    setting!(trace.tasks),
    setting!(trace.ring).within(Range::PowersOfTwo(1024, 1_048_576)),
];

/// The default of [`Config::window_bytes`]: many blocks of input for each of many workers, and little compared with the
/// memory of a computer.
pub const DEFAULT_WINDOW_BYTES: usize = 32 << 20;

impl StageService {
    /// Returns whether any of its times is on.
    pub fn is_on(&self) -> bool {
        self.wait.is_on() || self.compute.is_on()
    }
}

impl Config {
    /// The service time of a stage. The fan-out has none.
    pub fn service_of(&self, stage: Stage) -> StageService {
        match stage {
            Stage::Producer => self.service.producer.clone(),
            Stage::Validator => self.service.validator.clone(),
            Stage::Transformer => self.service.transformer.clone(),
            Stage::FanOut => StageService::default(),
            Stage::Loader => self.service.loader.clone(),
            Stage::ErrorHandler => self.service.error_handler.clone(),
            Stage::MetricsCollector => self.service.metrics_collector.clone(),
        }
    }

    /// The time for which a worker of a stage needs the stage's lock.
    pub fn lock_of(&self, stage: Stage) -> &ServiceTime {
        match stage {
            Stage::Validator => &self.locks.validator,
            Stage::Transformer => &self.locks.transformer,
            _ => &ServiceTime::Off,
        }
    }

    /// Returns whether tries of records can fail for a while.
    pub fn has_retries(&self) -> bool {
        self.retry.timeout.is_on() || self.faults.transient != Injection::Off
    }

    /// Returns whether the stages can block each other for ever.
    pub(crate) fn can_deadlock(&self) -> bool {
        self.has_retries() || self.faults.leaked_worker
    }

    /// Returns whether a stage takes time for each record.
    pub fn serves(&self, stage: Stage) -> bool {
        self.service_of(stage).is_on() || self.lock_of(stage).is_on()
    }

    /// The seed of the schedule on the virtual clock.
    pub fn schedule_seed(&self) -> u64 {
        self.runtime.seed.unwrap_or(self.seed)
    }

    /// The capacity that was given for a channel, by its own name or for all.
    fn given_capacity(&self, channel: ChannelId) -> Option<usize> {
        let channels = &self.channels;
        let own = match channel {
            ChannelId::DataCh => channels.data,
            ChannelId::ValidCh => channels.valid,
            ChannelId::ProcessedCh => channels.processed,
            ChannelId::ErrorCh => channels.error,
            ChannelId::LoaderCh => channels.loader,
            ChannelId::ErrorHandlerCh => channels.error_handler,
            ChannelId::MetricsCh => channels.metrics,
        };
        own.or(channels.capacity)
    }
}
