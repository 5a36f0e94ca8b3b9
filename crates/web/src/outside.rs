//! The outside address of the handbook: where people come in, for what is printed, mailed and shown as a code.
//!
//! Not here: keeping it (`site::settings`), the page that sets it (the admin room), cookies (`Edge::https`).
//! The rule that surprises: what the settings file says goes before what a page says.

use std::sync::{PoisonError, RwLock};

/// The outside address without a final stroke; empty: as browsers call us.
#[derive(Debug, Default)]
pub struct PublicUrl {
    now: RwLock<String>,
    is_fixed: bool,
}

impl PublicUrl {
    /// As the settings file has it, which no page changes; empty: not there.
    pub fn of_file(text: &str) -> PublicUrl {
        let text = text.trim_end_matches('/').to_owned();
        PublicUrl {
            is_fixed: !text.is_empty(),
            now: RwLock::new(text),
        }
    }
    /// What holds now.
    pub fn get(&self) -> String {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }
    /// Whether it holds no address.
    pub fn is_empty(&self) -> bool {
        self.get().is_empty()
    }
    /// Whether the settings file says it.
    pub fn is_fixed(&self) -> bool {
        self.is_fixed
    }
    /// Takes what a page has set; nothing where the settings file says it.
    pub fn set(&self, text: &str) {
        if !self.is_fixed {
            let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
            text.trim_end_matches('/').clone_into(&mut now);
        }
    }
}

/// Why a text is no outside address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAddress {
    /// It begins with neither http:// nor https://.
    Scheme,
    /// It names no computer, or in letters that no address has.
    Host,
    /// Something stands behind the computer's name, or before it.
    More,
}

/// Reads an outside address: scheme, host and port, nothing else; a final stroke is taken off.
///
/// # Errors
/// Why it is none.
pub fn read_public_url(text: &str) -> Result<String, NoAddress> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").ok_or(NoAddress::Scheme)?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        return Err(NoAddress::Scheme);
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#', '@', '\\']) {
        return Err(NoAddress::More);
    }
    let authority: axum::http::uri::Authority = rest.parse().map_err(|_| NoAddress::Host)?;
    let host = authority.host();
    let is_name = !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        && (host.starts_with('[')
            || host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'));
    // A port that is none is dropped by the reader: what stands there is compared.
    let port = rest.get(host.len()..).unwrap_or_default();
    let is_port = port.is_empty() || authority.port_u16().is_some_and(|port| port > 0);
    if !is_name || !is_port {
        return Err(NoAddress::Host);
    }
    Ok(format!("{scheme}://{}", rest.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outside_address_is_a_scheme_a_host_and_a_port() {
        let good = |text, read: &str| assert_eq!(read_public_url(text).as_deref(), Ok(read));
        good(" https://Sotay.Example.vn/ ", "https://sotay.example.vn");
        good("HTTP://192.168.1.5:8080", "http://192.168.1.5:8080");
        good("https://[::1]:8443", "https://[::1]:8443");
        for (text, why) in [
            ("sotay.vn", NoAddress::Scheme),
            ("ftp://sotay.vn", NoAddress::Scheme),
            ("javascript://x", NoAddress::Scheme),
            ("https://", NoAddress::Host),
            ("https://:8080", NoAddress::Host),
            ("https://sổ.vn", NoAddress::Host),
            ("https://so tay.vn", NoAddress::Host),
            ("https://sotay.vn:x", NoAddress::Host),
            ("https://sotay.vn:70000", NoAddress::Host),
            ("https://sotay.vn/so", NoAddress::More),
            ("https://a:b@sotay.vn", NoAddress::More),
            ("https://sotay.vn?x=1", NoAddress::More),
        ] {
            assert_eq!(read_public_url(text), Err(why), "{text}");
        }
    }

    #[test]
    fn what_the_file_says_no_page_changes() {
        let fixed = PublicUrl::of_file("https://a.vn/");
        fixed.set("https://b.vn");
        assert_eq!(fixed.get(), "https://a.vn");
        let free = PublicUrl::of_file("");
        assert!(free.is_empty() && !free.is_fixed());
        free.set("https://b.vn");
        assert_eq!(free.get(), "https://b.vn");
    }
}
