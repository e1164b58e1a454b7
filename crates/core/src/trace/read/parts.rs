//! Where the events are in a log: its parts, each of which is read at once. In format 1 a part has a fixed number of
//! events, in format 2 it is a block.

use super::{Defect, LogError};
use crate::trace::block::{self, Entry, TAIL, TablesHeader};
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// A part of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The position of its first byte in the file.
    pub at: u64,
    /// The number of its events.
    pub events: u64,
    /// The earliest time of its events.
    pub first: u64,
    /// The latest time of its events.
    pub last: u64,
    /// The earliest time of all events in the parts behind it.
    pub behind: u64,
}

/// Sets the times behind the parts of a whole log.
pub(super) fn look_behind(parts: &mut [Part]) {
    let mut behind = u64::MAX;
    for part in parts.iter_mut().rev() {
        part.behind = behind;
        behind = behind.min(part.first);
    }
}

/// Returns the latest part where a reader that knows the state before it can begin to find the state at `time`: all
/// events before the part are up to this time, and none behind its beginning is earlier than any of them. `can_begin`
/// says whether the state before a part is known; before the first one, it is.
///
/// # Errors
/// Those of `can_begin`.
pub(super) fn nearest<E>(
    parts: &[Part],
    time: u64,
    mut can_begin: impl FnMut(&Part) -> Result<bool, E>,
) -> Result<usize, E> {
    let mut last = 0;
    let mut candidates = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if last > time {
            break;
        }
        if last <= part.first.min(part.behind) {
            candidates.push(index);
        }
        last = last.max(part.last);
    }
    for index in candidates.into_iter().rev().filter(|&index| index > 0) {
        if can_begin(&parts[index])? {
            return Ok(index);
        }
    }
    Ok(0)
}

/// What is where in a log of format 2.
pub(super) struct Layout {
    pub parts: Vec<Part>,
    /// The position of the tables, if it has any.
    pub tables: Option<u64>,
    /// What is wrong with the log.
    pub defect: Option<Defect>,
}

/// Finds the blocks of a log of format 2, which begin at `start`: in its index, or from the front if it has none that
/// can be read.
///
/// # Errors
/// If the file can't be read.
pub(super) fn layout<R: Read + Seek>(source: &mut BufReader<R>, start: u64, length: u64) -> Result<Layout, LogError> {
    let mut layout = match from_index(source, start, length)? {
        Some(layout) => layout,
        None => from_front(source, start, length)?,
    };
    look_behind(&mut layout.parts);
    Ok(layout)
}

fn part(Entry { at, events, first, last }: Entry) -> Part {
    Part { at, events: events.into(), first, last, behind: u64::MAX }
}

/// Follows the index from the end of the file. Returns nothing if a part of it is missing or damaged.
fn from_index<R: Read + Seek>(source: &mut BufReader<R>, start: u64, length: u64) -> io::Result<Option<Layout>> {
    let Some(end) = length.checked_sub(TAIL as u64).filter(|&end| end >= start) else { return Ok(None) };
    source.seek(SeekFrom::Start(end))?;
    let Some(mut at) = block::read_tail(&read(source)?) else { return Ok(None) };
    // Backwards.
    let mut blocks = Vec::new();
    let mut before = end;
    let mut tables = None;
    while at > 0 {
        if at < start || at >= before {
            return Ok(None);
        }
        let Some((next, size, entries)) = index_part(source, at, before)? else { return Ok(None) };
        if before == end && at + size < end {
            tables = Some(at + size);
        }
        blocks.extend(entries.into_iter().rev());
        (at, before) = (next, at);
    }
    blocks.reverse();
    // A hostile index could name the same block again and again.
    let are_apart =
        blocks.is_sorted_by(|one, other| one.at < other.at) && blocks.first().is_none_or(|one| one.at == start);
    let parts = || blocks.into_iter().map(part).collect();
    Ok(are_apart.then(|| Layout { parts: parts(), tables, defect: None }))
}

/// Reads the part of the index at this position: the position of the part before, the size of this one, and its blocks.
/// Returns nothing if it is damaged, or doesn't end before `end`.
fn index_part<R: Read + Seek>(
    source: &mut BufReader<R>,
    at: u64,
    end: u64,
) -> io::Result<Option<(u64, u64, Vec<Entry>)>> {
    if end - at < block::PART as u64 {
        return Ok(None);
    }
    source.seek(SeekFrom::Start(at))?;
    let beginning = read(source)?;
    let Some(size) = block::size_of_part(&beginning).filter(|&size| size as u64 <= end - at) else { return Ok(None) };
    let mut bytes = vec![0; size];
    bytes[..beginning.len()].copy_from_slice(&beginning);
    source.read_exact(&mut bytes[beginning.len()..])?;
    Ok(block::read_part(&bytes).map(|(before, blocks)| (before, size as u64, blocks)))
}

/// Goes from block to block, as far as they are whole.
fn from_front<R: Read + Seek>(source: &mut BufReader<R>, start: u64, length: u64) -> io::Result<Layout> {
    let mut parts = Vec::new();
    let mut tables = None;
    let mut at = start;
    source.seek(SeekFrom::Start(at))?;
    let defect = loop {
        let left = length.saturating_sub(at);
        if left == TAIL as u64 {
            let tail = read::<TAIL, _>(source)?;
            if block::read_tail(&tail).is_some() {
                break Defect::Index;
            }
            source.seek_relative(-(TAIL as i64))?;
        }
        if left < 8 {
            break Defect::NoEnd;
        }
        let beginning: [u8; 8] = read(source)?;
        let size = if let Some(size) = block::size_of_part(&beginning) {
            if left < size as u64 {
                break Defect::NoEnd;
            }
            if index_part(source, at, length)?.is_none() {
                break Defect::At(at);
            }
            source.seek(SeekFrom::Start(at + size as u64))?;
            size as u64
        } else if beginning.starts_with(block::TABLES) {
            if left < block::TABLES_HEADER as u64 {
                break Defect::NoEnd;
            }
            source.seek_relative(-8)?;
            let Some(header) = TablesHeader::read(&read(source)?) else { break Defect::At(at) };
            let size = block::TABLES_HEADER as u64 + u64::from(header.compressed);
            if left < size {
                break Defect::NoEnd;
            }
            source.seek_relative(header.compressed.into())?;
            tables = Some(at);
            size
        } else if beginning.starts_with(block::BLOCK) {
            if left < block::HEADER as u64 {
                break Defect::NoEnd;
            }
            source.seek_relative(-8)?;
            let Some(header) = block::Header::read(&read(source)?) else { break Defect::At(at) };
            let size = block::HEADER as u64 + header.content();
            if left < size {
                break Defect::NoEnd;
            }
            source.seek_relative(header.content() as i64)?;
            let block::Header { events, first, last, .. } = header;
            parts.push(part(Entry { at, events, first, last }));
            size
        } else {
            // What isn't a whole end of a log may be a part of one.
            break if left < TAIL as u64 { Defect::NoEnd } else { Defect::At(at) };
        };
        at += size;
    };
    Ok(Layout { parts, tables, defect: Some(defect) })
}

fn read<const N: usize, R: Read>(source: &mut R) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}
