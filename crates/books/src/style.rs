//! Inline styles, reduced to what cannot fetch, cover or hide anything.
//!
//! Declarations are kept by name and by the shape of their value; nothing with a function
//! but colours survives, so `url()`, `image-set()`, `expression()` and escapes fall out by
//! construction. Not here: style sheets, which a plain page does not load.

/// Properties whose values are words, numbers and colours.
const PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-right",
    "border-style",
    "border-top",
    "border-width",
    "break-after",
    "break-before",
    "break-inside",
    "clear",
    "color",
    "column-count",
    "direction",
    "display",
    "fill",
    "fill-opacity",
    "float",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "hyphens",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "opacity",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "page-break-after",
    "page-break-before",
    "page-break-inside",
    "ruby-position",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-opacity",
    "stroke-width",
    "text-align",
    "text-anchor",
    "text-combine-upright",
    "text-decoration",
    "text-emphasis",
    "text-indent",
    "text-orientation",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "writing-mode",
];

/// The declarations of `style` that may stay; empty when none may.
pub(crate) fn kept(style: &str) -> String {
    if style.len() > 4096 || style.contains(['\\', '@', '{', '}', '<', '>', '"', '\'']) {
        // Escapes and strings are rare in honest inline styles and the way round any list.
        return String::new();
    }
    let mut out = String::new();
    for declaration in style.split(';') {
        let Some((name, value)) = declaration.split_once(':') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let value = value.trim();
        if PROPERTIES.contains(&name.as_str()) && is_plain(value) {
            if !out.is_empty() {
                out.push_str("; ");
            }
            out.push_str(&name);
            out.push_str(": ");
            out.push_str(value);
        }
    }
    out
}

/// Words, numbers, `#rgb`, and `rgb()`/`hsl()` alone among functions.
pub(crate) fn is_plain(value: &str) -> bool {
    let shape = !value.is_empty()
        && value.len() <= 200
        && value.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || matches!(
                    c,
                    ' ' | '#' | '%' | '.' | ',' | '-' | '+' | '!' | '(' | ')' | '/'
                )
        });
    let lower = value.to_ascii_lowercase();
    shape
        && !lower.contains("//")
        && lower.match_indices('(').all(|(at, _)| {
            let before = lower.get(..at).unwrap_or_default();
            let word = before
                .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .next()
                .unwrap_or_default();
            matches!(word, "rgb" | "rgba" | "hsl" | "hsla")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_declarations_stay_and_fetching_ones_go() {
        assert_eq!(
            kept("text-align:center; background:url(http://e/x); color: rgb(1, 2, 3)"),
            "text-align: center; color: rgb(1, 2, 3)"
        );
        for hostile in [
            "background-image:url(x)",
            "color:expression(alert(1))",
            "width:u\\72l(x)",
            "position:fixed",
            "color:red/**/;behavior:url(x)",
            "list-style-type:url(x)",
            "-moz-binding:url(x)",
            "color:image-set('x' 1x)",
        ] {
            assert!(!kept(hostile).contains(['(', '\\']), "{hostile}");
            assert!(!kept(hostile).contains("fixed"), "{hostile}");
        }
    }
}
