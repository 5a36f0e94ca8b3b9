//! The statements of a store, each with its name, and the list of all, declared at once.
//!
//! A room hands the list to the tests, which prepare every statement on both databases. Because the list
//! is made of the same lines as the names, none can be forgotten. Not here: statements put together while
//! the program runs (lists, scopes), which go through [`crate::sql_built`].

/// Declares the statements of a store: a constant for each, and all of them as `STATEMENTS`.
///
/// The list is for the crate alone; a crate that shows it begins with `pub STATEMENTS;`. A statement may be
/// put together by `concat!`, and may have a visibility and a doc comment of its own.
///
/// ```
/// db::statements! {
///     FIND = "select name from news_article where id = $1";
///     /// The newest first.
///     pub(crate) LIST = concat!("select name from news_article ", "order by at desc");
/// }
/// # fn main() {
/// assert_eq!(STATEMENTS, [FIND, LIST]);
/// # }
/// ```
#[macro_export]
macro_rules! statements {
    (pub STATEMENTS; $($rest:tt)+) => {
        $crate::statements!(@ [pub] $($rest)+);
    };
    (@ [$all:vis] $($(#[$about:meta])* $seen:vis $name:ident = $text:expr;)+) => {
        $($(#[$about])* $seen const $name: &str = $text;)+
        /// Every statement of this store; the tests prepare each on both databases.
        $all const STATEMENTS: &[&str] = &[$($name),+];
    };
    ($($rest:tt)+) => {
        $crate::statements!(@ [pub(crate)] $($rest)+);
    };
}

#[cfg(test)]
mod tests {
    #[allow(unreachable_pub)] // as a crate would write it
    mod shown {
        crate::statements! {
            pub STATEMENTS;
            ONE = "select 1";
        }
        pub(super) const FIRST: &str = ONE;
    }
    crate::statements! {
        FIND = "select name from news_article where id = $1";
        /// The newest first.
        pub(crate) LIST = concat!("select name from news_article ", "order by at desc");
    }

    #[test]
    fn every_statement_that_is_named_stands_in_the_list_in_its_order() {
        assert_eq!(STATEMENTS, [FIND, LIST]);
        assert_eq!(shown::STATEMENTS, [shown::FIRST]);
    }
}
