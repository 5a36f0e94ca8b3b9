//! What a person types to say who they are: member code, phone or e-mail; and making member codes.
//!
//! Pure. A code is compared in lower case without marks, a phone by its digits (`+84` is `0`), an
//! e-mail in lower case. Not here: looking it up (`store`).

use kernel::Dice;

/// The three readings of one typed text. A reading that does not fit is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) code: String,
    pub(crate) phone: String,
    pub(crate) email: String,
}

impl Typed {
    /// One name for every way to write the same thing, under which tries are counted: with an account
    /// or without one, so that waiting does not tell which phone belongs to which code.
    pub(crate) fn identity(&self) -> String {
        let words = [
            ("email", &self.email),
            ("phone", &self.phone),
            ("code", &self.code),
        ];
        let found = words.into_iter().find(|(_, text)| !text.is_empty());
        found.map_or_else(String::new, |(kind, text)| format!("{kind} {text}"))
    }
}

/// Reads what was typed.
pub(crate) fn read(text: &str) -> Typed {
    let plain = text.trim();
    if plain.chars().count() > 254 {
        return Typed {
            code: String::new(),
            phone: String::new(),
            email: String::new(),
        };
    }
    let email = if plain.contains('@') {
        email(plain)
    } else {
        String::new()
    };
    Typed {
        code: code(plain),
        phone: phone(plain).unwrap_or_default(),
        email,
    }
}

/// A member code as it is stored: folded, without spaces.
pub(crate) fn code(text: &str) -> String {
    vietnamese::fold(text).replace(' ', "")
}

/// An e-mail address as it is compared.
pub(crate) fn email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A phone's digits in the national form: `+84 912.345.678` is `0912345678`.
pub(crate) fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let (has_plus, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !rest
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '(' | ')'))
    {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let national = match digits.strip_prefix("84") {
        Some(tail) if has_plus || digits.len() >= 11 => {
            format!("0{}", tail.trim_start_matches('0'))
        }
        _ => digits,
    };
    (national.starts_with('0') && (9..=12).contains(&national.len())).then_some(national)
}

/// The code under which an organisation knows the member, if it can be typed as one.
pub(crate) fn from_external(external: &str) -> Option<String> {
    let code = code(external);
    let good = (3..=32).contains(&code.len())
        && code
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/'));
    // A code must not look like a phone: the phone would lead to somebody else.
    (good && phone(&code).is_none()).then_some(code)
}

/// A code to remember: the given name and some digits, `hoa4827`.
pub(crate) fn invent(name: &str, digits: u32, dice: &Dice) -> String {
    let given = vietnamese::fold(vietnamese::given_name(name));
    let given: String = given
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(12)
        .collect();
    let given = if given.is_empty() { "sotay" } else { &given };
    let bound = 10_u64.pow(digits.clamp(1, 12));
    let width = usize::try_from(digits).unwrap_or(4);
    format!("{given}{:0width$}", dice.below(bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_read_however_it_is_written() {
        for text in [
            "0912345678",
            "+84 912 345 678",
            "84912345678",
            "0912.345.678",
            "(091) 234-5678",
        ] {
            assert_eq!(phone(text).as_deref(), Some("0912345678"), "{text}");
        }
        for text in ["hoa4827", "12345", "", "0912x", "+1 202 555 0100"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }
    #[test]
    fn a_code_is_compared_without_case_marks_and_spaces() {
        assert_eq!(code(" HÒA 4827 "), "hoa4827");
        assert_eq!(read("Ba@Example.VN").email, "ba@example.vn");
        assert_eq!(read("hoa4827").email, "");
        assert_eq!(read(&"a".repeat(300)).code, "");
    }
    #[test]
    fn what_is_typed_in_many_ways_is_counted_as_one() {
        let name = |text: &str| read(text).identity();
        assert_eq!(name("+84 912.345.678"), name("0912345678"));
        assert_eq!(name(" Ba@Example.VN"), name("ba@example.vn"));
        assert_eq!(name("HÒA 4827"), name("hoa4827"));
        assert_ne!(name("hoa4827"), name("0912345678"));
    }
    #[test]
    fn an_invented_code_is_a_name_and_digits() {
        let code = invent("Lương Thị Hoà", 4, &Dice::seeded(3));
        assert!(code.starts_with("hoa") && code.len() == 7, "{code}");
        assert!(invent("李", 4, &Dice::seeded(3)).starts_with("sotay"));
    }
    #[test]
    fn an_external_code_that_looks_like_a_phone_is_not_taken() {
        assert_eq!(from_external("ĐV-00123").as_deref(), Some("dv-00123"));
        assert_eq!(from_external("0912345678"), None);
        assert_eq!(from_external("a b<c>"), None);
    }
}
