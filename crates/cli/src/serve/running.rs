//! Serving the page until a signal ends it: from the flags to what is printed.

use crate::args::Global;
use crate::console::{complain, print};
use crate::failure::Failure;
use crate::serve_args::ServeArgs;
use crate::signals;
use anstyle::{Ansi256Color, Color, Style};
use anyhow::{Context, anyhow};
use clearpipe_io::text;
use clearpipe_server::{Page, Server, Settings, half_blocks, listen};
use futures::StreamExt;
use futures::channel::mpsc;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Command, Stdio};

/// The port, if none is asked for.
const PORT: u16 = 4180;

/// How many ports are tried, if none is asked for, before it is left to the system.
const TRIED_PORTS: u16 = 20;

/// White on black, whatever the colours of the terminal are: the blocks of a QR code are its light modules.
const QR: Style =
    Style::new().fg_color(Some(Color::Ansi256(Ansi256Color(231)))).bg_color(Some(Color::Ansi256(Ansi256Color(16))));

/// Serves the page until a signal ends it. Returns the exit status.
pub fn run(args: &ServeArgs, global: &Global) -> Result<u8, Failure> {
    let page = page(args)?;
    let host = args.host.trim_matches(['[', ']']);
    let listener = listener(host, args.port)?;
    let settings = Settings {
        allowed_hosts: args.allow_host.clone(),
        is_isolated: !args.no_isolation,
        has_tls: args.tls,
        patience: args.patience,
    };
    let server = Server::new(listener, host, page, &settings)?;
    let urls = server.network_urls();
    if args.room && urls.is_empty() {
        return Err(Failure::Run(anyhow!(
            "this machine has no address that other devices could reach: connect it to a network, or choose an \
             address with --host"
        )));
    }

    let (signal, mut signals) = mpsc::unbounded();
    signals::listen(move |_| {
        // It is no longer listened to once the server has been stopped.
        let _ = signal.unbounded_send(());
    })?;
    match global.quiet {
        true => print(&format!("{}\n", server.url()), false)?,
        false => print(&announcement(&server, &urls, args), false)?,
    }
    if args.open {
        open_in_browser(&server.url());
    }
    server.run(async move {
        signals.next().await;
    })?;
    Ok(0)
}

fn page(args: &ServeArgs) -> Result<Page, Failure> {
    if let Some(folder) = &args.folder {
        let page = Page::read(folder).with_context(|| format!("cannot serve {}", text::name(folder)));
        return page.map_err(Failure::Usage);
    }
    Page::built_in()?.ok_or_else(|| {
        Failure::Usage(anyhow!(
            "this build of the command has no page: run `npm run build`, and then build the command again"
        ))
    })
}

/// Takes the port that was asked for, or else the first one that is free.
fn listener(host: &str, port: Option<u16>) -> Result<TcpListener, Failure> {
    let is_taken = |error: &std::io::Error| error.kind() == ErrorKind::AddrInUse;
    let ports = match port {
        Some(port) => vec![port],
        None => (PORT..PORT + TRIED_PORTS).chain([0]).collect(),
    };
    let is_last = |port| Some(&port) == ports.last();
    for &port in &ports {
        match listen(host, port) {
            Ok(listener) => return Ok(listener),
            Err(error) if is_taken(&error) && !is_last(port) => {}
            Err(error) if is_taken(&error) => {
                return Err(Failure::Run(anyhow!(
                    "port {port} on {} is taken: choose another one with --port, or 0 for any free one",
                    text::visible(host)
                )));
            }
            Err(error) => {
                let what = format!("cannot listen on port {port} of {}", text::visible(host));
                return Err(Failure::Run(anyhow::Error::new(error).context(what)));
            }
        }
    }
    unreachable!("the last port ends the loop")
}

/// What people need to know: where the page is, and for whom.
fn announcement(server: &Server, urls: &[String], args: &ServeArgs) -> String {
    let bold = Style::new().bold();
    let mut text = format!("Clearpipe is open at  {bold}{}{bold:#}\n", server.url());
    for url in urls {
        text += &format!("In this network:      {url}\n");
    }
    if args.room
        && let Some(code) = urls.first().and_then(|url| half_blocks(url))
    {
        text.push('\n');
        for line in code {
            text += &format!("{QR}{line}{QR:#}\n");
        }
        text.push('\n');
    }
    if let Some(fingerprint) = server.fingerprint() {
        text += &format!(
            "The certificate is self-signed, so browsers warn about it. Its SHA-256 fingerprint:\n{fingerprint}\n"
        );
    } else if !urls.is_empty() {
        text += "On other devices, the page runs on one thread: browsers allow threads only over https (--tls).\n";
    }
    text + "(Ctrl-C stops it)\n"
}

/// Opens an address as the system does. Whoever asked for it sees whether it worked.
fn open_in_browser(url: &str) {
    let (program, arguments): (&str, &[&str]) = match () {
        () if cfg!(windows) => ("rundll32", &["url.dll,FileProtocolHandler"]),
        () if cfg!(target_os = "macos") => ("open", &[]),
        () => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = command.spawn() {
        complain(&format!("no browser can be opened: {program}: {error}"));
    }
}
