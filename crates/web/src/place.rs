//! Places of the menus: each room brings its own; the frame marks where the visitor is.
//!
//! Not here: who may come to a page (its route and its room decide); a place that the visitor may not
//! enter is only left out. The rule that surprises: the bar of a telephone shows the first five places
//! of [`Menu::Bar`]; a tool marks the place it belongs to there.

use kernel::Cap;

/// Which menu a place stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// The main places: side bar, and the bar of a telephone.
    Bar,
    /// Tools, below the main places.
    Tools,
}

/// A place that can be gone to from everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub to: &'static str,
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// Key of its word.
    pub text: &'static str,
    /// Which menu.
    pub menu: Menu,
    /// Sorts the places of a menu.
    pub order: i64,
    /// Addresses below which the visitor is there, besides its own.
    pub under: &'static [&'static str],
    /// Address of the main place that a tool belongs to; empty for none.
    pub within: &'static str,
    /// Key of the sentence that says on the help page what it is good for; empty: not named there.
    pub help: &'static str,
    /// Shown to whoever holds one of these somewhere; to every member when empty.
    pub needs: &'static [Cap],
    /// Says how much the member has not read ([`crate::SignedIn::unread`]), also at the top of a telephone.
    pub counts: bool,
}

impl Place {
    /// A main place for every member.
    pub const fn bar(
        to: &'static str,
        icon: &'static str,
        text: &'static str,
        order: i64,
    ) -> Place {
        Place {
            to,
            icon,
            text,
            menu: Menu::Bar,
            order,
            under: &[],
            within: "",
            help: "",
            needs: &[],
            counts: false,
        }
    }
    /// A tool for every member.
    pub const fn tool(
        to: &'static str,
        icon: &'static str,
        text: &'static str,
        order: i64,
    ) -> Place {
        Place {
            menu: Menu::Tools,
            ..Place::bar(to, icon, text, order)
        }
    }
    /// Also there below these addresses.
    pub const fn under(self, under: &'static [&'static str]) -> Place {
        Place { under, ..self }
    }
    /// Belongs to that main place.
    pub const fn within(self, within: &'static str) -> Place {
        Place { within, ..self }
    }
    /// Named on the help page with that sentence.
    pub const fn helps(self, help: &'static str) -> Place {
        Place { help, ..self }
    }
    /// Only for whoever holds one of these somewhere.
    pub const fn needs(self, needs: &'static [Cap]) -> Place {
        Place { needs, ..self }
    }
    /// With the number of what is unread.
    pub const fn counts(self) -> Place {
        Place {
            counts: true,
            ..self
        }
    }
    /// Whether a path lies at or below the place.
    pub fn holds(&self, path: &str) -> bool {
        let below = |top: &str| {
            path == top
                || (top != "/"
                    && path
                        .strip_prefix(top)
                        .is_some_and(|rest| rest.starts_with('/')))
        };
        below(self.to) || self.under.iter().any(|top| below(top))
    }
}

/// A place as a menu draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceLink {
    /// Address.
    pub to: &'static str,
    /// Icon name.
    pub icon: &'static str,
    /// Its word.
    pub label: String,
    /// What it is good for; empty when the help page does not name it.
    pub help: String,
    /// Whether the visitor is there.
    pub here: bool,
    /// How much is unread there; 0 for a place that does not count.
    pub unread: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_what_lies_below_it_and_no_namesake() {
        let place = Place::bar("/documents", "doc", "x", 1).under(&["/search"]);
        for here in ["/documents", "/documents/1", "/search"] {
            assert!(place.holds(here), "{here}");
        }
        for there in ["/documents-old", "/searching", "/", "/docu"] {
            assert!(!place.holds(there), "{there}");
        }
        assert!(!Place::tool("/", "news", "x", 1).holds("/today"));
    }
}
