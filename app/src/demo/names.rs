//! Invented names: family, middle and given, drawn by weight.

use kernel::Dice;
use kernel::error::{Error, Result};

/// The lists of `demo/names.toml`.
#[derive(serde::Deserialize)]
pub(super) struct Names {
    family: Vec<String>,
    family_weight: Vec<u64>,
    middle_female: Vec<String>,
    middle_male: Vec<String>,
    given_female: Vec<String>,
    given_male: Vec<String>,
}

fn one<'a>(list: &'a [String], dice: &Dice) -> &'a str {
    let at = usize::try_from(dice.below(list.len() as u64)).unwrap_or(0);
    list.get(at).map_or("An", String::as_str)
}

impl Names {
    /// Reads the lists.
    pub(super) fn read() -> Result<Self> {
        toml::from_str(&super::text_of("names.toml")?).map_err(Error::fault)
    }
    /// A name and a sex.
    pub(super) fn draw(&self, dice: &Dice) -> (String, &'static str) {
        let mut at = dice.below(self.family_weight.iter().sum());
        let mut family = "Nguyễn";
        for (name, weight) in self.family.iter().zip(&self.family_weight) {
            if at < *weight {
                family = name;
                break;
            }
            at -= weight;
        }
        let (middle, given, sex) = if dice.below(2) == 0 {
            (
                one(&self.middle_female, dice),
                one(&self.given_female, dice),
                "female",
            )
        } else {
            (
                one(&self.middle_male, dice),
                one(&self.given_male, dice),
                "male",
            )
        };
        (format!("{family} {middle} {given}"), sex)
    }
}
