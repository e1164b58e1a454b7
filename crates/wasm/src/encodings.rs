//! Decodes text with the browser's own tables of encodings, so that the engine needs none.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type TextDecoder;

    #[wasm_bindgen(constructor, catch)]
    fn new(label: &str) -> Result<TextDecoder, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &Uint8Array) -> Result<String, JsValue>;
}

/// Lets the codec ask the browser. To be called before anything is decoded; any thread may decode then.
pub fn provide() {
    clearpipe_codec::set_host_decode(decode);
}

fn decode(name: &str, bytes: &[u8]) -> Option<String> {
    // A copy: browsers don't decode from memory that threads share.
    let bytes = Uint8Array::from(bytes);
    TextDecoder::new(name).ok()?.decode(&bytes).ok()
}
