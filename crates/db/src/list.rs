//! Fragments whose length is known only when they are used: lists of parameters and scopes.
//!
//! `sqlx`'s own builder writes `?` for `Any`, which PostgreSQL rejects; these write `$n`.

use kernel::Scope;

/// `($3, $4, $5)` for three values from parameter 3 on; `(null)` for none, which matches nothing.
pub fn in_list(first: usize, count: usize) -> String {
    if count == 0 {
        return "(null)".to_owned();
    }
    let numbers: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    format!("({})", numbers.join(", "))
}

/// The condition that keeps a list inside a scope, with the values to bind from parameter `first`
/// on. An empty scope is `1 = 0` (rule R10 of the governance reference).
pub fn scope_condition(scope: &Scope, column: &str, first: usize) -> (String, Vec<String>) {
    let ranges = scope.ranges();
    if ranges.is_empty() {
        return ("1 = 0".to_owned(), Vec::new());
    }
    let mut parts = Vec::new();
    let mut values = Vec::new();
    for (nth, (low, high)) in ranges.into_iter().enumerate() {
        let at = first + 2 * nth;
        parts.push(format!("({column} >= ${at} and {column} < ${})", at + 1));
        values.push(low);
        values.push(high);
    }
    (format!("({})", parts.join(" or ")), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_numbered_from_where_they_stand() {
        assert_eq!(in_list(3, 2), "($3, $4)");
        assert_eq!(in_list(1, 0), "(null)");
    }
}
