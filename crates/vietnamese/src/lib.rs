//! Vietnamese text as data: comparing, ordering, repairing and printing it.
//!
//! Pure functions over `&str`; no I/O, no clock, nothing of ours is imported. Neighbours: `citation`
//! reads document symbols with it, rooms fill their `name_fold` and `sort_key` columns with it, `search`
//! builds its terms from it. Surprising rule: **what a person reads is never rewritten here** except by
//! [`legacy`], because offices disagree on spelling (`hòa`, `hoà`); these functions make keys beside the text.

pub mod date;
pub mod fold;
pub mod legacy;
pub mod number;
pub mod sort;
mod spelling;
pub mod time;
pub mod tone;

pub use date::{DateTrouble, PartialDate, read_date, read_date_and_time};
pub use fold::{fold, fold_char, has_ink, nfc, syllables, true_letters, turns_text};
pub use legacy::{Encoding, detect, repair, to_unicode};
pub use number::{group, in_words, ordinal_letter, ordinal_letters};
pub use sort::{given_name, name_key, sort_key};
pub use time::read_time;
pub use tone::{Tone, exact, has_marks, place_tone};
