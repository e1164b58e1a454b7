//! The codec: from the bytes of an input to records, and from records to JSON Lines ([`jsonl`]).
//!
//! The work is split in two, because only the second half can be shared among workers:
//!
//! 1. [`FileSource`], in the Producer, *cuts* the input into [`Line`]s: it only finds where each record ends. It needs
//!    a bounded amount of memory, whatever the input.
//! 2. [`Parser`], in the Validators, reads one line and returns a [`Record`], or the reason why it can't be parsed
//!    ([`Reject`]).
//!
//! ```
//! use clearpipe_codec::{FileSource, InputOptions};
//! use futures::AsyncRead;
//!
//! let input = &b"id,value,unit\r\na1,20.5,K\r\na2,,K\r\na3,n/a,K\r\n"[..];
//! let input: Box<dyn AsyncRead + Send + Unpin> = Box::new(input);
//! let mut source = FileSource::new(input, &InputOptions::default(), &[]);
//! let lines = futures::executor::block_on(source.next(100))?.unwrap();
//! let mut scratch = Vec::new();
//! let mut read = |at: usize| lines.decoder.decode_line(&lines.lines[at], &lines.block, &mut scratch);
//! assert_eq!(read(0).unwrap().value, 20.5);
//! assert!(read(1).unwrap().value.is_nan(), "a rule may reject it, but it can be read");
//! assert!(read(2).unwrap_err().to_string().starts_with("line 4: column `value`: \"n/a\" is not a number"));
//! # Ok::<(), clearpipe_codec::SourceError>(())
//! ```
//!
//! | modules | about |
//! |---|---|
//! | `format`, `mapping`, `options` | the configuration of an input |
//! | `compression` | decompressing an input as it is read |
//! | `cutter`, `line_ends`, `stray_quote` | where a record ends, for JSON Lines and for CSV |
//! | `inputs` | the inputs of a run, one after the other |
//! | `blocks` | the bytes that were read and not handed out yet |
//! | `encoding`, `encoding_check`, `byte_order_mark` | decoding an input to UTF-8, and reporting invalid text |
//! | `content` | reporting inputs that don't hold records as text |
//! | `json_start`, `json_framer`, `json_scanner` | JSON that isn't JSON Lines: detecting it, and where a record ends |
//! | `file_start`, `table_start`, `mapping_guess` | the beginning of an input, for a preview before a run: its first records, its header, and a guess which column gives which field |
//! | `file_source`, `source_error` | reading, header, cutting: what the Producer calls |
//! | `parser`, `json_place` | from a line to a record: what the Validators call |
//! | `json_lines`, `json_member`, `json_reason` | a line of JSON Lines → a record, or why not |
//! | `outcome_fields`, `names`, `json_renamed` | which fields are kept under another name |
//! | `json_template`, `json_value`, `literal`, `plain` | the fast path for a line that looks like an earlier one |
//! | `csv_header`, `csv_layout`, `csv_builder`, `csv_constant`, `csv_headless`, `suggestion` | the header of a table and the mapping → the meaning of its columns |
//! | `csv_row`, `csv_cells`, `number` | a row → a record |
//! | `csv_plain` | the fast path for a row without escapes or special cases |
//!
//! # JSON Lines
//!
//! One object per line. A byte order mark, `\r\n`, blank lines and a missing last newline are not errors, nor are lines
//! that end with `\r` alone, if the first one does. The known fields are checked for their type; `value` keeps its
//! digits; strings keep their escapes; unknown fields are kept as they came and in their order, under unique names: see
//! [`jsonl`] for fields with the same name, and for those that are named like the fields that the pipeline writes
//! itself ([`OUTCOME_FIELDS`]). A known field that occurs twice, an unpaired surrogate in an escape, and anything that
//! JSON doesn't allow make the line malformed.
//!
//! # Other JSON
//!
//! If the first line isn't an object, but the beginning of an array of objects or of an object that spans lines, or has
//! several objects, the input is read as a sequence of arrays and objects in any layout. The elements of the arrays are
//! records, and so are the objects. This is decided once, at the beginning; JSON Lines stays JSON Lines. Line ends
//! within unknown fields are left out of the output. Where the structure is broken or never closed, the run fails with
//! the position, since it can't be determined where the next record begins.
//!
//! # Encodings
//!
//! UTF-8, with or without a byte order mark; a mark at the beginning of a later line, as in concatenated files, is
//! skipped as well. UTF-16 is detected by its mark, or by the zeros in its first two characters. All other encodings
//! must be set ([`InputOptions::encoding`]). Bytes that are invalid in the encoding make a record malformed. Without the
//! feature `encodings`, the tables of encodings come from the host ([`set_host_decode`]), as in a browser.
//!
//! # CSV and TSV
//!
//! [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) with a header. TSV is the same with tabs. A quote has a meaning
//! only at the beginning of a cell; elsewhere (`5" pipe`) it is text. Lines end as those of JSON Lines do, and blank
//! ones are skipped. A table without a header is empty, and has no records. A line `sep=;` before the header, as Excel
//! writes it, declares the delimiter. Names in the header are taken without the spaces around them. An empty cell is an
//! absent field. Columns that don't belong to a field are kept as unknown fields, always as strings. See [`CsvLayout`]
//! for the meaning of each column, and [`FileSource`] for stray quotes.
//!
//! [`Line`]: clearpipe_model::record::Line
//! [`Record`]: clearpipe_model::record::Record
//! [`Reject`]: clearpipe_model::reject::Reject
//! [`OUTCOME_FIELDS`]: crate::jsonl::OUTCOME_FIELDS

mod blocks;
mod byte_order_mark;
mod compression;
mod content;
mod csv_builder;
mod csv_cells;
mod csv_constant;
mod csv_header;
mod csv_headless;
mod csv_layout;
mod csv_plain;
mod csv_row;
mod cutter;
mod decode;
mod encoding;
mod encoding_check;
mod file_source;
mod file_start;
mod format;
mod inputs;
mod json_framer;
mod json_lines;
mod json_member;
mod json_place;
mod json_reason;
mod json_renamed;
mod json_scanner;
mod json_start;
mod json_template;
mod json_value;
pub mod jsonl;
mod line_ends;
mod literal;
mod mapping;
mod mapping_guess;
mod names;
mod number;
mod options;
mod outcome_fields;
mod parser;
mod plain;
mod source_error;
mod stray_quote;
mod suggestion;
mod table_start;

pub use compression::{Compression, Unpacked, UnpackedAsync, unpacked_start};
pub use csv_layout::CsvLayout;
pub use decode::{Decode, Decoded};
pub use encoding::{Encoding, HostDecode, set_host_decode};
pub use file_source::{FileSource, Lines};
pub use file_start::{FileStart, FirstRecord, Reading};
pub use format::Format;
pub use inputs::{Input, Inputs};
pub use json_place::JsonPlace;
pub use json_template::LineTemplates;
pub use mapping::{Mapping, MappingEntry, Origin};
pub use mapping_guess::GuessedOrigin;
pub use options::{InputOptions, Renaming};
pub use parser::Parser;
pub use source_error::{NamedError, SourceError};
pub use table_start::TableStart;
