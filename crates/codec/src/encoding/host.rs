//! A decoder that the host has: every browser has all encodings of the [Encoding
//! Standard](https://encoding.spec.whatwg.org/) anyway, so their tables need not be loaded with the engine.

use std::sync::OnceLock;

/// Decodes all of `bytes` from the encoding with this name, with U+FFFD for what is invalid; `None` if the host does not
/// have the encoding.
pub type HostDecode = fn(name: &str, bytes: &[u8]) -> Option<String>;

pub(super) static HOST: OnceLock<HostDecode> = OnceLock::new();

/// Sets what decodes in a build without the feature `encodings`; with it, this has no effect. Only the first call counts.
pub fn set_host_decode(decode: HostDecode) {
    // Whoever was first stays.
    let _ = HOST.set(decode);
}
