//! The flags of `clearpipe serve`.

use clap::{Args, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// The flags of `clearpipe serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The port, 0 for any that is free [default: 4180, or the next one that is free].
    #[arg(long, value_name = "PORT", allow_negative_numbers = true)]
    pub port: Option<u16>,
    /// The name or address to listen on; 0.0.0.0 is every IPv4 address of this machine.
    ///
    /// Only pages of https and of this machine itself get threads: elsewhere, add --tls. There is no access control.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", default_value_if("room", "true", "0.0.0.0"))]
    pub host: String,
    /// Answer to this name as well, for example behind a proxy: NAME, or NAME:PORT for one port only. May be repeated.
    ///
    /// A request that calls the server by any other name is refused, so that no other site can make its own name lead to
    /// this machine and read what is served here.
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// Open the page to the network this machine is in, and print its address there, also as a QR code.
    ///
    /// Without --tls, the page runs on one thread on other devices: browsers allow threads only with https.
    #[arg(long)]
    pub room: bool,
    /// Speak https, with a certificate that is made for this start and signed by nobody else.
    ///
    /// Browsers warn of it. What they show must be the fingerprint that is printed.
    #[arg(long)]
    pub tls: bool,
    /// Open the page in a browser.
    #[arg(long)]
    pub open: bool,
    /// Leave out the two headers that threads need, to see the page on one thread.
    #[arg(long)]
    pub no_isolation: bool,
    /// Serve a page from the folder into which it was built, instead of the one in this command.
    ///
    /// All its files are read at the start; changes after that are not seen. Hidden files and links out of the folder are
    /// left out. An event log that lies in it can be linked to: `?log=FILE`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: Option<PathBuf>,
    /// Drop a client that neither sends nor receives anything for this long.
    #[arg(
        long, value_name = "TIME", default_value = "20s", value_parser = crate::numbers::time, allow_negative_numbers = true
    )]
    pub patience: Duration,
}

/// The examples in the help.
pub const SERVE_EXAMPLES: &str = "\
Examples:
  clearpipe serve --open
  clearpipe serve --port 8080
  clearpipe serve --room --tls                  for everyone in the room, with threads
  clearpipe serve --allow-host pipe.example     behind a proxy that has this name";
