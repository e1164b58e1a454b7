//! The Clearpipe pipeline: Producer → Validators × N → Transformers × N → fan-out → Loader, Error Handler, Metrics
//! Collector, as futures over bounded channels.
//!
//! [`pipeline::start`] starts a run of a [`config::Config`] on a [`runtime::Runtime`]. Records come from a
//! [`source::Source`], which may read inputs through `AsyncRead`, and lines go to a [`sink::Sink`]; every `AsyncWrite`
//! is one. Only [`runtime`] depends on the platform.
//!
//! ```
//! use clearpipe_core::config::Config;
//! use clearpipe_core::pipeline::{self, Outputs, RecordsFrom};
//! use clearpipe_core::runtime::Local;
//! use std::sync::Arc;
//!
//! let runtime = Local::new();
//! let nowhere = || Box::new(futures::io::sink());
//! let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
//! let run = pipeline::start(&Config::default(), RecordsFrom::Generator, outputs, Arc::new(runtime.clone()))?;
//! let metrics = runtime.block_on(run.finished())?;
//! assert_eq!((metrics.processed, metrics.failed), (41, 9));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod baseline;
pub mod batch;
pub mod channels;
pub mod config;
pub mod control;
pub mod deadlock;
pub mod generator;
pub mod live_settings;
pub mod metrics;
mod panic_guard;
pub mod pipeline;
pub mod records;
pub mod resilience;
pub mod rules;
pub mod runtime;
pub mod schedule;
mod semaphore;
pub mod settlement;
pub mod sink;
pub mod source;
pub mod stages;
pub mod trace;
pub mod transforms;
pub mod waits;
pub mod worker;
