//! An event log, read by the same code as in the command.

use crate::error::named;
use clearpipe_core::trace::read;
use clearpipe_core::trace::read::LogError;
use clearpipe_core::trace::tables::Tables;
use js_sys::Uint8Array;
use std::io::{self, Read, Seek, SeekFrom};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// A file that can be read synchronously, which only workers can do.
    pub type LogFile;

    /// Returns its size in bytes.
    #[wasm_bindgen(method, getter)]
    fn size(this: &LogFile) -> f64;

    /// Returns the bytes from one position to another.
    #[wasm_bindgen(method, catch)]
    fn read(this: &LogFile, from: f64, to: f64) -> Result<Uint8Array, JsValue>;
}

/// The bytes of a file.
struct Bytes {
    file: LogFile,
    size: u64,
    at: u64,
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let to = self.size.min(self.at + into.len() as u64);
        if to <= self.at {
            return Ok(0);
        }
        // JavaScript's numbers hold every position in a file exactly.
        let bytes = self.file.read(self.at as f64, to as f64).map_err(|error| {
            let error = js_sys::Error::from(error);
            io::Error::other(String::from(error.message()))
        })?;
        let length = (bytes.length() as usize).min(into.len());
        bytes.slice(0, length as u32).copy_to(&mut into[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.size, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        self.at = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Reads an event log from its beginning to its end.
#[wasm_bindgen]
pub struct LogReader(read::LogReader<Bytes>);

#[wasm_bindgen]
impl LogReader {
    /// Reads the first line of a log.
    ///
    /// # Errors
    /// An `Error` named `LogError` that says what is wrong with it.
    #[wasm_bindgen(constructor)]
    pub fn new(file: LogFile) -> Result<LogReader, JsValue> {
        let size = file.size() as u64;
        read::LogReader::begin(Bytes { file, size, at: 0 }).map(LogReader).map_err(log_error)
    }

    /// Returns the first line: JSON, with the names of the kinds of events, the topology and the configuration. It has
    /// been checked.
    #[wasm_bindgen(getter, js_name = firstLine)]
    pub fn first_line(&self) -> String {
        String::from_utf8_lossy(self.0.first_line()).into_owned()
    }

    /// Returns the capacities of the channels, in the order of the topology, as derived from the configuration.
    #[wasm_bindgen(getter)]
    pub fn capacities(&self) -> Vec<u32> {
        let capacity = |id: &str| u32::try_from(self.0.plan().capacity_by_id(id)).unwrap_or(u32::MAX);
        self.0.header().topology().channels.iter().map(|channel| capacity(&channel.id)).collect()
    }

    /// Returns how many events there are.
    #[wasm_bindgen(getter)]
    pub fn events(&self) -> f64 {
        self.0.events() as f64
    }

    /// Returns what the log says of its run besides its events, as JSON. Its times and settings have been checked.
    #[wasm_bindgen(getter)]
    pub fn tables(&self) -> Option<String> {
        self.0.tables().map(Tables::to_json)
    }

    /// Says what is wrong with the log, if anything is, although it can be read.
    #[wasm_bindgen(getter)]
    pub fn warning(&self) -> Option<String> {
        self.0.warning()
    }

    /// Reads a part of the log to find the order of its events. Returns whether there is more to read; then it must be
    /// called again before [`LogReader::next_events`].
    ///
    /// # Errors
    /// An `Error` named `LogError` if the file can't be read.
    pub fn scan(&mut self) -> Result<bool, JsValue> {
        self.0.scan().map_err(log_error)
    }

    /// Returns the next events in the order of time, 16 bytes each; nothing after the last one.
    ///
    /// # Errors
    /// An `Error` named `LogError` if the file can't be read, or is damaged.
    #[wasm_bindgen(js_name = nextEvents)]
    pub fn next_events(&mut self) -> Result<Option<Vec<u64>>, JsValue> {
        let events = self.0.next_events().map_err(log_error)?;
        Ok(events.map(|events| events.as_flattened().to_vec()))
    }
}

fn log_error(error: LogError) -> JsValue {
    named("LogError", &error.to_string())
}
