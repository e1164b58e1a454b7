//! The server. It answers or closes every connection, whatever it receives, and keeps nothing open afterwards.

use crate::answer::Site;
use crate::certificate::Certificate;
use crate::connection::{self, Line};
use crate::connections::Connections;
use crate::headers::headers;
use crate::names::{Names, Scheme, in_address, is_everywhere};
use crate::network;
use crate::page::Page;
use anyhow::{Context, Result};
use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How a page is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The names that the server answers to besides its own: with a port, or for any.
    pub allowed_hosts: Vec<String>,
    /// Whether the answers have the headers that threads need.
    pub is_isolated: bool,
    /// Whether the server speaks https, with a certificate that it makes itself.
    pub has_tls: bool,
    /// How long a client may neither send nor receive anything.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { allowed_hosts: Vec::new(), is_isolated: true, has_tls: false, patience: Duration::from_secs(20) }
    }
}

/// A server that has an address, and answers once it runs.
pub struct Server {
    listener: TcpListener,
    site: Arc<Site>,
    certificate: Option<Certificate>,
    patience: Duration,
}

/// Takes a port of a host for a server, 0 for any that is free. Connections wait until the server runs.
///
/// # Errors
///
/// If the port is taken, or the host is none of this machine.
pub fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((host, port))
}

impl Server {
    /// Creates the server of a page.
    ///
    /// # Errors
    ///
    /// If no certificate can be made, or the system refuses something.
    pub fn new(listener: TcpListener, host: &str, page: Page, settings: &Settings) -> Result<Server> {
        listener.set_nonblocking(true).context("the port can't be listened to")?;
        let port = listener.local_addr().context("the port has no address")?.port();
        let scheme = if settings.has_tls { Scheme::Https } else { Scheme::Http };
        let allowed = settings.allowed_hosts.clone();
        let names = Names { host: host.to_owned(), port, scheme, allowed };
        let certificate = settings.has_tls.then(|| Certificate::new(&certified(&names))).transpose()?;
        let site = Arc::new(Site { page, names, headers: headers(settings.is_isolated)? });
        Ok(Server { listener, site, certificate, patience: settings.patience })
    }

    /// The address of the page on this machine.
    pub fn url(&self) -> String {
        let host = &self.site.names.host;
        self.url_at(if is_everywhere(host) { "localhost" } else { host })
    }

    /// The addresses of the page for other devices in the same network; the first is the one that is most likely to
    /// reach them. There are none if the server listens on this machine only, or if it is in no network.
    pub fn network_urls(&self) -> Vec<String> {
        let host = &self.site.names.host;
        if !is_everywhere(host) {
            let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
            return if is_local { Vec::new() } else { vec![self.url_at(host)] };
        }
        let has_v6 = host.contains(':');
        let addresses = network::addresses().into_iter().filter(|address| address.is_ipv4() || has_v6);
        addresses.map(|address| self.url_at(&address.to_string())).collect()
    }

    /// The SHA-256 fingerprint of the certificate, if the server speaks https.
    pub fn fingerprint(&self) -> Option<String> {
        self.certificate.as_ref().map(Certificate::fingerprint)
    }

    fn url_at(&self, host: &str) -> String {
        let Names { port, scheme, .. } = self.site.names;
        format!("{}://{}:{port}/", scheme.name(), in_address(host))
    }

    /// Answers requests until `stop` is done. What is open then is closed at once.
    ///
    /// # Errors
    ///
    /// If the system refuses what a server needs. Whatever clients do is no error.
    pub fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.context("the server can't be started")?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener).context("the port can't be listened to")?;
            let acceptor = self.certificate.map(|certificate| certificate.acceptor()).transpose()?;
            tokio::spawn(accept(listener, self.site, acceptor, self.patience));
            stop.await;
            Ok(())
        })
    }
}

/// Accepts connections for ever.
async fn accept(listener: tokio::net::TcpListener, site: Arc<Site>, acceptor: Option<TlsAcceptor>, patience: Duration) {
    let connections = Arc::new(Connections::default());
    for number in 0.. {
        let stream = loop {
            match listener.accept().await {
                Ok((stream, _)) => break stream,
                // The client is gone already, or there are too many open files: that passes.
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        };
        let line = Arc::<Line>::default();
        let task = {
            let (site, line, connections) = (Arc::clone(&site), Arc::clone(&line), Arc::clone(&connections));
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                serve(stream, site, line, acceptor, patience).await;
                connections.remove(number);
            })
        };
        connections.add(number, line, task.abort_handle());
    }
}

async fn serve(stream: TcpStream, site: Arc<Site>, line: Arc<Line>, acceptor: Option<TlsAcceptor>, patience: Duration) {
    // Without this, small answers would wait for the client; if it can't be had, they do.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => connection::serve(stream, site, line, patience).await,
        // A client that is silent, or doesn't speak TLS, is not answered.
        Some(acceptor) => {
            if let Ok(Ok(stream)) = timeout(patience, acceptor.accept(stream)).await {
                connection::serve(stream, site, line, patience).await;
            }
        }
    }
}

/// The names and addresses that the certificate of a server is for.
fn certified(names: &Names) -> Vec<String> {
    let without_port = |name: &String| match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host.to_owned(),
        _ => name.clone(),
    };
    let bare = |name: String| name.trim_matches(['[', ']']).to_owned();
    let mut certified: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    match is_everywhere(&names.host) {
        true => certified.extend(network::addresses().iter().map(IpAddr::to_string)),
        false => certified.push(names.host.clone()),
    }
    certified.extend(names.allowed.iter().map(without_port).map(bare));
    let mut seen = std::collections::BTreeSet::new();
    certified.retain(|name| seen.insert(name.clone()));
    certified
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_for_all_names_without_their_ports() {
        let allowed = ["pc.example", "pc.local:4180", "[fd00::7]:4180", "localhost"].map(str::to_owned).to_vec();
        let names = Names { host: "192.168.1.7".to_owned(), port: 4180, scheme: Scheme::Https, allowed };
        assert_eq!(
            certified(&names),
            ["localhost", "127.0.0.1", "::1", "192.168.1.7", "pc.example", "pc.local", "fd00::7"]
        );
    }
}
