//! What workers wait for, as they note it themselves, and the deadlock that this can amount to: see [`crate::deadlock`].

use clearpipe_channel::Wait;
use clearpipe_model::topology::{ChannelId, FIRST_CHANNEL, Stage};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What a worker waits for, as it notes it itself.
#[derive(Debug, Default)]
pub struct Waits {
    /// A bit for each channel that it wants to receive from; from [`TO_SEND`] on, for each that it wants to send to; then
    /// [`FOR_WINDOW`] and [`FOR_EVER`]. 0 if it runs, or waits for anything else.
    pub(crate) reasons: AtomicU32,
    /// The end of the window that it waits for.
    pub(crate) window: AtomicU64,
    /// How often its task has started and stopped to run: odd while it runs.
    pub(crate) polls: AtomicU32,
}

const TO_SEND: u32 = 8;

/// The lowest bit of a wait for room in a channel: those below are for records.
pub(crate) const FIRST_TO_SEND: u32 = 1 << TO_SEND;

/// It waits for the window.
pub(crate) const FOR_WINDOW: u32 = 1 << 16;
const FOR_EVER: u32 = 1 << 17;

impl Waits {
    /// Notes that the worker begins to wait for a channel, among others that it may already wait for.
    pub fn for_channel(&self, channel: ChannelId, wait: Wait) {
        self.reasons.fetch_or(bit(channel, wait), Ordering::SeqCst);
    }

    /// Notes that the worker waits until the records below `end` may be in flight.
    pub fn for_window(&self, end: u64) {
        self.window.store(end, Ordering::SeqCst);
        self.reasons.store(FOR_WINDOW, Ordering::SeqCst);
    }

    /// Notes that the worker waits for nothing at all.
    pub fn for_ever(&self) {
        self.reasons.store(FOR_EVER, Ordering::SeqCst);
    }

    /// Notes that the worker doesn't wait for a channel any more.
    pub fn not_for(&self, channel: ChannelId) {
        let both = bit(channel, Wait::ToReceive) | bit(channel, Wait::ToSend);
        self.reasons.fetch_and(!both, Ordering::SeqCst);
    }

    /// Returns whether the worker has noted nothing that it waits for.
    pub fn is_empty(&self) -> bool {
        self.reasons.load(Ordering::SeqCst) == 0
    }

    /// Notes that the worker goes on.
    pub fn goes_on(&self) {
        self.reasons.store(0, Ordering::SeqCst);
    }

    /// Notes that the worker's task starts or stops to run.
    pub fn turns(&self) {
        self.polls.fetch_add(1, Ordering::SeqCst);
    }
}

/// Returns the bit of a wait at a channel.
pub(crate) fn bit(channel: ChannelId, wait: Wait) -> u32 {
    let first = match wait {
        Wait::ToReceive => 0,
        Wait::ToSend => TO_SEND,
    };
    1 << (first + u32::from(channel.node_id() - FIRST_CHANNEL))
}

/// All workers wait for each other: who waits for what, and how many of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock {
    /// By the bit of what they wait for, and by their stage: how many.
    pub(crate) waiting: BTreeMap<(u32, Stage), usize>,
}

/// Continues “deadlock: ”.
impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let for_ever = self.waiting.keys().find(|(reasons, _)| *reasons == FOR_EVER);
        if let Some((_, stage)) = for_ever {
            return write!(
                f,
                "a {stage} has no more records but doesn't end, so its output channels are never closed, and the stages \
                 after it wait for ever"
            );
        }
        f.write_str("every worker waits for another one: ")?;
        let mut parts: Vec<String> = Vec::new();
        // Whoever waits for records only follows from those that can't send.
        for channel in ChannelId::ALL {
            let senders = |stage: &Stage| self.waiting.get(&(bit(channel, Wait::ToSend), *stage)).copied();
            let blocked = Stage::ALL.iter().filter_map(|stage| senders(stage).map(|count| group(*stage, count)));
            let blocked: Vec<String> = blocked.collect();
            if !blocked.is_empty() {
                parts.push(format!("{} for room in {channel}", blocked.join(" and ")));
            }
        }
        f.write_str(&parts.join(", "))
    }
}

/// Returns `the Producer`, `1 Validator` or `3 Validators`.
fn group(stage: Stage, count: usize) -> String {
    match (stage.is_pool(), count) {
        (false, _) => format!("the {stage}"),
        (true, 1) => format!("1 {stage}"),
        (true, _) => format!("{count} {stage}s"),
    }
}
