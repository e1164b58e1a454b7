//! The first bytes of a file, which the page shows before a run.

use crate::encodings;
use crate::error::to_js;
use clearpipe_codec::{self as source, FirstRecord, Format, Reading, TableStart};
use clearpipe_model::problem::Problem;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The first bytes of a file, decompressed and as UTF-8.
#[wasm_bindgen]
pub struct FileStart {
    bytes: Vec<u8>,
    /// Whether these are all bytes of the file.
    pub whole: bool,
    contents: Contents,
    /// Whether another encoding may solve the problem.
    #[wasm_bindgen(js_name = mayBeEncoded)]
    pub may_be_encoded: bool,
}

/// What is in a file.
#[derive(Serialize)]
struct Contents {
    /// Why it can't hold records, if it can't.
    problem: Option<Problem>,
    /// The first records.
    records: Vec<FirstRecord>,
    /// The header of a table and what its columns may mean, if it is one.
    table: Option<TableStart>,
}

#[wasm_bindgen]
impl FileStart {
    /// Decompresses and decodes the first bytes of a file, or all of it if `is_whole`. Reads at most `most` bytes. `name`
    /// is that of the file. The format and the encoding are written as in a configuration; an empty delimiter is
    /// detected.
    ///
    /// # Errors
    /// An `Error` if the data is damaged, or if there is no such format or encoding.
    #[wasm_bindgen(constructor)]
    pub fn new(
        start: &[u8],
        is_whole: bool,
        most: usize,
        name: &str,
        format: &str,
        encoding: &str,
        delimiter: &str,
    ) -> Result<FileStart, JsValue> {
        encodings::provide();
        let unknown = |problem: String| js_sys::Error::new(&problem);
        let reading = Reading {
            name,
            format: format.parse::<Format>().map_err(unknown)?,
            encoding: encoding.parse().map_err(unknown)?,
            delimiter: delimiter.chars().next(),
        };
        let start = source::FileStart::new(start, is_whole, most, reading)
            .map_err(|error| js_sys::Error::new(&error.to_string()))?;
        let source::FileStart { bytes, whole, problem, may_be_encoded, records, table } = start;
        Ok(FileStart { bytes, whole, contents: Contents { problem, records, table }, may_be_encoded })
    }

    /// Returns the bytes.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Returns what is in the file: an object with `problem`, why it can't hold records, or `null` if it can; `records`, the
    /// first ones; and `table`, the header of a table and what its columns may mean, or `null` if it isn't a table.
    ///
    /// # Errors
    /// Not known to fail: it is a plain object.
    #[wasm_bindgen(getter)]
    pub fn contents(&self) -> Result<JsValue, JsValue> {
        to_js(&self.contents)
    }
}
