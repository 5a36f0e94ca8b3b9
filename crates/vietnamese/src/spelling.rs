//! Is this run of letters a Vietnamese syllable? Evidence for recognising legacy encodings.
//!
//! Knows the initials and rhymes of the written language, not its words. Private: a person's spelling is
//! never judged with it. Surprising rule: the strict reading also asks that a syllable closed by c, ch, p, t
//! carries sắc or nặng, which throws out most accidental syllables of other languages.

use crate::tone::{Tone, Vowel};

const INITIALS: [&str; 27] = [
    "ngh", "ng", "gh", "gi", "kh", "nh", "ph", "qu", "th", "tr", "ch", "b", "c", "d", "đ", "g",
    "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x",
];

/// Rhymes without their tone.
const RHYMES: &str = " a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt \
    â âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu \
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet \
    oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ôông ơ ơi ơm ơn ơp ơt \
    u ua uân uâng uât uây uc uê uêch uênh uêt ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya \
    uych uyên uyêt uynh uyn uyp uyt uyu ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu \
    y yêm yên yêng yêt yêu ych yn ynh yp yt ";

/// Capitals as people write them: none, the first letter, or all.
fn has_usual_case(word: &str) -> bool {
    let uppers = word.chars().filter(|c| c.is_uppercase()).count();
    uppers == 0
        || (uppers == 1 && word.starts_with(char::is_uppercase))
        || uppers == word.chars().filter(|c| c.is_alphabetic()).count()
}

/// Is the word one syllable by the rules of the script? `strict` also checks the tone before a stop.
pub(crate) fn is_syllable(word: &str, strict: bool) -> bool {
    if word.len() > 24 || !has_usual_case(word) {
        return false;
    }
    let mut bare = String::with_capacity(word.len());
    let mut tone = Tone::Level;
    for c in word.chars() {
        match Vowel::read(c) {
            Some(vowel) => {
                if vowel.tone != Tone::Level {
                    if tone != Tone::Level {
                        return false;
                    }
                    tone = vowel.tone;
                }
                bare.push(vowel.quality());
            }
            None if matches!(c, 'đ' | 'Đ') => bare.push('đ'),
            None if c.is_ascii_alphabetic() => bare.push(c.to_ascii_lowercase()),
            None => return false,
        }
    }
    let stopped = ["c", "ch", "p", "t"]
        .iter()
        .any(|stop| bare.ends_with(stop));
    if strict && stopped && !matches!(tone, Tone::Rising | Tone::Heavy) {
        return false;
    }
    let is_rhyme = |rhyme: &str| {
        !rhyme.is_empty()
            && RHYMES.match_indices(rhyme).any(|(at, _)| {
                let before = RHYMES.get(..at).is_some_and(|s| s.ends_with(' '));
                let after = RHYMES
                    .get(at + rhyme.len()..)
                    .is_some_and(|s| s.starts_with(' '));
                before && after
            })
    };
    is_rhyme(&bare)
        || INITIALS
            .iter()
            .filter_map(|initial| bare.strip_prefix(initial))
            .any(is_rhyme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_syllables_are_known() {
        for word in
            "Nguyễn nghiêng quốc quyền giếng gì gìn giặt khuỷu ngoằn ngoèo ươm ương yêu ỷ ủy Đảng \
            THƯỜNG khoẻ quýt xoong trường phố quê thuở huỳnh tuyết quặng quít"
                .split_whitespace()
        {
            assert!(is_syllable(word, true), "{word}");
        }
    }

    #[test]
    fn other_languages_are_not() {
        for word in "Nguy¤n ThÞ HuyÒn été école très Mädchen año tôt goût ngg kết¤ ấấ a1 maïs sp"
            .split_whitespace()
        {
            assert!(!is_syllable(word, true), "{word}");
        }
        assert!(is_syllable("tôt", false));
    }
}
