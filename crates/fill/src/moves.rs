//! Where the rows of a sheet go when some of them repeat or vanish.
//!
//! Pure arithmetic over row numbers. Not here: finding references (`formula`), bytes (`book`).
//! Surprise: a range that ends in a repeated row grows to its last copy, a single cell stays on
//! the first, and inside a copy a reference to its own rows follows the copy unless `$` holds it.

use std::cell::Cell;

use crate::formula::{Corner, LAST_ROW, Part, Reference};

/// Neighbouring rows and how often they will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) first: u32,
    pub(crate) rows: u32,
    pub(crate) copies: u32,
}

impl Moved {
    fn last(self) -> u32 {
        self.first + self.rows - 1
    }
    fn growth(self) -> i64 {
        (i64::from(self.copies) - 1) * i64::from(self.rows)
    }
}

/// One copy of repeated rows, from which a formula looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) first: u32,
    pub(crate) rows: u32,
    pub(crate) number: u32,
}

/// All moves of one sheet.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// Those that do not stand just once, in order, and how far all up to each push.
    blocks: Vec<(Moved, i64)>,
    /// Set when a reference had nothing left to point at.
    pub(crate) lost: Cell<bool>,
}

impl Moves {
    pub(crate) fn new(mut blocks: Vec<Moved>) -> Moves {
        blocks.retain(|block| block.copies != 1);
        blocks.sort_by_key(|block| block.first);
        let mut sum = 0;
        let with_sum = |block: Moved| {
            sum += block.growth();
            (block, sum)
        };
        Moves {
            blocks: blocks.into_iter().map(with_sum).collect(),
            lost: Cell::new(false),
        }
    }

    pub(crate) fn is_still(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The first row that does not stand just once.
    pub(crate) fn first(&self) -> Option<u32> {
        self.blocks.first().map(|(block, _)| block.first)
    }

    /// Blocks that share a row with these rows.
    pub(crate) fn touching(&self, first: u32, last: u32) -> impl Iterator<Item = &Moved> {
        let from = self.blocks.partition_point(|(b, _)| b.last() < first);
        self.blocks
            .get(from..)
            .unwrap_or_default()
            .iter()
            .map(|(block, _)| block)
            .take_while(move |block| block.first <= last)
    }

    fn block(&self, row: u32) -> Option<Moved> {
        self.touching(row, row).next().copied()
    }

    /// How far a row goes that does not repeat, or the first copy of one that does.
    fn by(&self, row: u32) -> i64 {
        let above = self.blocks.partition_point(|(b, _)| b.last() < row);
        above
            .checked_sub(1)
            .and_then(|at| self.blocks.get(at))
            .map_or(0, |(_, sum)| *sum)
    }

    /// The new number of a row; of the first copy when it repeats.
    pub(crate) fn row(&self, row: u32) -> u32 {
        u32::try_from(i64::from(row) + self.by(row)).unwrap_or(row)
    }

    /// The number of a row in a later copy.
    pub(crate) fn row_in(&self, row: u32, copy: Copy) -> u32 {
        self.row(row) + copy.number * copy.rows
    }

    /// The last copy of a row.
    pub(crate) fn last_row(&self, row: u32) -> u32 {
        let growth = self.block(row).map_or(0, Moved::growth);
        u32::try_from(i64::from(self.row(row)) + growth).unwrap_or(row)
    }

    /// Rows from `first` to `last`; none when all of them vanish.
    pub(crate) fn span(&self, first: u32, last: u32) -> Option<(u32, u32)> {
        let from = match self.block(first) {
            Some(block) if block.copies == 0 => self.row(block.first),
            _ => self.row(first),
        };
        let to = match self.block(last) {
            Some(block) if block.copies == 0 => self.row(block.first).checked_sub(1)?,
            _ => self.last_row(last),
        };
        (from <= to).then_some((from, to))
    }

    /// What a reference becomes: seen from a copy of a row of this sheet, or from elsewhere.
    /// With `spread`, one cell stands for all its copies.
    pub(crate) fn reference(
        &self,
        reference: Reference,
        from: Option<Copy>,
        spread: bool,
    ) -> Option<Reference> {
        let found = self.find(reference, from, spread);
        if found.is_none() {
            self.lost.set(true);
        }
        found
    }

    fn find(&self, reference: Reference, from: Option<Copy>, spread: bool) -> Option<Reference> {
        let Some(first) = reference.first.row else {
            return Some(reference);
        };
        let last = reference.last.and_then(|corner| corner.row);
        let own = |part: Part| {
            from.filter(|copy| {
                !part.is_held && (copy.first..copy.first + copy.rows).contains(&part.number)
            })
        };
        let with = |corner: Corner, number: u32| Corner {
            row: corner.row.map(|part| Part { number, ..part }),
            ..corner
        };
        let is_inside = own(first).is_some() || last.is_some_and(|last| own(last).is_some());
        if is_inside {
            let place = |part: Part| match own(part) {
                Some(copy) => self.row_in(part.number, copy),
                None => self.row(part.number),
            };
            return Some(Reference {
                first: with(reference.first, place(first)),
                last: reference
                    .last
                    .zip(last)
                    .map(|(corner, part)| with(corner, place(part))),
            });
        }
        match (reference.last, last) {
            (Some(corner), Some(last)) => {
                let (low, high) = (first.number.min(last.number), first.number.max(last.number));
                // Whole columns written as rows stay whole.
                if low == 1 && high == LAST_ROW {
                    return Some(reference);
                }
                let (a, b) = self.span(low, high)?;
                Some(Reference {
                    first: with(reference.first, a),
                    last: Some(with(corner, b)),
                })
            }
            _ => {
                let (a, b) = self.span(first.number, first.number)?;
                Some(Reference {
                    first: with(reference.first, a),
                    last: (spread && a < b).then(|| with(reference.first, b)),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::rewrite;

    fn moves(copies: u32) -> Moves {
        Moves::new(vec![Moved {
            first: 5,
            rows: 1,
            copies,
        }])
    }

    fn told(moves: &Moves, from: Option<Copy>, formula: &str) -> String {
        rewrite(formula, &mut |seen, reference| {
            moves.reference(reference, from, seen.is_summed)
        })
    }

    #[test]
    fn a_total_grows_and_rows_below_move() {
        let moves = moves(4);
        assert_eq!(told(&moves, None, "SUM(C5:C5)+A4+A6"), "SUM(C5:C8)+A4+A9");
        assert_eq!(told(&moves, None, "SUM(C5)+C5"), "SUM(C5:C8)+C5");
        assert_eq!(told(&moves, None, "SUM($C$2:$C$6)"), "SUM($C$2:$C$9)");
        assert_eq!(told(&moves, None, "A:A+5:5"), "A:A+5:8");
    }

    #[test]
    fn a_formula_in_a_copy_looks_at_its_own_row() {
        let moves = moves(4);
        let copy = Some(Copy {
            first: 5,
            rows: 1,
            number: 2,
        });
        assert_eq!(told(&moves, copy, "C5*D5+$B$2+B2"), "C7*D7+$B$2+B2");
        assert_eq!(told(&moves, copy, "SUM(D$5:D5)"), "SUM(D$5:D7)");
        assert_eq!(told(&moves, copy, "D5/D6"), "D7/D9");
    }

    #[test]
    fn an_empty_list_takes_its_row_out_of_a_range_and_says_when_nothing_is_left() {
        let moves = moves(0);
        assert_eq!(
            told(&moves, None, "SUM(C4:C5)+SUM(C5:C6)"),
            "SUM(C4:C4)+SUM(C5:C5)"
        );
        assert!(!moves.lost.get());
        assert_eq!(told(&moves, None, "SUM(C5:C5)"), "SUM(#REF!)");
        assert!(moves.lost.get());
    }

    #[test]
    fn two_repeated_rows_grow_together() {
        let moves = Moves::new(vec![
            Moved {
                first: 2,
                rows: 2,
                copies: 3,
            },
            Moved {
                first: 6,
                rows: 1,
                copies: 0,
            },
        ]);
        assert_eq!(moves.row(1), 1);
        assert_eq!(moves.row(4), 8);
        assert_eq!(moves.row(7), 10);
        assert_eq!(moves.span(2, 7), Some((2, 10)));
    }
}
