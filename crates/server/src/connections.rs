//! All connections that are open.

use crate::connection::Line;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::AbortHandle;

/// Above this number, the oldest connection that isn't waiting for an answer is closed: a browser keeps half a dozen.
const MAX_CONNECTIONS: usize = 256;

/// All connections, the oldest first.
#[derive(Debug, Default)]
pub struct Connections {
    lines: Mutex<BTreeMap<u64, (Arc<Line>, AbortHandle)>>,
}

impl Connections {
    /// Adds a connection. If there are too many then, closes another one.
    pub fn add(&self, number: u64, line: Arc<Line>, task: AbortHandle) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.insert(number, (line, task));
        if lines.len() > MAX_CONNECTIONS {
            // The new connection, which comes last, is only idle because it has not sent a request yet.
            let mut others = lines.iter().take(MAX_CONNECTIONS);
            let idle = others.clone().find(|(_, (line, _))| !line.is_busy());
            if let Some((&number, (_, task))) = idle.or(others.next()) {
                task.abort();
                lines.remove(&number);
            }
        }
    }

    /// Removes one that has ended.
    pub fn remove(&self, number: u64) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}
