//! The beginning of a file, for the page to show before a run.

use clearpipe_core::source::unpacked_start;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The first bytes of a file, decompressed.
#[wasm_bindgen]
pub struct FileStart {
    bytes: Vec<u8>,
    /// Whether these are all of them.
    pub whole: bool,
}

#[wasm_bindgen]
impl FileStart {
    /// Decompresses the first bytes of a file; all of it, if `is_whole`. At most `most` bytes are given.
    ///
    /// # Errors
    /// An `Error`, if the data is damaged.
    #[wasm_bindgen(constructor)]
    pub fn new(start: &[u8], is_whole: bool, most: usize) -> Result<FileStart, JsValue> {
        let (bytes, whole) =
            unpacked_start(start, is_whole, most).map_err(|error| js_sys::Error::new(&error.to_string()))?;
        Ok(FileStart { bytes, whole })
    }

    /// The bytes.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}
