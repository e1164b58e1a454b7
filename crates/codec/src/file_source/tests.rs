//! Tests of the source as a whole: from bytes to lines.

use super::*;
use futures::executor::block_on;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Hands out its bytes in pieces of the given lengths, which repeat, then an error, if there is one. It isn't ready
/// before every other read.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    lengths: Vec<usize>,
    reads: usize,
    error: Option<io::ErrorKind>,
    waits: bool,
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        self.waits = !self.waits && self.reads % 2 == 1;
        if self.waits {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let length = self.lengths[self.reads % self.lengths.len()].min(room.len()).min(self.bytes.len() - self.at);
        room[..length].copy_from_slice(&self.bytes[self.at..self.at + length]);
        self.reads += 1;
        self.at += length;
        Poll::Ready(match self.error.filter(|_| length == 0) {
            Some(kind) => Err(kind.into()),
            None => Ok(length),
        })
    }
}

fn pieces(bytes: &[u8], lengths: &[usize]) -> Pieces {
    Pieces { bytes: bytes.to_vec(), at: 0, lengths: lengths.to_vec(), reads: 0, error: None, waits: false }
}

fn options(format: Format, max_line: usize) -> InputOptions {
    InputOptions { format, max_line, ..InputOptions::default() }
}

/// All lines of a source: number, line, text, original length.
type Cut = Vec<(u64, u64, String, Option<u64>)>;

fn cut_all(mut source: FileSource, max: usize) -> Result<Cut, SourceError> {
    let mut all = Vec::new();
    while let Some(lines) = block_on(source.next(max))? {
        assert!((1..=max).contains(&lines.lines.len()));
        for line in &lines.lines {
            let text = String::from_utf8_lossy(line.bytes(&lines.block)).into_owned();
            all.push((line.number, line.line, text, line.cut_from));
        }
    }
    assert!(block_on(source.next(max))?.is_none(), "the end is the end");
    Ok(all)
}

/// Cuts an input that arrives in several ways, all of which must return the same.
fn cut(input: &[u8], options: &InputOptions) -> Result<Cut, Vec<String>> {
    let mut results = Vec::new();
    for lengths in [&[1][..], &[2, 1, 3], &[7, 100_000], &[usize::MAX]] {
        for max in [1, 2, 1000] {
            let source = FileSource::new(Input::new(Box::new(pieces(input, lengths))), options, &[]);
            results.push(cut_all(source, max).map_err(|error| match error {
                SourceError::Layout(problems) => problems.iter().map(Problem::to_string).collect(),
                error => panic!("{error}"),
            }));
        }
    }
    assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
    results.swap_remove(0)
}

fn texts(input: &str, format: Format) -> Vec<(u64, String)> {
    let cut = cut(input.as_bytes(), &options(format, 100)).unwrap();
    assert!(cut.iter().map(|line| line.0).eq(0..cut.len() as u64));
    cut.into_iter().map(|(_, line, text, _)| (line, text)).collect()
}

fn expected(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
    lines.iter().map(|&(line, text)| (line, text.to_owned())).collect()
}

#[test]
fn json_lines() {
    let input = "\u{FEFF}\n{\"id\":1}\r\n  \t\n{}\n\n\nx";
    for format in [Format::Auto, Format::Jsonl] {
        assert_eq!(texts(input, format), expected(&[(2, "{\"id\":1}"), (4, "{}"), (7, "x")]));
        assert!(texts("", format).is_empty());
        assert!(texts("\u{FEFF}", format).is_empty());
        assert!(texts("\n \n", format).is_empty());
    }
    assert_eq!(texts("\u{FEFF}\u{FEFF}{}", Format::Jsonl), expected(&[(1, "{}")]));
    let joined = "\u{FEFF}{}\n\u{FEFF}{ }\n{  }\u{FEFF}\n";
    assert_eq!(texts(joined, Format::Jsonl), expected(&[(1, "{}"), (2, "{ }"), (3, "{  }\u{FEFF}")]));
    assert_eq!(cut(b"\xEF\xBB", &options(Format::Jsonl, 9)).unwrap().len(), 1);
}

#[test]
fn csv() {
    let input = "\u{FEFF}\r\n\na,\"b\nb\"\r\n1,2\n\n\"3\n\",4\r\n5";
    for format in [Format::Auto, Format::Csv] {
        assert_eq!(texts(input, format), expected(&[(5, "1,2"), (7, "\"3\n\",4"), (9, "5")]));
    }
    assert_eq!(texts("a\tb\n1\t2\n", Format::Auto), expected(&[(2, "1\t2")]));
    assert_eq!(texts("a\tb\n\t\n", Format::Tsv), expected(&[(2, "\t")]));
    assert_eq!(texts("a\n", Format::Csv), []);
}

#[test]
fn another_delimiter() {
    let mut options = options(Format::Csv, 100);
    options.delimiter = Some(';');
    let lines = cut(b"a;b\n1,;\"\n\"\n", &options).unwrap();
    assert_eq!(lines, [(0, 2, "1,;\"\n\"".to_owned(), None)]);
    options.format = Format::Auto;
    options.map.add("value='1'".parse().unwrap()).unwrap();
    assert_eq!(cut(b"[a;b\n1,2", &options).unwrap().len(), 1);
}

#[test]
fn a_quote_that_is_never_closed() {
    let input = "a,b\n1,\"2\n3,4\n5,\"6\"\n7,\"";
    let lines = expected(&[(2, "1,\"2"), (3, "3,4"), (4, "5,\"6\""), (5, "7,\"")]);
    assert_eq!(texts(input, Format::Csv), lines, "there is text behind the quote that closes it");
    assert_eq!(texts("id,value\na,\"2\nb,4\nc,5\"", Format::Csv), expected(&[(2, "a,\"2"), (3, "b,4"), (4, "c,5\"")]));
    assert_eq!(texts("a,b\n1,\"2\n3,4\n5,6\n", Format::Csv), expected(&[(2, "1,\"2"), (3, "3,4"), (4, "5,6")]));
    let far = format!("a,b\n1,\"2\n{}7,\"8\"", "3,4\n".repeat(30));
    let lines = texts(&far, Format::Csv);
    assert_eq!(lines.len(), 32);
    assert_eq!((lines[0].1.as_str(), lines[31].1.as_str()), ("1,\"2", "7,\"8\""));
}

#[test]
fn lines_that_are_too_long() {
    let long = "x".repeat(1000);
    let input = format!("{{}}\n{long}\r\n{{}}\n{long}{long}");
    let kept = "x".repeat(10);
    assert_eq!(
        cut(input.as_bytes(), &options(Format::Jsonl, 10)).unwrap(),
        [
            (0, 1, "{}".to_owned(), None),
            (1, 2, kept.clone(), Some(1000)),
            (2, 3, "{}".to_owned(), None),
            (3, 4, kept, Some(2000))
        ]
    );
    let problems = cut(input.as_bytes(), &options(Format::Csv, 1)).unwrap_err();
    assert_eq!(problems, ["the header is longer than the limit of 1 bytes"]);
}

#[test]
fn a_header_without_end_is_not_read_to_its_end() {
    let mut reader = pieces(&[b'x'; 40], &[7]);
    reader.error = Some(io::ErrorKind::BrokenPipe);
    let mut source = FileSource::new(Input::new(Box::new(reader)), &options(Format::Csv, 10), &[]);
    assert!(matches!(block_on(source.next(1)), Err(SourceError::Layout(_))));
}

#[test]
fn carriage_returns_end_lines_if_they_end_the_first() {
    assert_eq!(
        texts("{\"id\":1}\r\r {} \rx\ry", Format::Auto),
        expected(&[(1, "{\"id\":1}"), (3, " {} "), (4, "x"), (5, "y")])
    );
    assert_eq!(texts("\r a\tb\r1\t\"2\n3\"\r4\t5", Format::Auto), expected(&[(3, "1\t\"2\n3\""), (5, "4\t5")]));
    assert_eq!(texts("a,b\n1\r,2\r", Format::Csv), expected(&[(2, "1\r,2")]));
    assert_eq!(texts("a\rb\n", Format::Csv), []);
}

#[test]
fn a_table_without_a_header_is_empty() {
    for input in ["", "\u{FEFF}", "\n\n"] {
        assert!(cut(input.as_bytes(), &options(Format::Csv, 10)).unwrap().is_empty());
    }
    let source =
        FileSource::new(Input::new(Box::new(pieces(b"date,x\n1,2", &[99]))), &InputOptions::default(), &Field::ALL);
    let Err(SourceError::Layout(problems)) = cut_all(source, 1) else { panic!("no column gives the value") };
    assert_eq!(problems.len(), 6);
}

#[test]
fn an_error_comes_behind_the_lines_before_it() {
    let mut reader = pieces(b"{}\n{}\n{", &[4]);
    reader.error = Some(io::ErrorKind::BrokenPipe);
    let mut source = FileSource::new(Input::new(Box::new(reader)), &InputOptions::default(), &[]);
    for _ in 0..2 {
        assert_eq!(block_on(source.next(9)).unwrap().unwrap().lines.len(), 1);
    }
    let error = block_on(source.next(9)).unwrap_err();
    assert!(matches!(error, SourceError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe));
}

#[test]
fn a_slow_input_flows() {
    let mut source = FileSource::new(Input::new(Box::new(pieces(b"{}\n{}\n", &[3]))), &InputOptions::default(), &[]);
    let lines = block_on(source.next(100)).unwrap().unwrap();
    assert_eq!(lines.lines.len(), 1);
    assert!(lines.block.capacity() < 10);
}

#[test]
fn batches_stay_small_where_the_header_is_long() {
    let name = "n".repeat(1 << 20);
    let row = |number: usize| format!("{},2\n", "1".repeat(1 + number * number % 7000));
    let input = format!("{name},a\n{}", (0..100).map(row).collect::<String>());
    for source_field in [None, Some("s".repeat(1 << 20))] {
        let options = InputOptions { source_field, ..options(Format::Csv, 2 << 20) };
        let reader = Input::named("x".to_owned(), Box::new(pieces(input.as_bytes(), &[99999])));
        let mut source = FileSource::new(reader, &options, &[]);
        let (mut records, mut scratch) = (0, Vec::new());
        while let Some(Lines { block, lines, decoder, label }) = block_on(source.next(1000)).unwrap() {
            scratch.clear();
            records += lines.len();
            for line in &lines {
                let mut record = decoder.decode_line(line, &block, &mut scratch).unwrap();
                label.add_to(&mut record, &block, &mut scratch);
            }
            assert!(lines.len() == 1 || scratch.len() <= FileSource::MAX_SCRATCH);
        }
        assert_eq!(records, 100);
    }
}

#[test]
fn lines_that_are_handed_out_together_are_a_mebibyte_at_most() {
    // The first line is so long that many others are read together with it.
    let long = format!("{}\n", "x".repeat(8 << 20));
    let line = format!("{}\n", "x".repeat(10_000));
    let input = [long, line.repeat(600)].concat().into_bytes();
    let options = InputOptions { format: Format::Jsonl, max_line: 16 << 20, ..InputOptions::default() };
    let mut source = FileSource::new(Input::new(Box::new(futures::io::Cursor::new(input))), &options, &[]);
    let mut bytes = Vec::new();
    while let Some(lines) = block_on(source.next(100_000)).unwrap() {
        bytes.push(lines.lines.iter().map(|line| line.length as usize).sum::<usize>());
    }
    assert_eq!(bytes.iter().sum::<usize>(), (8 << 20) + 600 * 10_000);
    // A line that exceeds the limit by itself comes alone.
    assert_eq!((bytes[0], bytes[1]), (8 << 20, 104 * 10_000));
    assert!(bytes[1..].iter().all(|&bytes| bytes <= 1 << 20), "{bytes:?}");
}
