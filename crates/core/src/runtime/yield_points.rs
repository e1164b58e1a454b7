//! The places between two steps of a worker at which a runtime can let other tasks run.

/// At which places the Validators and the Transformers let other tasks run, even if they needn't wait for anything.
///
/// On threads, a worker can be interrupted anywhere: after it has taken a record, another one may take the next record,
/// and be the first to send it on. Where tasks run one after the other, that can't happen unless they yield. So a
/// runtime that explores schedules asks for it; to all others these places don't exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct YieldPoints {
    /// After a worker has taken records, and before it works on them.
    pub taken: bool,
    /// After it has sent them on, and before it takes others.
    pub sent: bool,
}

impl YieldPoints {
    /// None of them.
    pub const NONE: YieldPoints = YieldPoints { taken: false, sent: false };

    /// Only between taking records and working on them: it suffices for every order in which the records can arrive.
    pub const TAKEN: YieldPoints = YieldPoints { taken: true, sent: false };

    /// All of them.
    pub const ALL: YieldPoints = YieldPoints { taken: true, sent: true };
}
