//! How a visitor wants the page: language, theme, size of type. Kept in a cookie and, for members,
//! with the account, so that it holds without a script.

/// A language of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi = 0,
    /// English.
    En = 1,
}

impl Lang {
    /// `vi` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }
}

/// Light, dark, high contrast, or as the device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device says.
    #[default]
    Device,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast.
    Contrast,
}

/// Size of the body text: 18, 21 or 25 px.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// 18 px.
    #[default]
    Normal,
    /// 21 px.
    Large,
    /// 25 px.
    Largest,
}

/// The three together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Language.
    pub lang: Lang,
    /// Ground and contrast.
    pub theme: Theme,
    /// Size of type.
    pub size: Size,
}

/// The cookie's name.
pub const COOKIE: &str = "sotay_look";

impl Look {
    /// Reads `vi.dark.large`; parts that are not known are as by default.
    pub fn read(text: &str) -> Look {
        let mut look = Look::default();
        for part in text.split('.') {
            match part {
                "vi" => look.lang = Lang::Vi,
                "en" => look.lang = Lang::En,
                "light" => look.theme = Theme::Light,
                "dark" => look.theme = Theme::Dark,
                "contrast" => look.theme = Theme::Contrast,
                "large" => look.size = Size::Large,
                "largest" => look.size = Size::Largest,
                _ => {}
            }
        }
        look
    }
    /// The text that [`Look::read`] reads.
    pub fn text(self) -> String {
        format!(
            "{}.{}.{}",
            self.lang.code(),
            self.theme_name(),
            self.size_name()
        )
    }
    /// `device`, `light`, `dark` or `contrast`.
    pub fn theme_name(self) -> &'static str {
        match self.theme {
            Theme::Device => "device",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Contrast => "contrast",
        }
    }
    /// `normal`, `large` or `largest`.
    pub fn size_name(self) -> &'static str {
        match self.size {
            Size::Normal => "normal",
            Size::Large => "large",
            Size::Largest => "largest",
        }
    }
    /// The attributes of the page's root element.
    pub fn attributes(self) -> String {
        let mut out = format!("lang=\"{}\"", self.lang.code());
        if self.theme != Theme::Device {
            out.push_str(&format!(" data-theme=\"{}\"", self.theme_name()));
        }
        if self.size != Size::Normal {
            out.push_str(&format!(" data-size=\"{}\"", self.size_name()));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_survives_its_cookie() {
        let look = Look {
            lang: Lang::En,
            theme: Theme::Contrast,
            size: Size::Largest,
        };
        assert_eq!(Look::read(&look.text()), look);
        assert_eq!(Look::read("<script>"), Look::default());
        assert_eq!(
            look.attributes(),
            "lang=\"en\" data-theme=\"contrast\" data-size=\"largest\""
        );
    }
}
