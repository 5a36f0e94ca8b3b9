//! What every page shares: the frame, forms, texts, errors, assets, and the edge that wraps all routes.
//!
//! Knows HTTP and HTML, but no database and no room: who a visitor is comes through [`Doorman`],
//! which the account room implements and `app` hands in. Templates live in `templates/`; rooms
//! extend `base.html` and import the macros of `forms.html` and `parts.html`.
//! The rule that surprises: an error response carries no body; the edge draws its page, because only
//! there the visitor's language and look are known.

pub mod assets;
pub mod compare;
pub mod day;
pub mod download;
pub mod edge;
pub mod fail;
pub mod form;
pub mod frame;
pub mod left;
pub mod link;
pub mod look;
pub mod lost;
mod outside;
pub mod paging;
pub mod parcel;
pub mod place;
pub mod problem;
pub mod refused;
pub mod routes;
mod tag;
pub mod text;
pub mod visitor;

pub use day::{day_trouble, read_day, read_day_ahead};
pub use download::{download, file_name};
pub use edge::Edge;
pub use fail::{Answer, Fail};
pub use form::{FieldTrouble, Form, FormState, Nothing, Saved, SavedBy, day_field};
pub use frame::{Frame, Redirect, see_other};
pub use left::LeftForm;
pub use look::{Lang, Look, Size, Theme};
pub use outside::{NoAddress, PublicUrl, read_public_url};
pub use place::{Menu, Place, PlaceLink};
pub use problem::Problem;
pub use refused::ForgetRefused;
pub use routes::{Access, RouteRow, Routes};
pub use text::Texts;
pub use visitor::{Doorman, Member, SignedIn, Visitor};
