//! Reading an input and cutting it into lines: what the Producer calls.

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

/// Lines of an input, all from one block of it.
#[derive(Clone, Debug)]
pub struct Lines {
    /// The bytes that the lines are in.
    pub block: Arc<Vec<u8>>,
    /// The lines, in their order; at least one.
    pub lines: Vec<Line>,
    /// What makes records of them.
    pub decoder: Arc<dyn Decode>,
    /// What they are known by.
    pub label: InputLabel,
}

/// The inputs of a run, read one after the other and cut into records.
///
/// Each input begins anew: it has its own byte order mark, format, header and line numbers, and the end of one ends its
/// last line. The records are counted on.
///
/// It reads ahead by a block (256 KiB), and needs no more memory than a few of them or, if that is more, a few times
/// the longest line. What the lines are doesn't depend on how the reader hands out its bytes.
///
/// A line ends with a line feed, or a carriage return and a line feed. A carriage return alone ends one too, as old programs
/// for the Mac write them, if the input begins with such lines: if it has one that is not within quotes, and no line feed
/// that is not, as far as the first line may be long.
///
/// A row of a table ends at the first line's end that isn't within quotes. If that is further away than the longest
/// line may be, or if there is none, only the row's first line is taken as a record (a malformed one), and what is on
/// the following lines is read as rows of their own. The same goes if there is text behind a closing quote, or if one of
/// the eight lines behind the first would be a row by itself, with as many cells as the header and a number as its value
/// before any closing quote. So a stray quote costs one line.
pub struct FileSource {
    inputs: Inputs,
    /// How many bytes were read, of all inputs.
    bytes: Arc<AtomicU64>,
    /// The input that is read.
    reader: Box<dyn AsyncRead + Send + Unpin>,
    /// Whether the reader is at its end.
    at_end: bool,
    /// The encoding that it was found to have.
    encoding: Found,
    /// What its lines are known by.
    label: InputLabel,
    /// Its format, if the settings or its name tell.
    format: Format,
    options: InputOptions,
    required: Vec<Field>,
    blocks: Blocks,
    stage: Stage,
    cutter: Cutter,
    encoding_check: EncodingCheck,
    /// How many records were cut so far.
    records: u64,
    /// How many of them before this input.
    records_before: u64,
    /// How many records may still be handed out.
    left: u64,
    /// What is worth knowing of the inputs, and was not asked for yet.
    notices: Vec<InputNotice>,
    /// Lines that were cut and not handed out yet, and the block they are in.
    pending: VecDeque<Line>,
    block: Arc<Vec<u8>>,
    /// Whether what has been read is cut as far as it goes, so that nothing comes of it before more has been read.
    needs_read: bool,
}

/// How far the reading is.
#[derive(Clone, Debug)]
enum Stage {
    /// No input is open.
    Between,
    /// At the first byte.
    Start,
    /// What ends the lines isn't known yet.
    FirstLine(Beginning),
    /// The format isn't known yet.
    Unknown,
    /// It is JSON; whether it is JSON Lines isn't known yet.
    Json(Box<JsonLook>),
    /// The header of the table comes next, or a line before it.
    Header { delimiter: u8, before: Before },
    /// Records come next.
    Records(Arc<Parser>),
    /// Records come next, in JSON that isn't JSON Lines. The parser is that of the pending ones.
    Framed(Box<JsonFramer>, Arc<Parser>),
}

/// Records of JSON Lines come next.
fn json_lines(options: &InputOptions) -> Stage {
    Stage::Records(Arc::new(Parser::JsonLines(options.renaming())))
}

/// How much white space, and how many byte order marks, there are at the beginning.
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

/// What there was before the header of a table.
#[derive(Clone, Debug)]
enum Before {
    Nothing,
    /// A line that names the delimiter.
    Delimiter,
    /// So many lines that are no header, and the problems of the first.
    Others {
        lines: usize,
        problems: Vec<Problem>,
    },
}

/// What a step did with the bytes at the beginning of those that there are.
enum Step {
    /// It is done with so many of them; perhaps none, but it is in another stage then.
    Done(usize),
    /// It needs more; only so many of these matter.
    More { keep: usize },
}

impl FileSource {
    /// The most lines that are cut ahead, so that a block of very short lines doesn't take much memory.
    const MOST_PENDING: usize = 8192;

    /// The most that the records of one batch may add to its scratch buffer, if there is more than one.
    const MOST_SCRATCH: usize = 16 << 20;

    /// The most bytes of lines that are handed out together, if there is more than one.
    const MOST_BYTES: usize = 1 << 20;

    /// A source that reads the inputs as `options` say, which must be free of problems (see [`InputOptions::check`]). If
    /// one is a table, each of the fields `required` must come from somewhere.
    pub fn new(inputs: impl Into<Inputs>, options: &InputOptions, required: &[Field]) -> FileSource {
        let mut options = options.clone();
        options.max_line = options.max_line.clamp(1, InputOptions::LONGEST_MAX_LINE);
        FileSource {
            inputs: inputs.into(),
            bytes: Arc::default(),
            // Empty: the first input is opened when it is read from.
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

    /// Counts the bytes that are read in `bytes`, as they are after decompression.
    pub fn counting(self, bytes: Arc<AtomicU64>) -> FileSource {
        FileSource { bytes, ..self }
    }

    /// Up to `max` more records, at least one, all from one block; `None` at the end. It returns what there is rather
    /// than wait for `max`. The lines are numbered on: [`Line::number`] from 0.
    ///
    /// # Errors
    /// [`SourceError::Io`] if the reader fails; all lines that were complete before have been returned by then.
    /// [`SourceError::Layout`], before the first record, if the header of a table doesn't fit. After an error the source
    /// is of no further use.
    pub async fn next(&mut self, max: usize) -> Result<Option<Lines>, SourceError> {
        poll_fn(|context| self.poll_next(context, max)).await
    }

    /// As [`FileSource::next`].
    ///
    /// # Errors
    /// As those of [`FileSource::next`].
    pub fn poll_next(&mut self, context: &mut Context<'_>, max: usize) -> Poll<Result<Option<Lines>, SourceError>> {
        // Nothing is read after the last record that is wanted: the input may be a pipe that has no more for now.
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
                // While the next input is waited for, this has been said.
                if self.records == self.records_before && !matches!(self.stage, Stage::Between) {
                    self.notice(Notice::NoRecords);
                }
                self.stage = Stage::Between;
                let Some(input) = ready!(self.inputs.poll_next(context))? else { return Poll::Ready(Ok(None)) };
                self.begin(input)?;
            }
        }
    }

    /// Begins to read an input.
    fn begin(&mut self, Input { name, reader }: Input) -> Result<(), SourceError> {
        let format_of_name = || name.as_deref().and_then(Format::of_name).unwrap_or_default();
        self.format = if self.options.format == Format::Auto { format_of_name() } else { self.options.format };
        self.label = InputLabel::new(name, self.inputs.are_several(), self.options.source_field.as_deref());
        // The settings by themselves are right; they may not fit the format that the name tells.
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

    /// What is worth knowing of the input, of what was read since this was asked for.
    pub fn take_notices(&mut self) -> Vec<InputNotice> {
        std::mem::take(&mut self.notices)
    }

    /// Keeps in mind what is worth knowing of the input that is read.
    fn notice(&mut self, notice: Notice) {
        let input = self.label.name().map(str::to_owned);
        self.notices.push(InputNotice { notice, input, further_inputs: None });
    }

    /// The first pending lines.
    fn hand_out(&mut self, max: usize) -> Option<Lines> {
        let (Stage::Records(parser) | Stage::Framed(_, parser)) = &self.stage else { return None };
        let mut bytes = self.pending.front()?.length as usize;
        let mut count = 1;
        for line in self.pending.iter().take(max).skip(1) {
            if bytes + line.length as usize > Self::MOST_BYTES {
                break;
            }
            bytes += line.length as usize;
            count += 1;
        }
        let scratch_bound = |count, bytes| {
            let parsed = parser.scratch_bound(count, bytes);
            // The unknown fields stand in the line, or are what was appended for it.
            parsed + self.label.scratch_bound(count, parsed.max(bytes))
        };
        while count > 1 && scratch_bound(count, bytes) > Self::MOST_SCRATCH {
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

    /// Cuts the bytes that there are, as far as they go; the lines are pending then. Only if none are.
    fn cut(&mut self) -> Result<(), SourceError> {
        let mut done = 0;
        let mut keep = None;
        // Where the first byte of what is cut as JSON that isn't JSON Lines is in its line, and in the block.
        let column = self.framed_column();
        let mut framed_from = 0;
        while self.pending.len() < Self::MOST_PENDING {
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

    /// Skips byte order marks, and looks whether it is text.
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

    /// Finds out what ends the lines.
    fn first_line(&mut self, done: usize, mut beginning: Beginning) -> Step {
        let bytes = &self.blocks.filled()[done..];
        // A longer line is not read anyway.
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
        // What only makes sense for a table says that it is one, even if its header is strange.
        let format = if format == Format::Jsonl && self.options.is_for_table() { Format::Csv } else { format };
        self.stage = self.stage_of(format);
        Step::Done(0)
    }

    /// The stage behind the recognition of the format.
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

    /// Finds out whether it is JSON Lines, another layout of JSON, or no JSON at all.
    fn json(&mut self, done: usize) -> Result<Step, SourceError> {
        let Stage::Json(look) = &mut self.stage else { return Ok(Step::Done(0)) };
        let bytes = &self.blocks.filled()[done..];
        let space = blank_start(bytes);
        if space > self.options.max_line {
            // There may be any amount of it.
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

    /// Where in its line the byte is that comes next, from 0, in JSON that isn't JSON Lines.
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
            // First the records before it; then it is found again.
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
        // How long the header is doesn't matter: it may have no end.
        let too_long = || {
            let limit = grouped(self.options.max_line as u64);
            let text = format!("the header is longer than the limit of {limit} bytes");
            let problem = Problem::input("input.max_line", text);
            let can_be_raised = self.options.max_line < InputOptions::LONGEST_MAX_LINE;
            SourceError::Layout(vec![if can_be_raised { problem.with_hint(Hint::RaiseMaxLine) } else { problem }])
        };
        match self.cutter.cut(bytes, self.at_end) {
            Piece::More { .. } if self.cutter.is_skipping() => Err(too_long()),
            Piece::More { keep } => Ok(Step::More { keep }),
            Piece::Blank { next } => Ok(Step::Done(next)),
            Piece::Record { cut_from: Some(_), .. } => Err(too_long()),
            Piece::Record { length, next, line, .. } => {
                EncodingCheck::header(&bytes[..length]).map_err(SourceError::Layout)?;
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

    /// The stage behind a row that should be the header of the table. `line` is the number of the line it begins on.
    fn stage_behind(&self, row: &[u8], line: u64, delimiter: u8) -> Result<Stage, Vec<Problem>> {
        /// The header is looked for behind so many other lines.
        const MOST_LINES: usize = 100;
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
            if *lines >= MOST_LINES {
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

    /// Cuts records from `done` on and moves `done` past them. All at once: after [`Piece::More`] the cutter is not to be
    /// asked again for the same bytes.
    fn records(&mut self, done: &mut usize) -> Step {
        let bytes = self.blocks.filled();
        while self.pending.len() < Self::MOST_PENDING {
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

#[cfg(test)]
mod tests;
