//! The figures and fixed words of an official layout (thể thức), as data.
//!
//! One template serves all; what differs between papers of the organisation and of the state stands here. A room
//! may keep an office's own layout as JSON. Not here: what a paper says. Surprising rule: both seeds are
//! unconfirmed ([`UNCONFIRMED`]) until a clerk has laid them beside a real paper; the page that prints should
//! say so from [`Layout::basis`].

use crate::{Capacity, Error, Result};
use serde::{Deserialize, Serialize};

/// How a figure that nobody has checked is called in the house.
pub const UNCONFIRMED: &str = "chưa kiểm chứng";

/// Where the figures come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The rule or the office that the layout follows.
    pub source: String,
    /// Whether somebody answers for the figures.
    pub is_confirmed: bool,
}

/// Where place and day stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayLine {
    /// Under the title at the right.
    UnderTitle,
    /// On the line of the symbol.
    BesideSymbol,
}

/// The words before the post of a signer; none where the rule does not know that capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignWords {
    /// For a body: `T/M`, `TM.`.
    pub on_behalf: Option<String>,
    /// By order of the head: `T/L`, `TL.`.
    pub by_order: Option<String>,
    /// A deputy for the head: `K/T`, `KT.`.
    pub for_head: Option<String>,
    /// By written power: `TUQ.`.
    pub by_power: Option<String>,
    /// Given the head's duties: `Q.`.
    pub acting: Option<String>,
}

/// The figures of a layout. Lengths end in `_mm`, sizes of letters and lines in `_pt` (points).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Where the figures come from.
    pub basis: Basis,

    /// Width of the sheet.
    pub page_width_mm: f64,
    /// Height of the sheet.
    pub page_height_mm: f64,
    /// Margin above.
    pub margin_top_mm: f64,
    /// Margin below.
    pub margin_bottom_mm: f64,
    /// Margin at the left, where papers are bound.
    pub margin_left_mm: f64,
    /// Margin at the right.
    pub margin_right_mm: f64,
    /// Share of the head's width that the issuer at the left takes, in percent.
    pub issuer_share_percent: f64,

    /// Name of the issuer and of who stands above it.
    pub issuer_pt: f64,
    /// Title of the organisation or the state, at the right.
    pub title_pt: f64,
    /// Motto below the title.
    pub motto_pt: f64,
    /// Symbol (số ký hiệu).
    pub symbol_pt: f64,
    /// Place and day.
    pub day_pt: f64,
    /// Name of the kind, `NGHỊ QUYẾT`.
    pub kind_pt: f64,
    /// Abstract below the kind.
    pub subject_pt: f64,
    /// Abstract of a letter, below the symbol.
    pub letter_subject_pt: f64,
    /// Text.
    pub body_pt: f64,
    /// Text in tables.
    pub table_pt: f64,
    /// Capacity, post and name of a signer.
    pub signature_pt: f64,
    /// The word `Nơi nhận`.
    pub recipients_head_pt: f64,
    /// The recipients.
    pub recipients_pt: f64,
    /// Number of the page.
    pub page_number_pt: f64,

    /// From one line of text to the next, exactly.
    pub line_pt: f64,
    /// Added between paragraphs.
    pub paragraph_gap_pt: f64,
    /// Indent of the first line.
    pub first_line_mm: f64,
    /// Blank left for a number that is not known yet.
    pub number_gap_mm: f64,
    /// Blank left for a day or month that is not known yet.
    pub day_gap_mm: f64,
    /// Height left for signature and seal.
    pub seal_mm: f64,
    /// Height left for a signature without a seal.
    pub signature_mm: f64,
    /// Length of the rules under issuer and abstract, in percent of the text above.
    pub rule_share_percent: f64,

    /// Title at the right of the head.
    pub title: String,
    /// Motto below it; the rule stands below the motto, or below the title where there is none.
    pub motto: Option<String>,
    /// Sign below the issuer, `*`; a short rule where there is none.
    pub issuer_mark: Option<String>,
    /// Sign below the abstract, `-----`; a short rule where there is none.
    pub subject_mark: Option<String>,
    /// Word before the symbol: `Số`, `Số:`.
    pub number_word: String,
    /// Where place and day stand.
    pub day_line: DayLine,
    /// Word before the abstract of a letter, `V/v`; may be empty.
    pub letter_word: String,
    /// Whether the abstract of a letter is in italic.
    pub letter_italic: bool,
    /// Sign before each basis (căn cứ), `-`; may be empty.
    pub basis_mark: String,
    /// Whether bases are in italic.
    pub basis_italic: bool,
    /// Whether the label of a part or chapter (`Phần thứ nhất`) is in bold.
    pub label_bold: bool,
    /// Whether the label of a part or chapter is in capitals.
    pub label_capitals: bool,
    /// Whether a section's title stands in the middle, below its label.
    pub section_centred: bool,
    /// What the text ends with: `.`, `./.`.
    pub end_mark: String,
    /// Word before the addressees, `Kính gửi:`.
    pub addressees_word: String,
    /// Word above the recipients, `Nơi nhận:`.
    pub recipients_word: String,
    /// Whether that word is underlined; in bold italic where it is not.
    pub recipients_underlined: bool,
    /// Sign after each recipient but the last: `,`, `;`.
    pub recipients_separator: String,
    /// Whether the post stands in bold too, below the capacity.
    pub post_bold: bool,
    /// The words before the post of a signer.
    pub signs: SignWords,
}

impl Layout {
    /// The layout of the organisation's papers, chưa kiểm chứng: domain reference 6.5 (after 05-HD/VPTW,
    /// 27/5/2026, itself unconfirmed). Line spacing 18 pt (sources say 18 or 19); sizes of the recipients, gaps
    /// and the places of the rules were read off a published paper of 2025 (02-HD/BTCTU, Hà Nội).
    pub fn party() -> Self {
        Self {
            basis: Basis {
                source: "05-HD/VPTW (27/5/2026)".to_owned(),
                is_confirmed: false,
            },
            page_width_mm: 210.0,
            page_height_mm: 297.0,
            margin_top_mm: 20.0,
            margin_bottom_mm: 20.0,
            margin_left_mm: 30.0,
            margin_right_mm: 15.0,
            issuer_share_percent: 46.0,
            issuer_pt: 14.0,
            title_pt: 15.0,
            motto_pt: 14.0,
            symbol_pt: 14.0,
            day_pt: 14.0,
            kind_pt: 15.0,
            subject_pt: 14.0,
            letter_subject_pt: 12.0,
            body_pt: 14.0,
            table_pt: 13.0,
            signature_pt: 14.0,
            recipients_head_pt: 14.0,
            recipients_pt: 12.0,
            page_number_pt: 14.0,
            line_pt: 18.0,
            paragraph_gap_pt: 6.0,
            first_line_mm: 10.0,
            number_gap_mm: 12.0,
            day_gap_mm: 8.0,
            seal_mm: 30.0,
            signature_mm: 22.0,
            rule_share_percent: 40.0,
            title: "ĐẢNG CỘNG SẢN VIỆT NAM".to_owned(),
            motto: None,
            issuer_mark: Some("*".to_owned()),
            subject_mark: Some("-----".to_owned()),
            number_word: "Số".to_owned(),
            day_line: DayLine::UnderTitle,
            letter_word: String::new(),
            letter_italic: true,
            basis_mark: "-".to_owned(),
            basis_italic: false,
            label_bold: false,
            label_capitals: true,
            section_centred: false,
            end_mark: ".".to_owned(),
            addressees_word: "Kính gửi:".to_owned(),
            recipients_word: "Nơi nhận:".to_owned(),
            recipients_underlined: true,
            recipients_separator: ",".to_owned(),
            post_bold: false,
            signs: SignWords {
                on_behalf: Some("T/M".to_owned()),
                by_order: Some("T/L".to_owned()),
                for_head: None,
                by_power: None,
                acting: None,
            },
        }
    }

    /// The same, closer: for a paper of which little would stand on a second page. Sizes, margins and the distance
    /// of lines stay; paragraphs and the room to sign come closer.
    pub(crate) fn close(&self) -> Self {
        Self {
            paragraph_gap_pt: self.paragraph_gap_pt.min(2.0),
            signature_mm: self.signature_mm.min(16.0),
            ..self.clone()
        }
    }

    /// The layout of administrative papers of the state, chưa kiểm chứng: figures within the ranges of decree
    /// 30/2020/NĐ-CP, annex I, part I (margins I.3, sizes V, indent and spacing II.6e). The annex gives no exact
    /// line spacing (single to 1.5 lines) and no heights for seal and gaps: those are ours.
    pub fn state() -> Self {
        Self {
            basis: Basis {
                source: "30/2020/NĐ-CP (05/3/2020)".to_owned(),
                is_confirmed: false,
            },
            issuer_share_percent: 42.0,
            issuer_pt: 12.0,
            title_pt: 12.0,
            motto_pt: 13.0,
            symbol_pt: 13.0,
            day_pt: 13.0,
            kind_pt: 14.0,
            recipients_head_pt: 12.0,
            recipients_pt: 11.0,
            page_number_pt: 13.0,
            title: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM".to_owned(),
            motto: Some("Độc lập - Tự do - Hạnh phúc".to_owned()),
            issuer_mark: None,
            subject_mark: None,
            number_word: "Số:".to_owned(),
            day_line: DayLine::BesideSymbol,
            letter_word: "V/v".to_owned(),
            letter_italic: false,
            basis_mark: String::new(),
            basis_italic: true,
            label_bold: true,
            label_capitals: false,
            section_centred: true,
            end_mark: "./.".to_owned(),
            recipients_underlined: false,
            recipients_separator: ";".to_owned(),
            post_bold: true,
            signs: SignWords {
                on_behalf: Some("TM.".to_owned()),
                by_order: Some("TL.".to_owned()),
                for_head: Some("KT.".to_owned()),
                by_power: Some("TUQ.".to_owned()),
                acting: Some("Q.".to_owned()),
            },
            ..Self::party()
        }
    }

    /// The word before the post of who signs in this capacity; empty for the holder.
    ///
    /// # Errors
    /// [`Error::NoSignWord`] where the layout knows none.
    pub(crate) fn sign_word(&self, capacity: Capacity) -> Result<&str> {
        let word = match capacity {
            Capacity::Holder => return Ok(""),
            Capacity::OnBehalf => &self.signs.on_behalf,
            Capacity::ByOrder => &self.signs.by_order,
            Capacity::ForHead => &self.signs.for_head,
            Capacity::ByPower => &self.signs.by_power,
            Capacity::Acting => &self.signs.acting,
        };
        word.as_deref().ok_or_else(|| Error::NoSignWord {
            layout: self.basis.source.clone(),
            capacity,
        })
    }

    /// Refuses figures with which no page can be made.
    ///
    /// # Errors
    /// [`Error::Layout`] with the first figure out of range.
    pub(crate) fn check(&self) -> Result<()> {
        let sizes = (6.0, 72.0);
        let space = (0.0, 100.0);
        let figures = [
            ("page_width_mm", self.page_width_mm, (90.0, 900.0)),
            ("page_height_mm", self.page_height_mm, (90.0, 1300.0)),
            ("margin_top_mm", self.margin_top_mm, space),
            ("margin_bottom_mm", self.margin_bottom_mm, space),
            ("margin_left_mm", self.margin_left_mm, space),
            ("margin_right_mm", self.margin_right_mm, space),
            (
                "issuer_share_percent",
                self.issuer_share_percent,
                (20.0, 80.0),
            ),
            ("issuer_pt", self.issuer_pt, sizes),
            ("title_pt", self.title_pt, sizes),
            ("motto_pt", self.motto_pt, sizes),
            ("symbol_pt", self.symbol_pt, sizes),
            ("day_pt", self.day_pt, sizes),
            ("kind_pt", self.kind_pt, sizes),
            ("subject_pt", self.subject_pt, sizes),
            ("letter_subject_pt", self.letter_subject_pt, sizes),
            ("body_pt", self.body_pt, sizes),
            ("table_pt", self.table_pt, sizes),
            ("signature_pt", self.signature_pt, sizes),
            ("recipients_head_pt", self.recipients_head_pt, sizes),
            ("recipients_pt", self.recipients_pt, sizes),
            ("page_number_pt", self.page_number_pt, sizes),
            (
                "line_pt",
                self.line_pt,
                (self.body_pt, self.body_pt.max(6.0) * 3.0),
            ),
            ("paragraph_gap_pt", self.paragraph_gap_pt, (0.0, 72.0)),
            ("first_line_mm", self.first_line_mm, (0.0, 50.0)),
            ("number_gap_mm", self.number_gap_mm, (0.0, 50.0)),
            ("day_gap_mm", self.day_gap_mm, (0.0, 50.0)),
            ("seal_mm", self.seal_mm, space),
            ("signature_mm", self.signature_mm, space),
            ("rule_share_percent", self.rule_share_percent, (0.0, 100.0)),
            (
                "page_width_mm less its margins",
                self.page_width_mm - self.margin_left_mm - self.margin_right_mm,
                (60.0, 900.0),
            ),
            (
                "page_height_mm less its margins",
                self.page_height_mm - self.margin_top_mm - self.margin_bottom_mm,
                (60.0, 1300.0),
            ),
        ];
        for (figure, value, (least, most)) in figures {
            // Also false for a value that is no number.
            if !(least..=most).contains(&value) {
                return Err(Error::Layout {
                    figure,
                    value,
                    least,
                    most,
                });
            }
        }
        Ok(())
    }
}
