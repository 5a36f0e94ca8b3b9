//! Numbers of a person as they are kept: digits only, so that equal numbers are found as equal.
//!
//! The constants and [`spot`] bind a sealed value to its column and its member (`site::seal`). Not here: whether a number is
//! the right one, which only its paper can tell.

use kernel::MemberId;
use site::seal::Spot;

/// Column word of the card number.
pub const CARD: &str = "card";
/// Column word of the citizen id.
pub const CITIZEN: &str = "citizen";
/// Column word of the telephone.
pub const PHONE: &str = "phone";

/// Where a member's number stands.
pub fn spot<'a>(column: &'a str, member: &'a MemberId) -> Spot<'a> {
    Spot {
        table: "people_member",
        column,
        row: member.as_str(),
    }
}

/// Digits and letters of a number, letters in capitals: `0123 456 789` and `0123.456.789` are one.
pub fn digits(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// A telephone number: digits only, `+84` and `84` before nine digits become `0`.
pub fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("84") {
        Some(rest) if rest.len() == 9 => format!("0{rest}"),
        _ => digits,
    }
}

/// Groups of three or four digits, to be read aloud: a telephone of ten as 0901 234 567, what does not divide
/// has its short group first.
pub fn grouped(number: &str) -> String {
    let count = number.chars().count();
    let size = if count.is_multiple_of(4) { 4 } else { 3 };
    let first = match count % size {
        1 => size + 1,
        0 => size,
        rest => rest,
    };
    let mut out = String::new();
    for (nth, c) in number.chars().enumerate() {
        if nth >= first && (nth - first).is_multiple_of(size) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_in_two_spellings_is_one_number() {
        assert_eq!(digits("0123 456-789"), digits("0123456789"));
        assert_eq!(phone("+84 901 234 567"), "0901234567");
        assert_eq!(phone("0901.234.567"), "0901234567");
        assert_eq!(phone("8412"), "8412");
        assert_eq!(grouped("012345678901"), "0123 4567 8901");
        assert_eq!(grouped("0901234567"), "0901 234 567");
        assert_eq!(grouped("02438123456"), "02 438 123 456");
    }
}
