//! The engines, and how a case runs on one of them.

use super::case::{Case, Files, Hashes, Refusal};
use clearpipe_codec::{Input, Inputs};
use clearpipe_core::config::{BatchSize, Config, RuntimeKind};
use clearpipe_core::metrics::Metrics;
use clearpipe_core::pipeline::{self, Outputs, RecordsFrom, RunError};
use clearpipe_core::runtime::{Local, Pool, Runtime, Virtual};
use clearpipe_core::worker::StageError;
use futures::StreamExt;
use futures::io::{AsyncRead, AsyncWrite};
use futures::stream;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::{self, Display};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

/// Longer than any run takes; a run that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// The engine that runs a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// On native threads.
    Pool,
    /// All on one thread.
    Local,
    /// On the virtual clock.
    Virtual,
    /// In a browser. Not run here: a separate harness reads the same cases.
    Browser,
}

impl Engine {
    pub const ALL: [Engine; 4] = [Engine::Pool, Engine::Local, Engine::Virtual, Engine::Browser];

    /// The engines that are run here.
    pub const NATIVE: [Engine; 3] = [Engine::Pool, Engine::Local, Engine::Virtual];

    /// Returns all the ways to run a case on the engine. They don't change the settings of the case itself.
    pub fn variants(self, case: &Case) -> Vec<Variant> {
        let variant = |workers: usize, threads: usize, batch, seed: u64, piece| {
            let mut config = case.config.clone();
            config.runtime.kind = match self {
                Engine::Pool => RuntimeKind::Pool,
                Engine::Local => RuntimeKind::Local,
                Engine::Virtual | Engine::Browser => RuntimeKind::Virtual,
            };
            config.runtime.threads = Some(threads);
            if !case.pins.workers {
                config.workers = workers;
            }
            if !case.pins.cores {
                config.runtime.cores = threads;
            }
            if !case.pins.batch {
                config.batch = batch;
            }
            Variant { engine: self, config, seed, piece }
        };
        let auto = BatchSize::Auto;
        match self {
            Engine::Pool => [(1, 1), (2, 1), (8, 1), (1, 2), (2, 2), (8, 2)]
                .map(|(workers, threads)| variant(workers, threads, auto, 0, usize::MAX))
                .into(),
            Engine::Local if case.large => vec![variant(3, 1, auto, 0, usize::MAX)],
            Engine::Local => {
                vec![variant(3, 1, auto, 0, usize::MAX), variant(2, 1, BatchSize::Fixed(1), 0, 1)]
            }
            Engine::Virtual if case.large => vec![variant(3, 4, auto, 1, usize::MAX)],
            Engine::Virtual => vec![
                variant(3, 4, auto, 1, usize::MAX),
                variant(1, 1, BatchSize::Fixed(1), 2, 5),
                variant(2, 2, BatchSize::Fixed(7), 3, 64),
                variant(8, 4, auto, 4, 1000),
                variant(16, 2, BatchSize::Fixed(1), 5, usize::MAX),
            ],
            Engine::Browser => Vec::new(),
        }
    }
}

impl Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Pool => "pool",
            Engine::Local => "local",
            Engine::Virtual => "virtual",
            Engine::Browser => "browser",
        })
    }
}

/// A way to run a case.
#[derive(Clone)]
pub struct Variant {
    engine: Engine,
    config: Config,
    /// Chooses the interleaving of the virtual clock.
    seed: u64,
    /// The input is read in pieces of at most this many bytes.
    piece: usize,
}

impl Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Variant { engine, config, seed, piece } = self;
        write!(f, "{engine}, {} workers, batch {}", config.workers, config.batch)?;
        match engine {
            Engine::Pool => write!(f, ", {} threads", config.runtime.threads.unwrap_or(1))?,
            Engine::Virtual => write!(f, ", {} cores, interleaving {seed}", config.runtime.cores)?,
            Engine::Local | Engine::Browser => {}
        }
        if *piece < usize::MAX { write!(f, ", input in pieces of {piece} bytes") } else { Ok(()) }
    }
}

/// The outcome of a run.
pub enum Found {
    /// An error.
    Error(Refusal),
    /// Results.
    Ran(Box<Ran>),
}

/// The results of a run.
pub struct Ran {
    pub files: Files,
    pub metrics: Metrics,
}

impl Variant {
    /// Runs a case.
    ///
    /// # Errors
    /// If the run hangs, or if something other than the configuration or the input ends it.
    pub fn run(&self, case: &Case) -> Result<Found, String> {
        let (variant, inputs, hashes) = (self.clone(), case.inputs.clone(), case.hashes);
        let (send, receive) = mpsc::channel();
        // A run that hangs is abandoned: the test fails, and the program ends without it.
        std::thread::spawn(move || {
            // The receiver is gone if it took too long.
            let _ = send.send(variant.run_here(inputs, hashes));
        });
        match receive.recv_timeout(PATIENCE) {
            Ok(found) => found,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(format!("no end after {} seconds", PATIENCE.as_secs())),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err("the run panicked".to_owned()),
        }
    }

    fn run_here(&self, inputs: Vec<(String, Vec<u8>)>, hashes: bool) -> Result<Found, String> {
        let (processed, failed) = (Captured::new(hashes), Captured::new(hashes));
        let outputs = Outputs { processed: Box::new(processed.clone()), failed: Box::new(failed.clone()), log: None };
        let (are_several, longest) = (inputs.len() > 1, self.piece);
        let source = match inputs.is_empty() {
            true => RecordsFrom::Generator,
            false => {
                let pieces = move |(name, bytes)| Ok(Input::named(name, Box::new(Pieces { bytes, at: 0, longest })));
                RecordsFrom::Inputs(Inputs::of(stream::iter(inputs).map(pieces), are_several))
            }
        };
        let start = |runtime: Arc<dyn Runtime>| pipeline::start(&self.config, source, outputs, runtime);
        let result = match self.config.runtime.kind {
            RuntimeKind::Pool => {
                let threads = self.config.runtime.threads.unwrap_or(1);
                let runtime = Pool::new(threads).map_err(|error| error.to_string())?;
                match start(Arc::new(runtime)) {
                    Ok(handle) => futures::executor::block_on(handle.finished()),
                    Err(error) => Err(error.into()),
                }
            }
            RuntimeKind::Local => {
                let runtime = Local::new();
                match start(Arc::new(runtime.clone())) {
                    Ok(handle) => runtime.block_on(handle.finished()),
                    Err(error) => Err(error.into()),
                }
            }
            RuntimeKind::Virtual => {
                let runtime = Virtual::new(self.config.runtime.cores, self.seed);
                match start(Arc::new(runtime.clone())) {
                    Ok(handle) => runtime.block_on(handle.finished()).map_err(|stalled| stalled.to_string())?,
                    Err(error) => Err(error.into()),
                }
            }
        };
        match result {
            Ok(metrics) => {
                let files = match hashes {
                    true => Files::Hashes(Hashes { processed: processed.hash(), failed: failed.hash() }),
                    false => Files::Bytes { processed: processed.bytes(), failed: failed.bytes() },
                };
                Ok(Found::Ran(Box::new(Ran { files, metrics })))
            }
            Err(RunError::Config(error)) => Ok(Found::Error((&error).into())),
            // An error in the data rather than in the settings.
            Err(error @ RunError::Stage(StageError::Source(_))) => Ok(Found::Error(Refusal::of(&error))),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// An input that is read in pieces.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    longest: usize,
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let rest = &self.bytes[self.at..];
        let length = rest.len().min(into.len()).min(self.longest);
        into[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Poll::Ready(Ok(length))
    }
}

/// The output of a run: the bytes, or only their hash.
#[derive(Clone)]
struct Captured(Arc<Mutex<Content>>);

enum Content {
    Bytes(Vec<u8>),
    Hash(Sha256),
}

impl Captured {
    fn new(hashes: bool) -> Captured {
        Captured(Arc::new(Mutex::new(if hashes { Content::Hash(Sha256::new()) } else { Content::Bytes(Vec::new()) })))
    }

    fn bytes(&self) -> Vec<u8> {
        match &*self.0.lock().unwrap() {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Hash(_) => Vec::new(),
        }
    }

    fn hash(&self) -> String {
        match &*self.0.lock().unwrap() {
            Content::Bytes(_) => String::new(),
            Content::Hash(hash) => hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

impl AsyncWrite for Captured {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self.0.lock().unwrap() {
            Content::Bytes(all) => all.extend_from_slice(bytes),
            Content::Hash(hash) => hash.update(bytes),
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
