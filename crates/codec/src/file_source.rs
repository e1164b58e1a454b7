//! Reads an input and cuts it into lines for the Producer.

use super::blocks::Blocks;
use super::byte_order_mark::{MARK, is_beginning_of_mark};
use super::content::{self, Content};
use super::csv_headless::{Headless, may_precede, named_delimiter};
use super::csv_layout::CsvLayout;
use super::cutter::{Cutter, Piece};
use super::decode::Decode;
use super::encoding::{Decoded, Found};
use super::encoding_check::EncodingCheck;
use super::inputs::{Counted, Input, Inputs};
use super::json_framer::{JsonFramer, Position};
use super::json_start::{JsonLook, JsonStart};
use super::line_ends::{Beginning, LineEnds};
use crate::compression::UnpackedAsync;
use crate::format::Format;
use crate::json_place::JsonPlace;
use crate::options::InputOptions;
use crate::parser::Parser;
use crate::source_error::SourceError;
use clearpipe_model::field::Field;
use clearpipe_model::hint::Hint;
use clearpipe_model::input_label::InputLabel;
use clearpipe_model::notice::{InputNotice, Notice};
use clearpipe_model::problem::Problem;
use clearpipe_model::record::Line;
use clearpipe_model::text::grouped;
use futures::io::AsyncRead;
use futures::ready;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};

/// Lines of an input, all from the same block.
#[derive(Clone, Debug)]
pub struct Lines {
    /// The bytes that contain the lines.
    pub block: Arc<Vec<u8>>,
    /// The lines in order; at least one.
    pub lines: Vec<Line>,
    /// Converts the lines to records.
    pub decoder: Arc<dyn Decode>,
    /// The label of the input.
    pub label: InputLabel,
}

/// The inputs of a run, read one after the other and cut into records.
///
/// Each input starts afresh: it has its own byte order mark, format, header and line numbers, and its end ends its last
/// line. The record numbers continue across inputs.
///
/// The source reads ahead by a block (256 KiB), and needs no more memory than a few of them or, if that is more, a few
/// times the longest line. The lines don't depend on how the reader hands out its bytes.
///
/// A line ends with a line feed, or a carriage return and a line feed. A carriage return alone also ends a line, as in
/// old Mac files, if the input begins with such lines: if, within the maximum length of the first line, it has a
/// carriage return outside of quotes, and no line feed outside of quotes.
///
/// A row of a table ends at the first line ending that isn't within quotes. If that is further away than the longest
/// line may be, or if there is none, only the row's first line becomes a record (a refused one), and the following
/// lines are read as rows of their own. The same applies if there is text after a closing quote, or if one of the eight
/// lines after the first would be a row by itself, with as many cells as the header and a number as its value before
/// any closing quote. A stray quote thus costs one line.
pub struct FileSource {
    inputs: Inputs,
    /// How many bytes of all inputs were read.
    bytes: Arc<AtomicU64>,
    /// The current input.
    reader: Box<dyn AsyncRead + Send + Unpin>,
    /// Whether the reader has reached its end.
    at_end: bool,
    /// The detected encoding.
    encoding: Found,
    /// The label of the input.
    label: InputLabel,
    /// Its format, if the settings or its name determine it.
    format: Format,
    options: InputOptions,
    required: Vec<Field>,
    /// Whether the header of a table is only looked at, so that it need not fit.
    takes_any_header: bool,
    blocks: Blocks,
    stage: Stage,
    cutter: Cutter,
    encoding_check: EncodingCheck,
    /// How many records were cut so far.
    records: u64,
    /// How many of them come from earlier inputs.
    records_before: u64,
    /// How many records may still be handed out.
    left: u64,
    /// Notices about the inputs that were not taken yet.
    notices: Vec<InputNotice>,
    /// Lines that were cut and not handed out yet, and their block.
    pending: VecDeque<Line>,
    block: Arc<Vec<u8>>,
    /// Whether everything that was read has been cut as far as possible, so that cutting can't continue before more is
    /// read.
    needs_read: bool,
}

/// The current stage of reading.
#[derive(Clone, Debug)]
enum Stage {
    /// No input is open.
    Between,
    /// At the first byte.
    Start,
    /// The line endings aren't known yet.
    FirstLine(Beginning),
    /// The format isn't known yet.
    Unknown,
    /// It is JSON; it isn't known yet whether it is JSON Lines.
    Json(Box<JsonLook>),
    /// The header of the table comes next, or a line before it.
    Header { delimiter: u8, before: Before },
    /// Records come next.
    Records(Arc<Parser>),
    /// Records come next, in JSON that isn't JSON Lines. The parser is the one for the pending records.
    Framed(Box<JsonFramer>, Arc<Parser>),
}

/// Returns the stage in which records of JSON Lines come next.
fn json_lines(options: &InputOptions) -> Stage {
    Stage::Records(Arc::new(Parser::JsonLines(options.renaming())))
}

/// Returns the length of the whitespace and byte order marks at the beginning.
fn blank_start(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match &bytes[at..] {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => at += 1,
            rest if rest.starts_with(MARK) => at += MARK.len(),
            _ => return at,
        }
    }
}

/// What came before the header of a table.
#[derive(Clone, Debug)]
enum Before {
    Nothing,
    /// A line that declares the delimiter.
    Delimiter,
    /// This many lines that aren't a header, and the problems of the first one.
    Others {
        lines: usize,
        problems: Vec<Problem>,
    },
}

/// What a step did with the bytes at the beginning.
enum Step {
    /// It consumed this many bytes. If it consumed none, it has entered another stage.
    Done(usize),
    /// It needs more bytes, and only this many of the current ones.
    More { keep: usize },
}

impl FileSource {
    /// The most lines that are cut ahead, so that a block of very short lines doesn't take much memory.
    const MAX_PENDING: usize = 8192;

    /// The most that the records of one batch may add to its scratch buffer, if there is more than one.
    const MAX_SCRATCH: usize = 16 << 20;

    /// The most bytes of lines that are handed out together, if there is more than one.
    const MAX_BYTES: usize = 1 << 20;

    /// Creates a source that reads the inputs according to `options`, which must be free of problems (see
    /// [`InputOptions::check`]). If an input is a table, each of the fields in `required` must have an origin.
    pub fn new(inputs: impl Into<Inputs>, options: &InputOptions, required: &[Field]) -> FileSource {
        FileSource::of(inputs.into(), options.clone(), required)
    }

    #[inline(never)]
    fn of(inputs: Inputs, mut options: InputOptions, required: &[Field]) -> FileSource {
        options.max_line = options.max_line.clamp(1, InputOptions::MAX_LINE_LIMIT);
        FileSource {
            inputs,
            bytes: Arc::default(),
            // Empty: the first input is opened when it is first read.
            reader: Box::new(futures::io::empty()),
            at_end: true,
            label: InputLabel::default(),
            encoding: Found::default(),
            format: options.format,
            encoding_check: EncodingCheck::new(options.encoding),
            cutter: Cutter::new(options.max_line, LineEnds::default()),
            left: options.head.unwrap_or(u64::MAX),
            options,
            required: required.to_vec(),
            takes_any_header: false,
            blocks: Blocks::default(),
            stage: Stage::Between,
            records: 0,
            records_before: 0,
            notices: Vec::new(),
            pending: VecDeque::new(),
            block: Arc::default(),
            needs_read: false,
        }
    }

    /// Counts the bytes that are read, after decompression, in `bytes`.
    pub fn counting(self, bytes: Arc<AtomicU64>) -> FileSource {
        FileSource { bytes, ..self }
    }

    /// Returns up to `max` further records, at least one, all from one block; `None` at the end. It returns the records
    /// it has rather than wait for `max`. The lines are numbered consecutively: [`Line::number`] starts at 0.
    ///
    /// # Errors
    /// [`SourceError::Io`] if the reader fails; all lines that were complete before have been returned by then.
    /// [`SourceError::Layout`], before the first record, if the header of a table doesn't fit. The source can't be used
    /// after an error.
    pub async fn next(&mut self, max: usize) -> Result<Option<Lines>, SourceError> {
        poll_fn(|context| self.poll_next(context, max)).await
    }

    /// Polls for the next records; see [`FileSource::next`].
    ///
    /// # Errors
    /// The same as [`FileSource::next`].
    pub fn poll_next(&mut self, context: &mut Context<'_>, max: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        // Don't read past the last record that is wanted: the input may be a pipe that has no more data for now.
        let max = usize::try_from(self.left).map_or(max, |left| max.min(left));
        if max == 0 {
            return Poll::Ready(Ok(None));
        }
        loop {
            if let Some(lines) = self.hand_out(max) {
                self.left -= lines.lines.len() as u64;
                return Poll::Ready(Ok(Some(lines)));
            }
            if !self.needs_read {
                self.cut().map_err(|error| error.of_input(&self.label))?;
            }
            if self.pending.is_empty() {
                if !self.at_end {
                    self.needs_read = true;
                    ready!(self.poll_read(context)).map_err(|error| SourceError::from(error).of_input(&self.label))?;
                    self.needs_read = false;
                    continue;
                }
                // While the source waits for the next input, this has been reported.
                if self.records == self.records_before && !matches!(self.stage, Stage::Between) {
                    self.notice(Notice::NoRecords);
                }
                self.stage = Stage::Between;
                let Some(input) = ready!(self.inputs.poll_next(context))? else { return Poll::Ready(Ok(None)) };
                self.begin(input)?;
            }
        }
    }

    /// Starts reading an input.
    #[inline(never)]
    fn begin(&mut self, Input { name, reader }: Input) -> Result<(), SourceError> {
        let format_of_name = || name.as_deref().and_then(Format::of_name).unwrap_or_default();
        self.format = if self.options.format == Format::Auto { format_of_name() } else { self.options.format };
        self.label = InputLabel::new(name, self.inputs.are_several(), self.options.source_field.as_deref());
        // The settings are valid by themselves, but may not fit the format that the name indicates.
        let mut problems = Vec::new();
        InputOptions { format: self.format, ..self.options.clone() }.check(&mut problems);
        if !problems.is_empty() {
            return Err(SourceError::Layout(problems).of_input(&self.label));
        }
        // Its bytes are counted between decompression and decoding.
        let unpacked = Counted::new(UnpackedAsync::new(reader, ""), self.bytes.clone());
        let decoded = Decoded::new(unpacked, self.options.encoding);
        self.encoding = decoded.found();
        self.reader = Box::new(decoded);
        self.at_end = false;
        self.encoding_check = EncodingCheck::new(self.options.encoding);
        self.records_before = self.records;
        self.stage = Stage::Start;
        self.cutter = Cutter::new(self.options.max_line, LineEnds::default());
        Ok(())
    }

    /// Returns the notices about the input since the last call.
    pub fn take_notices(&mut self) -> Vec<InputNotice> {
        std::mem::take(&mut self.notices)
    }

    /// Stores a notice about the current input.
    fn notice(&mut self, notice: Notice) {
        let input = self.label.name().map(str::to_owned);
        self.notices.push(InputNotice { notice, input, further_inputs: None });
    }

    /// Hands out the first pending lines.
    fn hand_out(&mut self, max: usize) -> Option<Lines> {
        let (Stage::Records(parser) | Stage::Framed(_, parser)) = &self.stage else { return None };
        let mut bytes = self.pending.front()?.length as usize;
        let mut count = 1;
        for line in self.pending.iter().take(max).skip(1) {
            if bytes + line.length as usize > Self::MAX_BYTES {
                break;
            }
            bytes += line.length as usize;
            count += 1;
        }
        let scratch_bound = |count, bytes| {
            let parsed = parser.scratch_bound(count, bytes);
            // The unknown fields are either in the line or were appended for it.
            parsed + self.label.scratch_bound(count, parsed.max(bytes))
        };
        while count > 1 && scratch_bound(count, bytes) > Self::MAX_SCRATCH {
            count -= 1;
            bytes -= self.pending[count].length as usize;
        }
        let lines = self.pending.drain(..count).collect();
        Some(Lines { block: self.block.clone(), lines, decoder: parser.clone(), label: self.label.clone() })
    }

    /// Reads once.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let length = loop {
            match ready!(Pin::new(&mut self.reader).poll_read(context, self.blocks.room())) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.blocks.fill(length);
        self.at_end = length == 0;
        Poll::Ready(Ok(()))
    }

    /// Cuts the available bytes as far as possible and makes the lines pending. Only called if none are.
    #[inline(never)]
    fn cut(&mut self) -> Result<(), SourceError> {
        let mut done = 0;
        let mut keep = None;
        // Where the first byte that is cut as JSON other than JSON Lines is in its line, and in the block.
        let column = self.framed_column();
        let mut framed_from = 0;
        while self.pending.len() < Self::MAX_PENDING {
            let step = match self.stage {
                Stage::Records(_) => self.records(&mut done),
                Stage::Framed(..) => self.framed_record(done)?,
                Stage::Between => break,
                Stage::Start => self.start(done)?,
                Stage::FirstLine(beginning) => self.first_line(done, beginning),
                Stage::Unknown => self.recognise(done),
                Stage::Json(_) => {
                    framed_from = done;
                    self.json(done)?
                }
                Stage::Header { delimiter, .. } => self.header(done, delimiter)?,
            };
            match step {
                Step::Done(length) => done += length,
                Step::More { keep: needed } => {
                    keep = Some(needed);
                    break;
                }
            }
        }
        if let Some(keep) = keep {
            self.blocks.keep(done + keep);
        }
        if self.pending.is_empty() {
            self.blocks.skip(done);
        } else {
            let (block, start) = self.blocks.give_out(done);
            self.encoding_check.check(&block[start..], &self.pending)?;
            self.block = block;
            self.pending.iter_mut().for_each(|line| line.start += start as u32);
            if let Stage::Framed(_, parser) = &mut self.stage {
                let place = JsonPlace { start: start + framed_from, column, ends: self.cutter.ends() };
                *parser = Arc::new(Parser::Json(self.options.renaming(), place));
            }
        }
        Ok(())
    }

    /// Skips byte order marks, and checks whether the input is text.
    fn start(&mut self, done: usize) -> Result<Step, SourceError> {
        let bytes = &self.blocks.filled()[done..];
        if bytes.starts_with(MARK) {
            return Ok(Step::Done(MARK.len()));
        }
        if is_beginning_of_mark(bytes) && !self.at_end {
            return Ok(Step::More { keep: bytes.len() });
        }
        match content::look(bytes, self.options.max_line + 2, self.at_end) {
            Content::TooShort => return Ok(Step::More { keep: bytes.len() }),
            Content::Other(problem) | Content::Zeros { problem, .. } => return Err(SourceError::Layout(vec![problem])),
            Content::Text => {}
        }
        self.stage = Stage::FirstLine(Beginning::default());
        Ok(Step::Done(0))
    }

    /// Determines the line endings.
    fn first_line(&mut self, done: usize, mut beginning: Beginning) -> Step {
        let bytes = &self.blocks.filled()[done..];
        // A longer line isn't read anyway.
        let longest = self.options.max_line + 2;
        let Some(ends) = beginning.line_ends(bytes, longest, self.at_end) else {
            self.stage = Stage::FirstLine(beginning);
            return Step::More { keep: bytes.len() };
        };
        if let Some(encoding) = self.encoding.guessed() {
            self.notice(Notice::GuessedEncoding { encoding: encoding.name() });
        }
        self.cutter = Cutter::new(self.options.max_line, ends);
        self.stage = match self.format {
            Format::Auto => Stage::Unknown,
            format => self.stage_of(format),
        };
        Step::Done(0)
    }

    /// Recognises the format by the first line that isn't blank.
    fn recognise(&mut self, done: usize) -> Step {
        let bytes = &self.blocks.filled()[done..];
        let ends = self.cutter.ends();
        if let Some(end) = ends.find(bytes)
            && end < Format::SNIFF
            && bytes[..end].iter().all(|byte| b" \t\r".contains(byte))
        {
            return Step::Done(self.cutter.leave_out(bytes, end));
        }
        if bytes.starts_with(MARK) {
            return Step::Done(MARK.len());
        }
        let Some(format) = Format::of_content(bytes, ends, self.at_end) else {
            return Step::More { keep: bytes.len() };
        };
        // Options that only make sense for a table imply that it is one, even if its header is unusual.
        let format = if format == Format::Jsonl && self.options.is_for_table() { Format::Csv } else { format };
        self.stage = self.stage_of(format);
        Step::Done(0)
    }

    /// Returns the stage that follows the detection of the format.
    fn stage_of(&mut self, format: Format) -> Stage {
        let delimiter = match format {
            Format::Auto | Format::Jsonl => {
                return Stage::Json(Box::new(JsonLook::new(self.options.max_line, self.cutter.ends())));
            }
            Format::Csv => b',',
            Format::Tsv => b'\t',
        };
        let delimiter = self.options.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()).unwrap_or(delimiter);
        self.cutter.expect_rows(delimiter);
        Stage::Header { delimiter, before: Before::Nothing }
    }

    /// Determines whether the input is JSON Lines, another layout of JSON, or not JSON at all.
    fn json(&mut self, done: usize) -> Result<Step, SourceError> {
        let Stage::Json(look) = &mut self.stage else { return Ok(Step::Done(0)) };
        let bytes = &self.blocks.filled()[done..];
        let space = blank_start(bytes);
        if space > self.options.max_line {
            // The whitespace may have any length.
            self.stage = json_lines(&self.options);
            return Ok(Step::Done(0));
        }
        if is_beginning_of_mark(&bytes[space..]) && !self.at_end {
            return Ok(Step::More { keep: bytes.len() });
        }
        let start = match look.look(&bytes[space..], self.at_end) {
            JsonStart::Lines => match content::table_instead_of_json(&bytes[space..], self.at_end) {
                Ok(None) => JsonStart::Lines,
                Ok(Some(problem)) => return Err(SourceError::Layout(vec![problem])),
                Err(()) => JsonStart::TooShort,
            },
            start => start,
        };
        match start {
            JsonStart::TooShort => return Ok(Step::More { keep: bytes.len() }),
            JsonStart::Lines => self.stage = json_lines(&self.options),
            JsonStart::Framed => {
                let start = Position::start_of(self.cutter.line(), self.cutter.ends());
                let framer = Box::new(JsonFramer::new(self.options.max_line, start));
                self.stage = Stage::Framed(framer, Arc::new(Parser::JsonLines(self.options.renaming())));
            }
            JsonStart::ArrayOf(what) => {
                let problem = format!("the input is a JSON array of {what}, but a record is an object");
                return Err(SourceError::Layout(vec![Problem::input("", problem)]));
            }
        }
        Ok(Step::Done(0))
    }

    /// Returns the position of the next byte in its line, from 0, in JSON that isn't JSON Lines.
    fn framed_column(&self) -> u64 {
        match &self.stage {
            Stage::Framed(framer, _) => framer.position().column,
            _ => 0,
        }
    }

    /// Cuts a record of JSON that isn't JSON Lines.
    fn framed_record(&mut self, done: usize) -> Result<Step, SourceError> {
        let Stage::Framed(framer, _) = &mut self.stage else { return Ok(Step::Done(0)) };
        let bytes = &self.blocks.filled()[done..];
        match framer.cut(bytes, self.at_end) {
            Err(broken) if self.pending.is_empty() => {
                Err(io::Error::new(io::ErrorKind::InvalidData, broken.to_string()).into())
            }
            // The records before it come first; the error is then found again.
            Err(_) => Ok(Step::More { keep: bytes.len() }),
            Ok(Piece::More { keep }) => Ok(Step::More { keep }),
            Ok(Piece::Blank { next }) => Ok(Step::Done(next)),
            Ok(Piece::Record { length, next, line, cut_from }) => {
                let number = self.records;
                self.records += 1;
                self.pending.push_back(Line { number, start: done as u32, length: length as u32, line, cut_from });
                Ok(Step::Done(next))
            }
        }
    }

    /// Reads the header.
    fn header(&mut self, done: usize, delimiter: u8) -> Result<Step, SourceError> {
        let bytes = &self.blocks.filled()[done..];
        if bytes.is_empty() {
            return match &self.stage {
                Stage::Header { before: Before::Others { problems, .. }, .. } if self.at_end => {
                    Err(SourceError::Layout(problems.clone()))
                }
                // A table without a header is as empty as JSON Lines without a line.
                _ => Ok(Step::More { keep: 0 }),
            };
        }
        // The length of the header doesn't matter: it may never end.
        let too_long = || {
            let limit = grouped(self.options.max_line as u64);
            let text = format!("the header is longer than the limit of {limit} bytes");
            let problem = Problem::input("input.max_line", text);
            let can_be_raised = self.options.max_line < InputOptions::MAX_LINE_LIMIT;
            SourceError::Layout(vec![if can_be_raised { problem.with_hint(Hint::RaiseMaxLine) } else { problem }])
        };
        match self.cutter.cut(bytes, self.at_end) {
            Piece::More { .. } if self.cutter.is_skipping() => Err(too_long()),
            Piece::More { keep } => Ok(Step::More { keep }),
            Piece::Blank { next } => Ok(Step::Done(next)),
            Piece::Record { cut_from: Some(_), .. } => Err(too_long()),
            Piece::Record { length, next, line, .. } => {
                if !self.takes_any_header {
                    EncodingCheck::header(&bytes[..length]).map_err(SourceError::Layout)?;
                }
                let stage = self.stage_behind(&bytes[..length], line, delimiter).map_err(SourceError::Layout)?;
                match &stage {
                    Stage::Header { delimiter, .. } => self.cutter.expect_rows(*delimiter),
                    Stage::Records(parser) => {
                        if let Parser::Csv(layout) = &**parser {
                            self.cutter.expect_shape(layout.row_shape());
                            layout.notices().into_iter().for_each(|notice| self.notice(notice));
                        }
                    }
                    _ => {}
                }
                self.stage = stage;
                Ok(Step::Done(next))
            }
        }
    }

    /// Returns the stage that follows a row that should be the header of the table. `line` is the number of the line it
    /// begins on.
    fn stage_behind(&self, row: &[u8], line: u64, delimiter: u8) -> Result<Stage, Vec<Problem>> {
        /// The most lines before the header that are skipped while looking for it.
        const MAX_LINES: usize = 100;
        let Stage::Header { before, .. } = &self.stage else { return Ok(self.stage.clone()) };
        let table = Headless {
            options: &self.options,
            required: &self.required,
            delimiter,
            encoding: self.encoding.other(),
            ends: self.cutter.ends(),
        };
        if let Before::Others { lines, problems } = before {
            if let Some(problems) = table.header_on(line, row) {
                return Err(problems);
            }
            if *lines >= MAX_LINES {
                return Err(problems.clone());
            }
            return Ok(Stage::Header {
                delimiter,
                before: Before::Others { lines: lines + 1, problems: problems.clone() },
            });
        }
        if let (Before::Nothing, Some(named)) = (before, named_delimiter(row)) {
            let given = self.options.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok());
            return Ok(Stage::Header { delimiter: given.unwrap_or(named), before: Before::Delimiter });
        }
        if self.takes_any_header {
            let layout = CsvLayout::of_any_header(row, delimiter, &self.options);
            return Ok(Stage::Records(Arc::new(Parser::Csv(layout))));
        }
        let layout = CsvLayout::new(row, delimiter, &self.options, &self.required);
        if (table.maps_data() || !layout.as_ref().is_ok_and(CsvLayout::has_fields))
            && let Some(problem) = table.first_row_is_data(row)
        {
            return Err(vec![problem]);
        }
        match layout {
            Ok(layout) => Ok(Stage::Records(Arc::new(Parser::Csv(layout)))),
            Err(problems) if may_precede(row) => {
                Ok(Stage::Header { delimiter, before: Before::Others { lines: 1, problems } })
            }
            Err(problems) => Err(problems),
        }
    }

    /// Cuts records from `done` on and moves `done` past them. Cuts as many as possible: after [`Piece::More`] the
    /// cutter must not be called again for the same bytes.
    fn records(&mut self, done: &mut usize) -> Step {
        let bytes = self.blocks.filled();
        while self.pending.len() < Self::MAX_PENDING {
            let rest = &bytes[*done..];
            if rest.is_empty() {
                return Step::More { keep: 0 };
            }
            match self.cutter.cut(rest, self.at_end) {
                Piece::More { keep } => return Step::More { keep },
                Piece::Blank { next } => *done += next,
                Piece::Record { length, next, line, cut_from } => {
                    let (number, start) = (self.records, *done as u32);
                    self.records += 1;
                    self.pending.push_back(Line { number, start, length: length as u32, line, cut_from });
                    *done += next;
                }
            }
        }
        Step::Done(0)
    }
}

mod first_records;
#[cfg(test)]
mod tests;

pub(super) use first_records::FirstRecords;
