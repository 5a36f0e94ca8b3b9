//! What may be bound to a parameter. Closed on purpose: flags are `i64`, days and ids are text.

use kernel::{Day, Moment, UnitPath};
use sqlx::Arguments as _;
use sqlx::any::AnyArguments;

/// A value that can be bound: text, `i64`, `f64`, bytes, ids, days, moments, and options of them.
pub trait IntoArg {
    /// Adds itself to the arguments.
    fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError>;
}

macro_rules! plain {
    ($($t:ty),*) => {$(
        impl IntoArg for $t {
            fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
                args.add(self)
            }
        }
        impl IntoArg for Option<$t> {
            fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
                args.add(self)
            }
        }
    )*};
}
plain!(i64, f64, String, Vec<u8>);

impl IntoArg for &str {
    fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
        args.add(self.to_owned())
    }
}
impl IntoArg for &String {
    fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
        args.add(self.clone())
    }
}
impl IntoArg for Option<&str> {
    fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
        args.add(self.map(str::to_owned))
    }
}

macro_rules! texts {
    ($($t:ty),*) => {$(
        impl IntoArg for $t {
            fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
                args.add(self.to_string())
            }
        }
        impl IntoArg for &$t {
            fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
                args.add(self.to_string())
            }
        }
        impl IntoArg for Option<$t> {
            fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
                args.add(self.map(|value| value.to_string()))
            }
        }
        impl IntoArg for Option<&$t> {
            fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
                args.add(self.map(|value| value.to_string()))
            }
        }
    )*};
}
texts!(
    Day,
    UnitPath,
    kernel::UnitId,
    kernel::MemberId,
    kernel::AccountId,
    kernel::SessionId,
    kernel::GrantId,
    kernel::MeetingId,
    kernel::ItemId,
    kernel::DocumentId,
    kernel::ShelfId,
    kernel::TitleId,
    kernel::ArticleId
);

impl IntoArg for Moment {
    fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
        args.add(self.0)
    }
}
impl IntoArg for Option<Moment> {
    fn add_to(self, args: &mut AnyArguments) -> Result<(), sqlx::error::BoxDynError> {
        args.add(self.map(|moment| moment.0))
    }
}
