//! Records on a terminal: control and invisible characters are escaped as JSON does it. The records stay the same.

use clearpipe_io::text;
use futures::io::AsyncWrite;
use std::io::{self, IsTerminal};
use std::pin::Pin;
use std::task::{Context, Poll};

/// JSON lines for the standard output, which may be a terminal. `out` must accept everything that is written to it.
pub fn lines(out: Box<dyn AsyncWrite + Send + Unpin>) -> Box<dyn AsyncWrite + Send + Unpin> {
    if io::stdout().is_terminal() { Box::new(Visible(out)) } else { out }
}

struct Visible(Box<dyn AsyncWrite + Send + Unpin>);

impl AsyncWrite for Visible {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Only whole lines are written, so no character is split.
        let visible = text::json(&String::from_utf8_lossy(bytes));
        let written = Pin::new(&mut self.0).poll_write(context, visible.as_bytes());
        written.map_ok(|_| bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::AsyncWriteExt;
    use std::sync::{Arc, Mutex};

    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl AsyncWrite for Captured {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn records_stay_the_same() {
        let captured = Arc::new(Mutex::new(Vec::new()));
        let mut out = Visible(Box::new(Captured(captured.clone())));
        let lines = "{\"a\":\"\u{9b}31m\u{202e}ö\u{7f}\"}\n{\"b\":1}\n";
        futures::executor::block_on(out.write_all(lines.as_bytes())).unwrap();
        let written = String::from_utf8(captured.lock().unwrap().clone()).unwrap();
        assert_eq!(written, "{\"a\":\"\\u009b31m\\u202eö\\u007f\"}\n{\"b\":1}\n");
        let values = |lines: &str| -> Vec<serde_json::Value> {
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        assert_eq!(values(&written), values(lines));
    }
}
