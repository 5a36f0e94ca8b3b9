//! A few words for a browser: "Chrome, Android". Roughly, from its User-Agent.
//!
//! Only names that people know from their own devices; anything else is an empty text, which the
//! page calls an unknown device.

/// Browsers in the order of asking: many claim to be Chrome or Safari besides.
const BROWSERS: [(&str, &str); 9] = [
    ("Zalo", "Zalo"),
    ("coc_coc", "Cốc Cốc"),
    ("SamsungBrowser", "Samsung Internet"),
    ("EdgA", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The words of a User-Agent; empty when nothing is recognised.
pub(crate) fn words(agent: &str) -> String {
    let find = |list: &[(&str, &'static str)]| {
        list.iter()
            .find(|(mark, _)| agent.contains(mark))
            .map_or("", |(_, name)| *name)
    };
    let agent_words = [find(&BROWSERS), find(&SYSTEMS)];
    let known: Vec<&str> = agent_words
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect();
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_people_know_it() {
        let android =
            "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36";
        assert_eq!(words(android), "Chrome, Android");
        let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(words(edge), "Edge, Windows");
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1";
        assert_eq!(words(phone), "Safari, iPhone");
        assert_eq!(words("curl/8"), "");
    }
}
