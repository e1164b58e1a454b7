//! The Clearpipe pipeline: Producer → Validators × N → Transformers × N → fan-out → Loader, Error Handler, Metrics
//! Collector, as futures over bounded channels.
//!
//! [`pipeline::start`] starts a run of a [`config::Config`] on a [`runtime::Runtime`]. The crate is free of any platform
//! outside [`runtime`]: bytes come in through `AsyncRead` and go out through `AsyncWrite`.
//!
//! ```
//! use clearpipe_core::config::Config;
//! use clearpipe_core::pipeline::{self, Outputs, Source};
//! use clearpipe_core::runtime::Local;
//! use std::sync::Arc;
//!
//! let runtime = Local::new();
//! let nowhere = || Box::new(futures::io::sink());
//! let outputs = Outputs { processed: nowhere(), failed: nowhere(), log: None };
//! let run = pipeline::start(&Config::default(), Source::Generator, outputs, Arc::new(runtime.clone()))?;
//! let metrics = runtime.block_on(run.finished())?;
//! assert_eq!((metrics.processed, metrics.failed), (41, 9));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod baseline;
pub mod batch;
pub mod batch_pool;
pub mod channel;
pub mod config;
pub mod control;
pub mod generator;
pub mod input_label;
pub mod jsonl;
pub mod live_settings;
pub mod metrics;
pub mod notice;
pub mod pipeline;
pub mod random;
pub mod record;
pub mod runtime;
pub mod source;
pub mod stages;
pub mod text;
pub mod time;
pub mod topology;
pub mod trace;
