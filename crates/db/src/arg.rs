//! What may be bound to a parameter. Few on purpose: flags are `i64`, days and ids are text.
//!
//! A room adds its own ids by [`crate::ids!`], kept as text like all others.

use kernel::{Day, Moment, UnitPath};
use sqlx::Arguments as _;
use sqlx::any::AnyArguments;

/// Arguments of a statement.
pub type Arguments = AnyArguments;
/// Why a value could not be bound.
pub type Trouble = sqlx::error::BoxDynError;

/// A value that can be bound: text, `i64`, `f64`, bytes, ids, days, moments, and options of them.
pub trait IntoArg {
    /// Adds itself to the arguments.
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble>;
}

macro_rules! plain {
    ($($t:ty),*) => {$(
        impl IntoArg for $t {
            fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
                args.add(self)
            }
        }
        impl IntoArg for Option<$t> {
            fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
                args.add(self)
            }
        }
    )*};
}
plain!(i64, f64, String, Vec<u8>);

impl IntoArg for &str {
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
        args.add(self.to_owned())
    }
}
impl IntoArg for &String {
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
        args.add(self.clone())
    }
}
impl IntoArg for Option<&str> {
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
        args.add(self.map(str::to_owned))
    }
}

/// A type that is kept as text, so that an absent one can be bound too; given by [`texts!`](crate::texts).
pub trait AsText: std::fmt::Display {}

impl<T: AsText> IntoArg for Option<T> {
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
        args.add(self.map(|value| value.to_string()))
    }
}

/// Lets types that are kept as text be bound: `db::texts!(DocumentId, Audience);`.
#[macro_export]
macro_rules! texts {
    ($($t:ty),* $(,)?) => {$(
        impl $crate::IntoArg for $t {
            fn add_to(self, args: &mut $crate::arg::Arguments) -> ::std::result::Result<(), $crate::arg::Trouble> {
                $crate::IntoArg::add_to(self.to_string(), args)
            }
        }
        impl $crate::IntoArg for &$t {
            fn add_to(self, args: &mut $crate::arg::Arguments) -> ::std::result::Result<(), $crate::arg::Trouble> {
                $crate::IntoArg::add_to(self.to_string(), args)
            }
        }
        impl $crate::arg::AsText for $t {}
        impl $crate::arg::AsText for &$t {}
    )*};
}

/// Makes the ids of a room's own things (see `kernel::ids!`) and lets them be bound:
/// `db::ids! { /// A shelf of books. ShelfId; }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        ::kernel::ids! { $($(#[$doc])* $name;)* }
        $crate::texts!($($name),*);
    };
}

texts!(
    Day,
    UnitPath,
    kernel::Audience,
    kernel::UnitId,
    kernel::MemberId,
    kernel::AccountId,
    kernel::SessionId,
    kernel::GrantId,
);

impl IntoArg for Moment {
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
        args.add(self.0)
    }
}
impl IntoArg for Option<Moment> {
    fn add_to(self, args: &mut Arguments) -> Result<(), Trouble> {
        args.add(self.map(|moment| moment.0))
    }
}
