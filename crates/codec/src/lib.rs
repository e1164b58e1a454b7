//! The codec: from the bytes of an input to records, and from records to JSON Lines ([`jsonl`]).
//!
//! The work is split in two, because only the second half can be shared among workers:
//!
//! 1. [`FileSource`], in the Producer, *cuts* the input into [`Line`]s: it finds where each record ends, and nothing
//!    else. It needs a bounded amount of memory, whatever the input.
//! 2. [`Parser`], in the Validators, reads one line and gives a [`Record`], or says why it is none ([`Reject`]).
//!
//! | modules | about |
//! |---|---|
//! | `format`, `mapping`, `options` | the configuration of an input |
//! | `compression` | decompressing an input while it is read |
//! | `cutter`, `line_ends`, `stray_quote` | where a record ends, for JSON Lines and for CSV |
//! | `inputs` | the inputs of a run, one after the other |
//! | `blocks` | the bytes that were read and not given out yet |
//! | `encoding`, `encoding_check`, `byte_order_mark` | decoding an input to UTF-8, and naming what isn't |
//! | `content` | naming inputs that hold no records as text |
//! | `json_start`, `json_framer`, `json_scanner` | JSON that isn't JSON Lines: recognising it, and where a record ends |
//! | `file_start` | the beginning of an input, to be looked at before a run |
//! | `file_source`, `source_error` | reading, header, cutting: what the Producer calls |
//! | `parser`, `json_place` | from a line to a record: what the Validators call |
//! | `json_lines`, `json_member`, `json_reason` | a line of JSON Lines → a record, or why not |
//! | `outcome_fields`, `names`, `json_renamed` | which fields are kept under another name |
//! | `json_template`, `json_value`, `literal`, `plain` | the same, quicker, for a line that looks like one before |
//! | `csv_header`, `csv_layout`, `csv_builder`, `csv_constant`, `csv_headless`, `suggestion` | the header of a table and the mapping → what its columns mean |
//! | `csv_row`, `csv_cells`, `number` | a row → a record |
//! | `csv_plain` | the same, quicker, for a row without quotes |
//!
//! # JSON Lines
//!
//! An object a line. A byte order mark, `\r\n`, blank lines and a missing last newline are no errors, nor are lines that
//! end with `\r` alone, if the first one does. The known fields
//! are checked for their type; `value` keeps its digits; strings keep their escapes; unknown fields are kept as they
//! came and in their order, under names that stay apart: see [`jsonl`] for the second of two of one name,
//! and for those that are named like the fields that the pipeline writes itself ([`OUTCOME_FIELDS`]). A known field
//! that comes twice, half a surrogate pair in an escape, and whatever JSON does not allow make the line malformed.
//!
//! # Other JSON
//!
//! Where the first line isn't an object, but the beginning of an array of objects or of an object of several lines, or
//! has several objects, the input is read as a sequence of arrays and objects in any layout. The elements of the arrays
//! are records, and so are the objects. That is decided at the beginning, once and for all; JSON Lines stays JSON Lines.
//! Line ends within unknown fields are left out of the output. Where the structure is broken or never closed, the run
//! fails with the place, since nobody can say where the next record begins.
//!
//! # Encodings
//!
//! UTF-8, with or without a byte order mark; a mark at the beginning of a later line, where files were put together, is
//! skipped as well. UTF-16 is recognised by its mark, or by the zeros in its first two characters. All others must be
//! said ([`InputOptions::encoding`]). What is not valid in the encoding makes a record malformed.
//!
//! # CSV and TSV
//!
//! [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) with a header. TSV is the same with tabs. A quote has a meaning
//! only at the beginning of a cell; elsewhere (`5" pipe`) it is text. Lines end as those of JSON Lines do, and blank ones
//! are skipped. A table without a header is empty, and has no records. A line
//! `sep=;` before the header, as Excel knows it, names the delimiter. Names in the header are
//! taken without the spaces around them. An empty cell is an absent field. Columns for no field are kept as unknown
//! fields, always as strings. See [`CsvLayout`] for which column goes where, and [`FileSource`] for stray
//! quotes.
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
mod names;
mod number;
mod options;
mod outcome_fields;
mod parser;
mod plain;
mod source_error;
mod stray_quote;
mod suggestion;

pub use compression::{Compression, Unpacked, UnpackedAsync, unpacked_start};
pub use csv_layout::CsvLayout;
pub use decode::{Decode, Decoded};
pub use encoding::Encoding;
pub use file_source::{FileSource, Lines};
pub use file_start::FileStart;
pub use format::Format;
pub use inputs::{Input, Inputs};
pub use json_place::JsonPlace;
pub use json_template::LineTemplates;
pub use mapping::{Mapping, MappingEntry, Origin};
pub use options::{InputOptions, Renaming};
pub use parser::Parser;
pub use source_error::SourceError;
