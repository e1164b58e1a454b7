//! What decodes to UTF-8: encoding_rs, or, without the feature `encodings`, [`tables`](super::tables) that the host
//! provides.

#[cfg(feature = "encodings")]
pub(super) use whole::TextDecoder;

#[cfg(not(feature = "encodings"))]
pub(super) use super::portable::TextDecoder;

/// Why a decoder stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Everything has been read.
    InputEmpty,
    /// There is no room for more.
    OutputFull,
    /// It has read a sequence that is invalid in the encoding.
    Malformed,
}

/// What a decoder did: why it stopped, how many bytes it read, and how many it wrote.
pub(super) type Step = (Stopped, usize, usize);

#[cfg(feature = "encodings")]
mod whole {
    use super::{Step, Stopped};
    use encoding_rs::{Decoder, DecoderResult, Encoding};
    use std::io;

    /// Decodes an encoding, piece by piece. A byte order mark of the encoding at the beginning is left out.
    pub struct TextDecoder(Decoder);

    impl TextDecoder {
        /// Creates a decoder. Never fails; the signature is that of the other one.
        pub fn new(encoding: &'static Encoding) -> io::Result<TextDecoder> {
            Ok(TextDecoder(encoding.new_decoder_with_bom_removal()))
        }

        /// Decodes `input`, as much as there is room for, up to the first invalid sequence. `is_last` says that nothing
        /// follows; then it is called until the input is empty.
        pub fn decode(&mut self, input: &[u8], output: &mut [u8], is_last: bool) -> Step {
            let (result, read, written) = self.0.decode_to_utf8_without_replacement(input, output, is_last);
            let stopped = match result {
                DecoderResult::InputEmpty => Stopped::InputEmpty,
                DecoderResult::OutputFull => Stopped::OutputFull,
                DecoderResult::Malformed(..) => Stopped::Malformed,
            };
            (stopped, read, written)
        }
    }
}
