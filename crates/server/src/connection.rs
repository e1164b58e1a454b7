//! One connection: its requests are answered one after the other, and it is closed if the client takes too long.

use crate::answer::Site;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, timeout};

/// The most bytes that the head of a request may have.
const MAX_HEAD: usize = 16 << 10;

/// The maximum duration of an answer, however steadily the client receives it.
const MAX_ANSWER: Duration = Duration::from_secs(600);

/// How long the rest of what a client sends is read after the last answer. Closing a connection with something unread
/// would make the system drop the answer too.
const LINGER: Duration = Duration::from_secs(1);

/// Whether a connection has a request that is not answered yet.
#[derive(Debug, Default)]
pub struct Line {
    answering_since: Mutex<Option<Instant>>,
}

impl Line {
    /// Returns whether an answer is being sent.
    pub fn is_busy(&self) -> bool {
        self.answering_since().is_some()
    }

    fn answering_since(&self) -> Option<Instant> {
        *self.answering_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, answering_since: Option<Instant>) {
        *self.answering_since.lock().unwrap_or_else(PoisonError::into_inner) = answering_since;
    }
}

/// Answers all requests of a connection, until it ends. `patience` is how long a client may neither send nor receive
/// anything.
pub async fn serve<S>(stream: S, site: Arc<Site>, line: Arc<Line>, patience: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = {
        let line = Arc::clone(&line);
        service_fn(move |request: hyper::Request<Incoming>| {
            line.set(Some(Instant::now()));
            ready(Ok::<_, Infallible>(site.answer(&request)))
        })
    };
    let io = TokioIo::new(PatientStream::new(stream, line, patience));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        // A client that has finished sending still expects its answer.
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .serve_connection(io, service);
    // What goes wrong here is the client's doing: it has got its answer, or is gone.
    let _ = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
    let mut stream = connection.into_parts().io.into_inner();
    let _ = timeout(LINGER.min(patience), stream.close()).await;
}

/// A stream that fails if the client is silent for too long.
struct PatientStream<S> {
    stream: S,
    line: Arc<Line>,
    patience: Duration,
    /// Over once the client has been silent for too long.
    silence: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> PatientStream<S> {
    fn new(stream: S, line: Arc<Line>, patience: Duration) -> Self {
        PatientStream { stream, line, patience, silence: Box::pin(sleep(patience)) }
    }

    /// Ends the stream, and reads what the client still sends.
    async fn close(&mut self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut *self).poll_shutdown(cx)).await?;
        let mut buffer = [0; 4096];
        loop {
            let mut unread = ReadBuf::new(&mut buffer);
            poll_fn(|cx| Pin::new(&mut *self).poll_read(cx, &mut unread)).await?;
            if unread.filled().is_empty() {
                return Ok(());
            }
        }
    }

    /// Passes on what the stream returns, or an error if it has not done anything for too long.
    fn unless_silent<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_pending() {
            ready!(self.silence.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let now = Instant::now();
        let silent = now + self.patience;
        let end = self.line.answering_since().map_or(silent, |since| silent.min(since + MAX_ANSWER));
        if end <= now {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.silence.as_mut().reset(end);
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for PatientStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.unless_silent(cx, polled)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for PatientStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.unless_silent(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.unless_silent(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        if polled.is_ready() {
            // hyper flushes once it has written all of an answer.
            self.line.set(None);
        }
        self.unless_silent(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.unless_silent(cx, polled)
    }
}
