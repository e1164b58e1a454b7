//! The first bytes of a file, which the page shows before a run.

use crate::error::to_js;
use clearpipe_codec as source;
use clearpipe_model::problem::Problem;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The first bytes of a file, decompressed and as UTF-8.
#[wasm_bindgen]
pub struct FileStart {
    bytes: Vec<u8>,
    /// Whether these are all bytes of the file.
    pub whole: bool,
    problem: Option<Problem>,
    /// Whether another encoding may solve the problem.
    #[wasm_bindgen(js_name = mayBeEncoded)]
    pub may_be_encoded: bool,
}

#[wasm_bindgen]
impl FileStart {
    /// Decompresses and decodes the first bytes of a file, or all of it if `is_whole`. Reads at most `most` bytes. The
    /// encoding is written as in a configuration.
    ///
    /// # Errors
    /// An `Error` if the data is damaged, or if there is no such encoding.
    #[wasm_bindgen(constructor)]
    pub fn new(start: &[u8], is_whole: bool, most: usize, encoding: &str) -> Result<FileStart, JsValue> {
        let encoding = encoding.parse().map_err(|problem: String| js_sys::Error::new(&problem))?;
        let start = source::FileStart::new(start, is_whole, most, encoding)
            .map_err(|error| js_sys::Error::new(&error.to_string()))?;
        let source::FileStart { bytes, whole, problem, may_be_encoded } = start;
        Ok(FileStart { bytes, whole, problem, may_be_encoded })
    }

    /// Returns the bytes.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Returns why the file can't hold records, or `null` if it can.
    ///
    /// # Errors
    /// Not known to fail: a problem is a plain object.
    #[wasm_bindgen(getter)]
    pub fn problem(&self) -> Result<JsValue, JsValue> {
        to_js(&self.problem)
    }
}
