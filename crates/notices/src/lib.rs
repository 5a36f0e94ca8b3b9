//! What a member is told: the feed inside the handbook, e-mail, Web Push.
//!
//! A notice is added in the transaction of the change that it tells of; what leaves the house goes
//! out later by [`deliver_due`], which a job or a timer calls. Not here: whom to tell and in which
//! words (the rooms), pages, the queue of `jobs`.
//! The rule that surprises: outside messages never carry what the notice says. They hold one neutral
//! sentence and the address of the notice, which asks to sign in.

mod endpoint;
mod feed;
mod https;
mod mail;
mod out;
mod push;
mod quiet;
pub mod sealed;
mod store;
mod wish;

pub use endpoint::{
    Endpoint, EndpointId, EndpointState, Language, OLD_ADDRESS, Outdated, Seals, Subscription,
    add_push, follow, list_endpoints, list_outdated, list_reached, remove_all, remove_endpoint,
    set_email,
};
pub use feed::{
    Importance, New, Notice, NoticeId, add, count_unread, hold_addresses, hold_replaced, list,
    list_unread, read_all, read_one, trim,
};
pub use https::{Https, is_public};
pub use mail::{Mail, Secret, Smtp, Tls};
pub use out::{
    Channel, Delivered, Delivery, Sending, Waiting, count_out, count_waiting, deliver_due,
};
pub use push::{Answer, Post, PostTrouble, Push, Vapid, endpoint_uri, get_vapid};
pub use quiet::Hours;
pub use store::STATEMENTS;
pub use wish::{
    Quiet, Said, Settings, Wish, Words, get_quiet, get_settings, list_wishes, set_quiet,
    set_settings, set_wish,
};

/// The texts of this crate, Vietnamese and English: whoever wires it hands them to the frame and
/// reads [`Words`] from them.
pub const TEXTS: (&str, &str) = (
    include_str!("../text/vi.ftl"),
    include_str!("../text/en.ftl"),
);
