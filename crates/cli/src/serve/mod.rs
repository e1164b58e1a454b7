//! `clearpipe serve`: the page, for a browser on this machine or for everyone in the room.

#[cfg(feature = "serve")]
mod running;

#[cfg(feature = "serve")]
pub use running::run;

/// Says how to get a command that has the server. Without the feature, this one hasn't.
#[cfg(not(feature = "serve"))]
pub fn run(_: &crate::serve_args::ServeArgs, _: &crate::args::Global) -> Result<u8, crate::failure::Failure> {
    Err(crate::failure::Failure::Usage(anyhow::anyhow!(
        "this build of the command has no server: run `npm start`, or `npm run build` and then `cargo build --release \
         --features serve`"
    )))
}
