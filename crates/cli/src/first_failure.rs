//! `--fail-fast`: the first line written to the failed file stops the run.

use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Passes on the lines of a file, and calls `stop` after the first one.
pub fn stop_at_first(
    out: Box<dyn AsyncWrite + Send + Unpin>,
    stop: impl FnOnce() + Send + Unpin + 'static,
) -> Box<dyn AsyncWrite + Send + Unpin> {
    Box::new(Watched { out, stop: Some(stop) })
}

struct Watched<F> {
    out: Box<dyn AsyncWrite + Send + Unpin>,
    stop: Option<F>,
}

impl<F: FnOnce() + Unpin> AsyncWrite for Watched<F> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.out).poll_write(context, bytes);
        if let Poll::Ready(Ok(1..)) = written
            && let Some(stop) = self.stop.take()
        {
            stop();
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn only_the_first_line_stops() {
        let stops = Arc::new(AtomicU32::new(0));
        let count = stops.clone();
        let mut out = stop_at_first(Box::new(futures::io::sink()), move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        futures::executor::block_on(out.flush()).unwrap();
        assert_eq!(stops.load(Ordering::Relaxed), 0);
        futures::executor::block_on(out.write_all(b"{}\n{}\n")).unwrap();
        futures::executor::block_on(out.write_all(b"{}\n")).unwrap();
        assert_eq!(stops.load(Ordering::Relaxed), 1);
    }
}
