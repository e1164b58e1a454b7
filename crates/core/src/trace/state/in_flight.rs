//! Which traced records are in flight, and since which event, as their events tell it.

use super::pipeline::Pipeline;
use super::{EventKind, channel_index};
use std::collections::BTreeMap;

/// The records that were produced and haven't reached the end of every way that they take.
#[derive(Clone, Debug, Default)]
pub(in crate::trace) struct InFlight(BTreeMap<u64, Record>);

#[derive(Clone, Copy, Debug)]
struct Record {
    /// The index of the event of its production.
    produced: u64,
    /// A bit for each stage and channel that it is at: after the fan-out, there are several.
    nodes: u64,
}

impl InFlight {
    /// Follows the event at an index, which is packed.
    pub fn apply(&mut self, pipeline: &Pipeline, event: [u64; 2], index: u64) {
        let node = event[0] as u8;
        let Some(&kind) = EventKind::ALL.get(usize::from((event[0] >> 8) as u8)) else { return };
        let record = event[1] >> 24;
        if kind == EventKind::Produced {
            self.0.insert(record, Record { produced: index, nodes: bit(node) });
            return;
        }
        let (leaves, enters) = match (kind, channel_index(node)) {
            (EventKind::Arrive, Some(channel)) => {
                let senders = pipeline.senders(channel).iter().filter(|stage| !pipeline.role(**stage).is_fan_out);
                (senders.fold(0, |nodes, &stage| nodes | bit(stage)), bit(node))
            }
            (EventKind::Depart, Some(channel)) => (bit(node), pipeline.receiver(channel).map_or(0, bit)),
            (EventKind::WorkEnd, None) if pipeline.role(node).is_fan_out || pipeline.role(node).is_consumer => {
                (bit(node), 0)
            }
            _ => return,
        };
        let Some(found) = self.0.get_mut(&record) else { return };
        found.nodes = found.nodes & !leaves | enters;
        if found.nodes == 0 {
            self.0.remove(&record);
        }
    }

    /// Returns the index of the event with which the oldest of them was produced; nothing if there are none.
    pub fn oldest(&self) -> Option<u64> {
        self.0.values().map(|record| record.produced).min()
    }
}

fn bit(node: u8) -> u64 {
    1_u64.checked_shl(node.into()).unwrap_or(0)
}
