//! Widths of letters that a font gives for a run of them: `first last width`.
//!
//! `pdf-extract` 0.12 takes the first number for the last one, so such a letter has the font's default width, which is
//! 0 in what browsers print: the second of two equal letters then stands on the first and is taken for bold made by
//! printing twice ("10 tháng 11" became "10 tháng 1"). Each run is written here as the list that it stands for, which
//! the reader understands. Not here: what a letter's width is used for (`pdf`).

use pdf_extract::{Document, Object, ObjectId};

/// A font has at most so many letters; a run that claims more is left as it is.
const MOST: i64 = 65_536;

/// Writes every run of widths as a list.
pub(super) fn spread(document: &mut Document) {
    let mut apart: Vec<ObjectId> = Vec::new();
    for object in document.objects.values_mut() {
        let Ok(font) = object.as_dict_mut() else {
            continue; // no font
        };
        match font.get_mut(b"W") {
            Ok(Object::Array(widths)) => spread_in(widths),
            Ok(Object::Reference(id)) => apart.push(*id),
            Ok(_) | Err(_) => {} // a word of something else, or none
        }
    }
    for id in apart {
        if let Some(Object::Array(widths)) = document.objects.get_mut(&id) {
            spread_in(widths);
        }
    }
}

fn spread_in(widths: &mut Vec<Object>) {
    let mut out = Vec::with_capacity(widths.len());
    let mut rest = widths.as_slice();
    let mut letters = 0;
    loop {
        match rest {
            [] => break,
            [first, list @ Object::Array(_), after @ ..] => {
                out.extend([first.clone(), list.clone()]);
                rest = after;
            }
            [first, last, width, after @ ..] => {
                let (Ok(from), Ok(to)) = (first.as_i64(), last.as_i64()) else {
                    return; // nobody knows what was meant
                };
                letters += to.saturating_sub(from).saturating_add(1).max(0);
                let is_width = matches!(width, Object::Integer(_) | Object::Real(_));
                if !is_width || from > to || letters > MOST {
                    return;
                }
                let list = (from..=to).map(|_| width.clone()).collect();
                out.extend([first.clone(), Object::Array(list)]);
                rest = after;
            }
            _ => return,
        }
    }
    *widths = out;
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdf_extract::dictionary;

    fn spread_of(widths: Vec<Object>) -> Vec<Object> {
        let mut document = Document::with_version("1.5");
        let list = document.add_object(Object::Array(widths.clone()));
        document.add_object(dictionary! { "Type" => "Font", "W" => list });
        let own = document.add_object(dictionary! { "Type" => "Font", "W" => widths });
        spread(&mut document);
        let inside = document.get_dictionary(own).unwrap().get(b"W").unwrap();
        let inside = inside.as_array().unwrap().clone();
        let apart = document.get_object(list).unwrap().as_array().unwrap();
        assert_eq!(&inside, apart, "also where the list stands apart");
        inside
    }

    #[test]
    fn a_run_of_letters_becomes_the_list_it_stands_for() {
        let list = Object::Array(vec![600.into(), 700.into()]);
        let spread = spread_of(vec![3.into(), 5.into(), 500.into(), 9.into(), list.clone()]);
        let three = Object::Array(vec![500.into(), 500.into(), 500.into()]);
        assert_eq!(spread, [3.into(), three, 9.into(), list]);
    }

    #[test]
    fn what_is_no_run_stays_as_it_was() {
        let odd: [Vec<Object>; 5] = [
            vec![3.into(), 5.into()],
            vec![5.into(), 3.into(), 500.into()],
            vec![0.into(), 9_000_000.into(), 500.into()],
            vec![i64::MIN.into(), i64::MAX.into(), 500.into()],
            vec![3.into(), 5.into(), Object::Null],
        ];
        for widths in odd {
            assert_eq!(spread_of(widths.clone()), widths);
        }
    }
}
