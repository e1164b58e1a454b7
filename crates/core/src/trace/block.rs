//! The parts of an event log of format 2: the headers of its blocks, and the index behind them. The
//! [format](super::log) is specified with the writer.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// The most events in a block.
pub(super) const MAX_EVENTS: usize = 4096;

/// The most bytes that the columns of a block can have: no event takes more than 26.
pub(super) const MAX_COLUMNS: usize = 32 * MAX_EVENTS;

/// The beginning of a block.
pub(super) const BLOCK: &[u8; 4] = b"blk2";

/// The beginning of the index.
pub(super) const INDEX: &[u8; 4] = b"idx2";

/// The beginning of the tables.
pub(super) const TABLES: &[u8; 4] = b"tbl2";

/// The size of the header of the tables.
pub(super) const TABLES_HEADER: usize = 20;

/// The most bytes that tables can have. A reader has them in memory.
pub(super) const MAX_TABLES: u32 = 8 << 20;

/// The last bytes of a complete log.
pub(super) const END: &[u8; 4] = b"end\n";

/// The size of a block's header.
pub(super) const HEADER: usize = 40;

/// The size of what an index has for each block.
pub(super) const ENTRY: usize = 28;

/// The most entries of a part of the index. The writer keeps no more than these in memory.
pub(super) const MAX_ENTRIES: usize = 1024;

/// The size of a part of the index besides its entries.
pub(super) const PART: usize = 20;

/// The size of what comes behind the index.
pub(super) const TAIL: usize = 16;

/// Returns the checksum of some bytes: CRC-32, as gzip uses it.
pub(super) fn checksum(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}

/// Decompresses to the end of `into`, as far as its capacity goes. Returns whether that is all, and nothing is left over.
pub(super) fn inflate(decompress: &mut Decompress, compressed: &[u8], into: &mut Vec<u8>) -> bool {
    decompress.reset(false);
    let inflated = decompress.decompress_vec(compressed, into, FlushDecompress::Finish);
    matches!(inflated, Ok(Status::StreamEnd)) && decompress.total_in() == compressed.len() as u64
}

/// The header of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The size of the key frame; 0 if there is none.
    pub key_frame: u32,
    /// The size of the compressed columns.
    pub columns: u32,
    /// The number of events.
    pub events: u32,
    /// The time of the first event.
    pub first: u64,
    /// The time of the last event.
    pub last: u64,
    /// The checksum of the key frame and the compressed columns.
    pub sum: u32,
}

impl Header {
    pub(super) fn bytes(&self) -> [u8; HEADER] {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(BLOCK);
        [self.key_frame, self.columns, self.events].iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
        [self.first, self.last].iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
        bytes.extend_from_slice(&self.sum.to_le_bytes());
        let sum = checksum(&[&bytes]);
        std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(sum.to_le_bytes()[at % 4]))
    }

    /// Reads a header; nothing if it is damaged.
    pub(super) fn read(bytes: &[u8; HEADER]) -> Option<Header> {
        let (content, sum) = bytes.split_at(HEADER - 4);
        let mut fields = Fields(content.strip_prefix(BLOCK)?);
        let header = Header {
            key_frame: fields.u32()?,
            columns: fields.u32()?,
            events: fields.u32()?,
            first: fields.u64()?,
            last: fields.u64()?,
            sum: fields.u32()?,
        };
        let is_possible = (1..=MAX_EVENTS as u32).contains(&header.events) && header.first <= header.last;
        (Fields(sum).u32()? == checksum(&[content]) && is_possible).then_some(header)
    }

    /// The size of what follows the header.
    pub(super) fn content(&self) -> u64 {
        u64::from(self.key_frame) + u64::from(self.columns)
    }
}

/// Where a block is, and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The position of the header in the file.
    pub at: u64,
    /// The number of events.
    pub events: u32,
    /// The time of the first event.
    pub first: u64,
    /// The time of the last event.
    pub last: u64,
}

/// Returns the part of the index with these blocks. `before` is the position of the part before, 0 if there is none.
pub(super) fn index_part(blocks: &[Entry], before: u64) -> Vec<u8> {
    let mut bytes = INDEX.to_vec();
    bytes.extend_from_slice(&(blocks.len() as u32).to_le_bytes());
    for block in blocks {
        bytes.extend_from_slice(&block.at.to_le_bytes());
        bytes.extend_from_slice(&block.events.to_le_bytes());
        bytes.extend_from_slice(&block.first.to_le_bytes());
        bytes.extend_from_slice(&block.last.to_le_bytes());
    }
    bytes.extend_from_slice(&before.to_le_bytes());
    bytes.extend_from_slice(&checksum(&[&bytes]).to_le_bytes());
    bytes
}

/// Returns the size of a part of the index, whose first 8 bytes these are; nothing if it can't be one.
pub(super) fn size_of_part(beginning: &[u8; 8]) -> Option<usize> {
    let count = Fields(beginning.strip_prefix(INDEX)?).u32()? as usize;
    (count <= MAX_ENTRIES).then_some(PART + count * ENTRY)
}

/// Reads a part of the index: the position of the part before, and its blocks. Nothing if it is damaged.
pub(super) fn read_part(bytes: &[u8]) -> Option<(u64, Vec<Entry>)> {
    let (content, sum) = bytes.split_last_chunk()?;
    if u32::from_le_bytes(*sum) != checksum(&[content]) {
        return None;
    }
    let mut fields = Fields(content.strip_prefix(INDEX)?);
    let count = fields.u32()? as usize;
    let mut blocks = Vec::new();
    for _ in 0..count {
        let block = Entry { at: fields.u64()?, events: fields.u32()?, first: fields.u64()?, last: fields.u64()? };
        let is_possible = (1..=MAX_EVENTS as u32).contains(&block.events) && block.first <= block.last;
        blocks.push(is_possible.then_some(block)?);
    }
    let before = fields.u64()?;
    fields.0.is_empty().then_some((before, blocks))
}

/// The header of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TablesHeader {
    /// Their size in bytes when compressed.
    pub compressed: u32,
    /// Their size in bytes.
    pub size: u32,
    /// The checksum of the compressed bytes.
    pub sum: u32,
}

impl TablesHeader {
    pub(super) fn bytes(&self) -> [u8; TABLES_HEADER] {
        let mut bytes = [0; TABLES_HEADER];
        bytes[..4].copy_from_slice(TABLES);
        bytes[4..8].copy_from_slice(&self.compressed.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.size.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.sum.to_le_bytes());
        let sum = checksum(&[&bytes[..16]]);
        bytes[16..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads a header; nothing if it is damaged.
    pub(super) fn read(bytes: &[u8; TABLES_HEADER]) -> Option<TablesHeader> {
        let mut fields = Fields(bytes.strip_prefix(TABLES)?);
        let header = TablesHeader { compressed: fields.u32()?, size: fields.u32()?, sum: fields.u32()? };
        (header.size <= MAX_TABLES && header.bytes() == *bytes).then_some(header)
    }
}

/// Returns the last bytes of a log whose last part of the index is at this position.
pub(super) fn tail(at: u64) -> [u8; TAIL] {
    let (at, mut tail) = (at.to_le_bytes(), [0; TAIL]);
    tail[..8].copy_from_slice(&at);
    tail[8..12].copy_from_slice(&checksum(&[&at]).to_le_bytes());
    tail[12..].copy_from_slice(END);
    tail
}

/// Returns where the last part of the index is, according to the last bytes of a file; nothing if they aren't the end of
/// a log.
pub(super) fn read_tail(bytes: &[u8; TAIL]) -> Option<u64> {
    let at = Fields(bytes).u64()?;
    (tail(at) == *bytes).then_some(at)
}

/// Reads numbers of a fixed size.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*bytes))
    }

    fn u64(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*bytes))
    }
}
