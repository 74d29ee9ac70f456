//! A letter with colours of its own, in a dark room: each colour is turned by [`colour`](super::colour), with what it
//! stands on. Images are left as they are.
//!
//! It goes along with the [rewriting](super::rewrite) of sanitised HTML, in which every element that is opened is closed
//! again, and so knows for every element what lies behind it.

use super::colour::{self, DARK_GROUND, DARK_INK, LIGHT_INK, Rgb, WHITE, Written};
use super::style;
use super::tokens::{Attributes, is_void};

/// What a piece of the letter is written with and on, as sent and in the dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Surface {
    ink_sent: Rgb,
    ink: Rgb,
    ground_sent: Rgb,
    ground: Rgb,
}

const PAGE: Surface = Surface { ink_sent: LIGHT_INK, ink: DARK_INK, ground_sent: WHITE, ground: DARK_GROUND };

/// The colours of the elements that are open.
#[derive(Debug, Default)]
pub(crate) struct Dark {
    open: Vec<Surface>,
}

impl Dark {
    /// Turns the colours of an element that is opened.
    pub fn open(&mut self, name: &str, attributes: &mut Attributes) {
        let behind = self.open.last().copied().unwrap_or(PAGE);
        let surface = turn(name, behind, attributes);
        if !is_void(name) {
            self.open.push(surface);
        }
    }

    /// An element is closed.
    pub fn close(&mut self) {
        self.open.pop();
    }
}

fn turn(name: &str, behind: Surface, attributes: &mut Attributes) -> Surface {
    let styled = attributes.remove("style").unwrap_or_default();
    let mut ground = attributes.remove("bgcolor").and_then(|colour| colour::parse_attribute(&colour));
    let mut ink =
        attributes.remove("color").filter(|_| name == "font").and_then(|colour| colour::parse_attribute(&colour));
    let mut kept: Vec<String> = Vec::new();
    for (property, value) in style::declarations(&styled) {
        match property {
            "background" | "background-color" => ground = ground_of(value).or(ground),
            "color" => ink = colour::parse(value).or(ink),
            _ if property.starts_with("border") => kept.push(format!("{property}:{}", with_dark_lines(value))),
            _ => kept.push(format!("{property}:{value}")),
        }
    }
    let surface = surface(behind, ground, ink);
    if surface.ground != behind.ground {
        kept.push(format!("background-color:{}", surface.ground.css()));
    }
    if surface.ink != behind.ink || ink.is_some() {
        kept.push(format!("color:{}", surface.ink.css()));
    }
    if !kept.is_empty() {
        attributes.set("style", kept.join(";"));
    }
    surface
}

fn surface(behind: Surface, ground: Option<Written>, ink: Option<Written>) -> Surface {
    let ground = ground.filter(|ground| !ground.is_clear());
    let ground_sent = ground.map_or(behind.ground_sent, |ground| ground.over(behind.ground_sent));
    let ground = if ground.is_some() { colour::dark_ground(ground_sent) } else { behind.ground };
    let ink_sent = ink.map_or(behind.ink_sent, |ink| ink.over(ground_sent));
    let is_as_behind = ink.is_none() && ground == behind.ground;
    let ink = if is_as_behind { behind.ink } else { colour::dark_ink(ink_sent, ground_sent, ground) };
    Surface { ink_sent, ink, ground_sent, ground }
}

/// The colour in the value of a background.
fn ground_of(value: &str) -> Option<Written> {
    words(value).find_map(colour::parse)
}

fn with_dark_lines(value: &str) -> String {
    let turned = words(value).map(|word| match colour::parse(word) {
        Some(line) if !line.is_clear() => colour::dark_line(line.over(WHITE)).css(),
        _ => word.to_owned(),
    });
    turned.collect::<Vec<_>>().join(" ")
}

/// The words of a value; what stands in parentheses is part of the word.
fn words(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    value
        .split(move |c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && c.is_whitespace()
        })
        .filter(|word| !word.is_empty())
}

/// What an element says of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Says {
    /// Nothing.
    Nothing,
    /// Some, which can be turned.
    Colours,
    /// A ground that is no single colour: it stays on a light page.
    Pattern,
}

/// What the attributes of an element say of colours.
pub(crate) fn says(name: &str, attributes: &Attributes) -> Says {
    let styled = attributes.get("style").unwrap_or_default();
    let of_style = style::declarations(styled).map(|(property, value)| match property {
        "background" | "background-color" if value.contains("gradient") => Says::Pattern,
        "background" | "background-color" => match ground_of(value) {
            Some(ground) if !ground.is_clear() => Says::Colours,
            _ => Says::Nothing,
        },
        "color" if colour::parse(value).is_some() => Says::Colours,
        _ => Says::Nothing,
    });
    let of_attributes = attributes.get("bgcolor").is_some() || (name == "font" && attributes.get("color").is_some());
    of_style.max().unwrap_or(Says::Nothing).max(if of_attributes { Says::Colours } else { Says::Nothing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Attributes {
        let mut attributes = Attributes::default();
        for (name, value) in pairs {
            attributes.set(name, *value);
        }
        attributes
    }

    fn opened(dark: &mut Dark, name: &str, style: &str) -> String {
        let mut given = attributes(&[("style", style)]);
        dark.open(name, &mut given);
        given.get("style").unwrap_or_default().to_owned()
    }

    #[test]
    fn colours_are_turned_with_what_they_stand_on() {
        let mut dark = Dark::default();
        assert_eq!(opened(&mut dark, "div", "background-color:#ffffff;padding:4px"), "padding:4px");
        assert_eq!(opened(&mut dark, "p", "font-size:12px"), "font-size:12px");
        let black = opened(&mut dark, "span", "color:#000");
        assert!(black.starts_with("color:#e"), "{black}");
        dark.close();
        let button = opened(&mut dark, "a", "background:navy;color:white");
        assert_eq!(button, "background-color:#000080;color:#ffffff");
        dark.close();
        let yellow = opened(&mut dark, "td", "background:#ffffcc");
        assert!(yellow.starts_with("background-color:#2") && yellow.contains(";color:#c"), "{yellow}");
    }

    #[test]
    fn ink_that_is_inherited_is_said_again_on_another_ground() {
        let mut dark = Dark::default();
        let white_on_navy = opened(&mut dark, "div", "color:white;background:navy");
        assert!(white_on_navy.ends_with("color:#ffffff"));
        // As sent this would not have been seen.
        let hidden = opened(&mut dark, "div", "background:white");
        assert_eq!(hidden, "background-color:#1b1e22;color:#1b1e22");
    }

    #[test]
    fn attributes_of_old_count_as_styles() {
        let mut dark = Dark::default();
        let mut cell = attributes(&[("bgcolor", "eeeeee")]);
        dark.open("td", &mut cell);
        assert!(cell.get("bgcolor").is_none());
        assert!(cell.get("style").unwrap().starts_with("background-color:#2"), "{cell:?}");
        let mut font = attributes(&[("color", "red"), ("face", "Arial")]);
        dark.open("font", &mut font);
        assert!(font.get("style").unwrap().starts_with("color:#"), "{font:?}");
        assert_eq!(font.get("face"), Some("Arial"));
    }

    #[test]
    fn lines_are_turned_in_place() {
        assert_eq!(with_dark_lines("1px solid transparent"), "1px solid transparent");
        let turned = with_dark_lines("1px solid rgb(221, 221, 221)");
        assert!(turned.starts_with("1px solid #") && !turned.contains('('), "{turned}");
    }

    #[test]
    fn a_pattern_is_told_from_a_colour() {
        let table = [
            ("", Says::Nothing),
            ("font-size:12px", Says::Nothing),
            ("background:transparent;color:inherit", Says::Nothing),
            ("background:none", Says::Nothing),
            ("color:#000", Says::Colours),
            ("background:#fff", Says::Colours),
            ("background:linear-gradient(red,blue);color:#fff", Says::Pattern),
        ];
        for (style, expected) in table {
            assert_eq!(says("p", &attributes(&[("style", style)])), expected, "{style}");
        }
        assert_eq!(says("td", &attributes(&[("bgcolor", "#fff")])), Says::Colours);
    }
}
