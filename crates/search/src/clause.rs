//! Cutting a body into clauses, the unit in which an article is judged.
//!
//! A clause is a line; a point (`a)`, `b)`, `đ)`, `aa)`) belongs to the line above it.
//! Clauses are not stored with offsets: writing and reading cut the same text the same way.

/// Whether a line is a point such as `a) …` or `đ) …`.
pub(crate) fn is_point(line: &str) -> bool {
    let head: Vec<char> = line.chars().take(3).collect();
    match head.as_slice() {
        [a, ')', ..] => a.is_alphabetic(),
        [a, b, ')'] => a.is_alphabetic() && b.is_alphabetic(),
        _ => false,
    }
}

/// The clauses of a body in order, each trimmed and not empty.
pub(crate) fn clauses(body: &str) -> Vec<&str> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in body.split('\n') {
        let start = at + (line.len() - line.trim_start().len());
        let trimmed = line.trim();
        at += line.len() + 1;
        if trimmed.is_empty() {
            continue;
        }
        let end = start + trimmed.len();
        match spans.last_mut() {
            Some(last) if is_point(trimmed) => last.1 = end,
            _ => spans.push((start, end)),
        }
    }
    spans
        .into_iter()
        .filter_map(|(start, end)| body.get(start..end))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_belong_to_the_line_above() {
        let body = "1. Gồm:\r\n a) gàu;\n\nđ) cuốc.\n2. Hết.";
        assert_eq!(
            clauses(body),
            ["1. Gồm:\r\n a) gàu;\n\nđ) cuốc.", "2. Hết."]
        );
        assert!(clauses(" \n\n ").is_empty());
        assert_eq!(clauses("a) một mình"), ["a) một mình"]);
    }
}
