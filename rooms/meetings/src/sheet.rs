//! What every PDF of this room does before it is handed over.
//!
//! Not here: what stands on it (`paper`), who may have it (the pages of the wings). The rule that surprises:
//! letters that the fonts do not have are told first, with a way to take the file all the same.

use kernel::error::Refusal;
use print::Pdf;
use web::Answer;

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    /// Whoever was told that some letters become boxes, and wants the file.
    #[serde(default)]
    boxes: String,
}

impl Asked {
    /// The file, or the page that says which letters it cannot hold.
    pub(crate) fn hand_over(&self, pdf: Pdf, name: &str, path: &str) -> Answer {
        if !pdf.unprintable.is_empty() && self.boxes != "yes" {
            return Err(unprintable(&pdf.unprintable, path).into());
        }
        Ok(web::download(name, "application/pdf", pdf.bytes))
    }
}

/// Names the letters with their numbers: some have no shape of their own on this screen either.
fn unprintable(letters: &[char], path: &str) -> Refusal {
    /// More than these are not read by anybody.
    const NAMED: usize = 20;
    let mut said: Vec<String> = letters
        .iter()
        .take(NAMED)
        .map(|c| {
            let number = format!("U+{:04X}", u32::from(*c));
            if c.is_control() {
                number
            } else {
                format!("{c} ({number})")
            }
        })
        .collect();
    if letters.len() > NAMED {
        said.push("…".to_owned());
    }
    Refusal::new("meetings-refused-unprintable")
        .arg("letters", said.join(", "))
        .way_out(format!("{path}?boxes=yes"), "meetings-pdf-anyway")
}
