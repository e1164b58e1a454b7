//! Connects the stages of a pipeline, independently of any runtime.
//!
//! [`Channel`] is a bounded channel whose capacity counts records, however many travel in one item. [`ByteBudget`]
//! bounds the bytes of input in flight, and [`Window`] the records in flight, by the [`Watermark`] of the consumers.
//!
//! A channel notifies an [`Observer`] of what happens in it: the event log and the metrics are built on that.
//!
//! ```
//! use clearpipe_channel::{Channel, Weighted};
//! use futures::executor::block_on;
//!
//! struct Batch(Vec<u32>);
//!
//! impl Weighted for Batch {
//!     fn weight(&self) -> usize {
//!         self.0.len()
//!     }
//! }
//!
//! let channel: Channel<Batch> = Channel::new(100);
//! let (mut sender, mut receiver) = (channel.sender(()), channel.receiver(()));
//! block_on(async {
//!     sender.send(Batch(vec![1, 2, 3])).await.unwrap();
//!     assert_eq!(channel.stats().depth(), 3);
//!     drop(sender);
//!     assert_eq!(receiver.receive().await.unwrap().0, [1, 2, 3]);
//!     assert!(receiver.receive().await.is_none());
//! });
//! ```

mod byte_budget;
mod channel;
mod observer;
pub mod sync;
mod watermark;
mod weighted;
mod window;

pub use byte_budget::{ByteBudget, Permit};
pub use channel::{Channel, ChannelStats, Disconnected, Items, Policies, Receiver, Send, Sender, Sharing, WhenFull};
pub use observer::{Observer, Wait};
pub use watermark::Watermark;
pub use weighted::Weighted;
pub use window::Window;
