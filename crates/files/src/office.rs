//! What an office file may point at.
//!
//! Not here: reading one (`intake`), filling one (`fill`).

/// Whether opening the paper would leave the reader's own machine. A template attached from a
/// drive (`file:///C:/…/Normal.dotm`) stands in half of all papers and stays on it.
pub fn reaches_out(target: &str) -> bool {
    let target = target.trim().to_lowercase().replace('\\', "/");
    let path = match target.split_once(':') {
        Some(("file", rest)) => rest.strip_prefix("///").unwrap_or(rest).to_owned(),
        // A drive is one letter; everything longer is a scheme.
        Some((scheme, _)) if scheme.len() > 1 => return true,
        _ => target,
    };
    path.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_is_near_and_a_server_is_far() {
        for near in [
            "file:///C:\\Users\\a\\Normal.dotm",
            "C:\\x.dotm",
            "Normal.dotm",
            "../a.xlsx",
        ] {
            assert!(!reaches_out(near), "{near}");
        }
        for far in [
            "http://x/a.dotm",
            "HTTPS://x",
            "\\\\server\\share\\a.dotm",
            "file://server/share",
            "file:///\\\\server\\share",
            "ftp://x",
            "mhtml:http://x",
        ] {
            assert!(reaches_out(far), "{far}");
        }
    }
}
