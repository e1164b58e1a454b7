//! The first records of an input of which only the beginning is there.

use super::{FileSource, Stage};
use crate::csv_layout::CsvLayout;
use crate::options::InputOptions;
use crate::parser::Parser;
use clearpipe_model::field::Field;
use futures::io::AsyncRead;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The first records of an input, cut as a run cuts them.
#[derive(Default)]
pub(crate) struct FirstRecords {
    parser: Option<Arc<Parser>>,
    /// The line that each record begins on, and its bytes.
    pub records: Vec<(u64, Vec<u8>)>,
    /// Whether nothing was wrong up to there.
    pub is_fine: bool,
}

impl FirstRecords {
    /// Reads up to `most` records. A record that the beginning of the input doesn't hold as a whole is left out: the
    /// reader must not be ready there. `required` are the fields that every record must have; without it, the header of
    /// a table is only looked at, so that it need not fit.
    pub fn read(
        reader: Box<dyn AsyncRead + Send + Unpin>,
        options: InputOptions,
        required: Option<&[Field]>,
        most: usize,
    ) -> FirstRecords {
        let mut source = FileSource::of(reader.into(), options, required.unwrap_or_default());
        source.takes_any_header = required.is_none();
        let mut context = Context::from_waker(futures::task::noop_waker_ref());
        let mut first = FirstRecords::default();
        let Poll::Ready(Ok(Some(input))) = source.inputs.poll_next(&mut context) else { return first };
        if source.begin(input).is_err() {
            return first;
        }
        // What is wrong is reported by a run.
        while source.cut().is_ok() {
            let rest = most - first.records.len();
            let lines = source.pending.drain(..).take(rest);
            first.records.extend(lines.map(|line| (line.line, line.bytes(&source.block).to_vec())));
            if first.records.len() == most || source.at_end {
                first.is_fine = true;
                break;
            }
            match source.poll_read(&mut context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => break,
                Poll::Pending => {
                    first.is_fine = true;
                    break;
                }
            }
        }
        if let Stage::Records(parser) = source.stage {
            first.parser = Some(parser);
        }
        first
    }

    /// Returns the columns, if it is a table.
    pub fn layout(&self) -> Option<&CsvLayout> {
        match self.parser.as_deref()? {
            Parser::Csv(layout) => Some(layout),
            Parser::JsonLines(_) | Parser::Json(..) => None,
        }
    }
}
