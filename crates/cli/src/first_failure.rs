//! `--fail-fast`: the first line that comes by on the way to the failed file stops the run.

use crate::reasons;
use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

/// A line that is longer is not looked into.
const LONGEST: usize = 1 << 20;

/// The first line that came by.
#[derive(Clone, Default)]
pub struct FirstFailure(Arc<OnceLock<Vec<u8>>>);

impl FirstFailure {
    /// Passes a file's lines on; `stop` is called behind the first of them.
    pub fn watch(
        &self,
        out: Box<dyn AsyncWrite + Send + Unpin>,
        stop: impl Fn() + Send + 'static,
    ) -> Box<dyn AsyncWrite + Send + Unpin> {
        Box::new(Watched { out, first: self.clone(), stop: Box::new(stop) })
    }

    /// Which record failed, and why; `None` if none did.
    pub fn describe(&self) -> Option<String> {
        let line = self.0.get()?;
        let reason = reasons::reason_of(line).unwrap_or_else(|| "the failed file says why".to_owned());
        // A line that is no record has none; its reason names the line.
        let id = serde_json::from_slice::<serde_json::Value>(line).ok();
        Some(match id.as_ref().and_then(|record| record["id"].as_str()) {
            Some(id) => {
                format!("record `{}`: {}", clearpipe_io::text::visible(id), clearpipe_io::text::visible(&reason))
            }
            None => clearpipe_io::text::visible(&reason).into_owned(),
        })
    }
}

struct Watched {
    out: Box<dyn AsyncWrite + Send + Unpin>,
    first: FirstFailure,
    stop: Box<dyn Fn() + Send>,
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.out).poll_write(context, bytes);
        if let Poll::Ready(Ok(length @ 1..)) = written
            && self.first.0.get().is_none()
        {
            let end = memchr::memchr(b'\n', &bytes[..length]).unwrap_or(length).min(LONGEST);
            let _ = self.first.0.set(bytes[..end].to_vec());
            (self.stop)();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::AsyncWriteExt;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn the_first_line_stops_and_is_described() {
        let first = FirstFailure::default();
        let stops = Arc::new(AtomicU32::new(0));
        let count = stops.clone();
        let mut out = first.watch(Box::new(futures::io::sink()), move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(first.describe(), None);
        let lines = "{\"id\":\"a\\u001b\",\"status\":\"invalid\",\"error\":\"too \\\"hot\\\"\"}\n{\"id\":\"b\"}\n";
        futures::executor::block_on(out.write_all(lines.as_bytes())).unwrap();
        futures::executor::block_on(out.write_all(lines.as_bytes())).unwrap();
        assert_eq!(stops.load(Ordering::Relaxed), 1);
        assert_eq!(first.describe().unwrap(), "record `a\\u{1b}`: too \"hot\"");
        let first = FirstFailure::default();
        let mut out = first.watch(Box::new(futures::io::sink()), || ());
        let line = "{\"line\":3,\"status\":\"invalid\",\"error\":\"line 3, column 1: no object\",\"raw\":\"x\"}\n";
        futures::executor::block_on(out.write_all(line.as_bytes())).unwrap();
        assert_eq!(first.describe().unwrap(), "line 3, column 1: no object");
    }
}
