//! The flags of `clearpipe serve`.

use clap::{Args, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// The flags of `clearpipe serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The port; 0 is any free one [default: 4180, or the next free one].
    #[arg(long, value_name = "PORT", allow_negative_numbers = true)]
    pub port: Option<u16>,
    /// The name or address to listen on; 0.0.0.0 is every IPv4 address of this machine.
    ///
    /// There is no access control: whoever can reach this address can load the page.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", default_value_if("room", "true", "0.0.0.0"))]
    pub host: String,
    /// Also answer to this name, such as that of a proxy: NAME, or NAME:PORT for a single port. Can be repeated.
    ///
    /// Requests for any other name are refused. Otherwise, another site could make its own name resolve to this machine and
    /// read what is served here.
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// Open the page to the local network, and print its address there with a QR code.
    ///
    /// Without --tls, the page runs on one thread on other devices: browsers allow threads only over https.
    #[arg(long)]
    pub room: bool,
    /// Use https, with a new self-signed certificate.
    ///
    /// Browsers warn about it. Compare the fingerprint that they show with the one that is printed.
    #[arg(long)]
    pub tls: bool,
    /// Open the page in a browser.
    #[arg(long)]
    pub open: bool,
    /// Leave out the two headers that threads need, to try the page on one thread.
    #[arg(long)]
    pub no_isolation: bool,
    /// Serve the built page in this folder instead of the one in the command.
    ///
    /// All files are read once, at the start, except hidden files and links out of the folder. The page can open an event log
    /// in this folder by its name: `?log=FILE`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: Option<PathBuf>,
    /// Disconnect clients that neither send nor receive anything for this long.
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = patience, allow_negative_numbers = true)]
    pub patience: Duration,
}

/// A time that a client may be given.
fn patience(text: &str) -> Result<Duration, String> {
    let patience = crate::numbers::time(text)?;
    let range = Duration::from_millis(1)..=Duration::from_secs(3600);
    if range.contains(&patience) { Ok(patience) } else { Err("write a time from 1ms to 1h".to_owned()) }
}

/// The examples in the help.
pub const SERVE_EXAMPLES: &str = "\
Examples:
  clearpipe serve --open
  clearpipe serve --port 8080
  clearpipe serve --room --tls                  for everyone in the room, with threads
  clearpipe serve --allow-host pipe.example     behind a proxy with this name

Exit status: 0 after Ctrl-C, 1 if the port can't be used, 2 for wrong usage or a command without the page.";
