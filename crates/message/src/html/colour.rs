//! Colours as letters write them, and what they become in a dark room.
//!
//! | as sent | in the dark |
//! |---|---|
//! | a light ground | as dark as it was light; white becomes the page itself |
//! | a dark ground | as it is |
//! | ink on it | of the same hue, and so light that it stands off its ground as it did, within what reads well |
//! | ink that could not be seen (preview text) | still not to be seen |
//! | a line | its lightness turned round |
//!
//! Lightness is that of Oklab, in which equal steps look equal; contrast is that of WCAG 2. The same colours always give
//! the same result.

/// An opaque colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rgb(pub u8, pub u8, pub u8);

/// A colour as written: it may let through what is behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Written {
    colour: Rgb,
    /// From 0, which cannot be seen, to 1.
    opacity: f64,
}

/// The ground of the page in the dark: that of the style sheet.
pub(crate) const DARK_GROUND: Rgb = Rgb(0x1b, 0x1e, 0x22);
/// The ink of the page in the dark: that of the style sheet.
pub(crate) const DARK_INK: Rgb = Rgb(0xe4, 0xe7, 0xea);
pub(crate) const WHITE: Rgb = Rgb(255, 255, 255);
/// The ink of the page in the light: that of the style sheet.
pub(crate) const LIGHT_INK: Rgb = Rgb(0x1d, 0x21, 0x26);

/// Grounds lighter than this are turned round.
const LIGHT: f64 = 0.45;
/// How much of the way from white a light ground keeps below the page.
const SPREAD: f64 = 0.4;
/// Below this contrast ink is meant not to be seen.
const UNSEEN: f64 = 1.25;
/// The contrast that every ink gets, and the most that any needs.
const READABLE: f64 = 3.0;
const PLENTY: f64 = 11.0;

impl Rgb {
    fn of(number: u32) -> Self {
        let octet = |shift: u32| (number >> shift & 0xff) as u8;
        Self(octet(16), octet(8), octet(0))
    }

    /// As a style sheet writes it.
    pub fn css(self) -> String {
        let Self(r, g, b) = self;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Relative luminance (WCAG 2).
    fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|octet| {
            let part = f64::from(octet) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn oklab(self) -> Oklab {
        let [r, g, b] = self.linear();
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        Oklab {
            lightness: 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            a: 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
            b: 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
        }
    }
}

/// The contrast of two colours (WCAG 2), from 1 to 21.
pub(crate) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// What the ground of an element becomes in the dark.
pub(crate) fn dark_ground(sent: Rgb) -> Rgb {
    let colour = sent.oklab();
    if colour.lightness < LIGHT {
        return sent;
    }
    let lightness = DARK_GROUND.oklab().lightness + (1.0 - colour.lightness) * SPREAD;
    if sent == WHITE { DARK_GROUND } else { colour.with_lightness(lightness) }
}

/// What ink becomes on the ground `dark`, which was `ground`.
pub(crate) fn dark_ink(sent: Rgb, ground: Rgb, dark: Rgb) -> Rgb {
    let was = contrast(sent, ground);
    if was < UNSEEN {
        return dark;
    }
    let colour = sent.oklab();
    let was_lighter = colour.lightness > ground.oklab().lightness;
    let begin = if was_lighter { colour.lightness } else { (1.0 - colour.lightness).min(0.93) };
    let needed = was.clamp(READABLE, PLENTY);
    lightened(colour, begin, |ink| contrast(ink, dark) >= needed)
}

/// What a line becomes in the dark.
pub(crate) fn dark_line(sent: Rgb) -> Rgb {
    let colour = sent.oklab();
    colour.with_lightness((1.0 - colour.lightness).clamp(0.32, 0.75))
}

/// The least light colour from `begin` on for which `enough` holds; white where none is.
fn lightened(colour: Oklab, begin: f64, enough: impl Fn(Rgb) -> bool) -> Rgb {
    const STEPS: u32 = 50;
    let step = (1.0 - begin) / f64::from(STEPS);
    let mut shades = (0..=STEPS).map(|at| colour.with_lightness(begin + step * f64::from(at)));
    shades.find(|shade| enough(*shade)).unwrap_or(WHITE)
}

#[derive(Clone, Copy, Debug)]
struct Oklab {
    lightness: f64,
    a: f64,
    b: f64,
}

impl Oklab {
    /// The same hue at another lightness, as colourful as a screen can show it there.
    fn with_lightness(self, lightness: f64) -> Rgb {
        const STEPS: u32 = 20;
        let shade = |at: u32| {
            let part = 1.0 - f64::from(at) / f64::from(STEPS);
            Self { lightness, a: self.a * part, b: self.b * part }.linear()
        };
        let shown = |parts: &[f64; 3]| parts.iter().all(|part| (-0.0005..=1.0005).contains(part));
        let parts = (0..STEPS).map(shade).find(shown).unwrap_or_else(|| shade(STEPS));
        let [r, g, b] = parts.map(|part| {
            let part = part.clamp(0.0, 1.0);
            let encoded = if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
            (encoded * 255.0).round() as u8
        });
        Rgb(r, g, b)
    }

    fn linear(self) -> [f64; 3] {
        let l = (self.lightness + 0.396_337_777_4 * self.a + 0.215_803_757_3 * self.b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * self.a - 0.063_854_172_8 * self.b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * self.a - 1.291_485_548_0 * self.b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

impl Written {
    /// As it looks before a ground.
    pub fn over(self, ground: Rgb) -> Rgb {
        let mixed = |own: u8, behind: u8| {
            (f64::from(own) * self.opacity + f64::from(behind) * (1.0 - self.opacity)).round() as u8
        };
        Rgb(mixed(self.colour.0, ground.0), mixed(self.colour.1, ground.1), mixed(self.colour.2, ground.2))
    }

    /// Whether there is nothing to be seen of it.
    pub fn is_clear(self) -> bool {
        self.opacity == 0.0
    }
}

/// Reads a colour of CSS: a name, hexadecimal, `rgb()` or `hsl()`.
pub(crate) fn parse(text: &str) -> Option<Written> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(digits) = text.strip_prefix('#') {
        return hexadecimal(digits);
    }
    if let Some((function, rest)) = text.split_once('(') {
        return in_parts(function, rest.strip_suffix(')')?);
    }
    named(&text)
}

/// Reads a colour of an attribute (`bgcolor`, `color`), which may lack its `#`.
pub(crate) fn parse_attribute(text: &str) -> Option<Written> {
    parse(text).or_else(|| hexadecimal(text.trim()))
}

fn hexadecimal(digits: &str) -> Option<Written> {
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let doubled = |shift: u32| (number >> shift & 0xf) * 0x11;
    let (colour, alpha) = match digits.len() {
        3 => (doubled(8) << 16 | doubled(4) << 8 | doubled(0), 0xff),
        4 => (doubled(12) << 16 | doubled(8) << 8 | doubled(4), doubled(0)),
        6 => (number, 0xff),
        8 => (number >> 8, number & 0xff),
        _ => return None,
    };
    Some(Written { colour: Rgb::of(colour), opacity: f64::from(alpha) / 255.0 })
}

fn in_parts(function: &str, arguments: &str) -> Option<Written> {
    let parts: Vec<&str> = arguments.split([',', '/', ' ']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let (first, second, third, alpha) = match parts.as_slice() {
        [first, second, third] => (first, second, third, None),
        [first, second, third, alpha] => (first, second, third, Some(alpha)),
        _ => return None,
    };
    let opacity = alpha.map_or(Some(1.0), |alpha| share(alpha, 1.0))?;
    let colour = match function {
        "rgb" | "rgba" => {
            let octet = |part: &str| Some((share(part, 255.0)? * 255.0).round() as u8);
            Rgb(octet(first)?, octet(second)?, octet(third)?)
        }
        "hsl" | "hsla" => {
            let hue = first.trim_end_matches("deg").parse::<f64>().ok().filter(|hue| hue.is_finite())?;
            from_hsl(hue.rem_euclid(360.0), share(second, 100.0)?, share(third, 100.0)?)
        }
        _ => return None,
    };
    Some(Written { colour, opacity })
}

/// A number out of `whole`, or a percentage, as a part of one.
fn share(text: &str, whole: f64) -> Option<f64> {
    let (number, whole) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, whole),
    };
    let number = number.parse::<f64>().ok().filter(|number| number.is_finite())?;
    Some((number / whole).clamp(0.0, 1.0))
}

fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Rgb {
    let reach = saturation * lightness.min(1.0 - lightness);
    let part = |offset: f64| {
        let at = (offset + hue / 30.0) % 12.0;
        let value = lightness - reach * (at - 3.0).min(9.0 - at).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    Rgb(part(0.0), part(8.0), part(4.0))
}

fn named(name: &str) -> Option<Written> {
    match name {
        "transparent" => return Some(Written { colour: WHITE, opacity: 0.0 }),
        // What Word writes where nobody chose a colour.
        "windowtext" | "buttontext" | "canvastext" => return named("black"),
        "window" | "canvas" | "buttonface" => return named("white"),
        _ => {}
    }
    let at = NAMES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    NAMES.get(at).map(|(_, number)| Written { colour: Rgb::of(*number), opacity: 1.0 })
}

/// The names of CSS Color 4 §6.1, in order.
const NAMES: &[(&str, u32)] = &[
    ("aliceblue", 0xf0f8ff),
    ("antiquewhite", 0xfaebd7),
    ("aqua", 0x00ffff),
    ("aquamarine", 0x7fffd4),
    ("azure", 0xf0ffff),
    ("beige", 0xf5f5dc),
    ("bisque", 0xffe4c4),
    ("black", 0x000000),
    ("blanchedalmond", 0xffebcd),
    ("blue", 0x0000ff),
    ("blueviolet", 0x8a2be2),
    ("brown", 0xa52a2a),
    ("burlywood", 0xdeb887),
    ("cadetblue", 0x5f9ea0),
    ("chartreuse", 0x7fff00),
    ("chocolate", 0xd2691e),
    ("coral", 0xff7f50),
    ("cornflowerblue", 0x6495ed),
    ("cornsilk", 0xfff8dc),
    ("crimson", 0xdc143c),
    ("cyan", 0x00ffff),
    ("darkblue", 0x00008b),
    ("darkcyan", 0x008b8b),
    ("darkgoldenrod", 0xb8860b),
    ("darkgray", 0xa9a9a9),
    ("darkgreen", 0x006400),
    ("darkgrey", 0xa9a9a9),
    ("darkkhaki", 0xbdb76b),
    ("darkmagenta", 0x8b008b),
    ("darkolivegreen", 0x556b2f),
    ("darkorange", 0xff8c00),
    ("darkorchid", 0x9932cc),
    ("darkred", 0x8b0000),
    ("darksalmon", 0xe9967a),
    ("darkseagreen", 0x8fbc8f),
    ("darkslateblue", 0x483d8b),
    ("darkslategray", 0x2f4f4f),
    ("darkslategrey", 0x2f4f4f),
    ("darkturquoise", 0x00ced1),
    ("darkviolet", 0x9400d3),
    ("deeppink", 0xff1493),
    ("deepskyblue", 0x00bfff),
    ("dimgray", 0x696969),
    ("dimgrey", 0x696969),
    ("dodgerblue", 0x1e90ff),
    ("firebrick", 0xb22222),
    ("floralwhite", 0xfffaf0),
    ("forestgreen", 0x228b22),
    ("fuchsia", 0xff00ff),
    ("gainsboro", 0xdcdcdc),
    ("ghostwhite", 0xf8f8ff),
    ("gold", 0xffd700),
    ("goldenrod", 0xdaa520),
    ("gray", 0x808080),
    ("green", 0x008000),
    ("greenyellow", 0xadff2f),
    ("grey", 0x808080),
    ("honeydew", 0xf0fff0),
    ("hotpink", 0xff69b4),
    ("indianred", 0xcd5c5c),
    ("indigo", 0x4b0082),
    ("ivory", 0xfffff0),
    ("khaki", 0xf0e68c),
    ("lavender", 0xe6e6fa),
    ("lavenderblush", 0xfff0f5),
    ("lawngreen", 0x7cfc00),
    ("lemonchiffon", 0xfffacd),
    ("lightblue", 0xadd8e6),
    ("lightcoral", 0xf08080),
    ("lightcyan", 0xe0ffff),
    ("lightgoldenrodyellow", 0xfafad2),
    ("lightgray", 0xd3d3d3),
    ("lightgreen", 0x90ee90),
    ("lightgrey", 0xd3d3d3),
    ("lightpink", 0xffb6c1),
    ("lightsalmon", 0xffa07a),
    ("lightseagreen", 0x20b2aa),
    ("lightskyblue", 0x87cefa),
    ("lightslategray", 0x778899),
    ("lightslategrey", 0x778899),
    ("lightsteelblue", 0xb0c4de),
    ("lightyellow", 0xffffe0),
    ("lime", 0x00ff00),
    ("limegreen", 0x32cd32),
    ("linen", 0xfaf0e6),
    ("magenta", 0xff00ff),
    ("maroon", 0x800000),
    ("mediumaquamarine", 0x66cdaa),
    ("mediumblue", 0x0000cd),
    ("mediumorchid", 0xba55d3),
    ("mediumpurple", 0x9370db),
    ("mediumseagreen", 0x3cb371),
    ("mediumslateblue", 0x7b68ee),
    ("mediumspringgreen", 0x00fa9a),
    ("mediumturquoise", 0x48d1cc),
    ("mediumvioletred", 0xc71585),
    ("midnightblue", 0x191970),
    ("mintcream", 0xf5fffa),
    ("mistyrose", 0xffe4e1),
    ("moccasin", 0xffe4b5),
    ("navajowhite", 0xffdead),
    ("navy", 0x000080),
    ("oldlace", 0xfdf5e6),
    ("olive", 0x808000),
    ("olivedrab", 0x6b8e23),
    ("orange", 0xffa500),
    ("orangered", 0xff4500),
    ("orchid", 0xda70d6),
    ("palegoldenrod", 0xeee8aa),
    ("palegreen", 0x98fb98),
    ("paleturquoise", 0xafeeee),
    ("palevioletred", 0xdb7093),
    ("papayawhip", 0xffefd5),
    ("peachpuff", 0xffdab9),
    ("peru", 0xcd853f),
    ("pink", 0xffc0cb),
    ("plum", 0xdda0dd),
    ("powderblue", 0xb0e0e6),
    ("purple", 0x800080),
    ("rebeccapurple", 0x663399),
    ("red", 0xff0000),
    ("rosybrown", 0xbc8f8f),
    ("royalblue", 0x4169e1),
    ("saddlebrown", 0x8b4513),
    ("salmon", 0xfa8072),
    ("sandybrown", 0xf4a460),
    ("seagreen", 0x2e8b57),
    ("seashell", 0xfff5ee),
    ("sienna", 0xa0522d),
    ("silver", 0xc0c0c0),
    ("skyblue", 0x87ceeb),
    ("slateblue", 0x6a5acd),
    ("slategray", 0x708090),
    ("slategrey", 0x708090),
    ("snow", 0xfffafa),
    ("springgreen", 0x00ff7f),
    ("steelblue", 0x4682b4),
    ("tan", 0xd2b48c),
    ("teal", 0x008080),
    ("thistle", 0xd8bfd8),
    ("tomato", 0xff6347),
    ("turquoise", 0x40e0d0),
    ("violet", 0xee82ee),
    ("wheat", 0xf5deb3),
    ("white", 0xffffff),
    ("whitesmoke", 0xf5f5f5),
    ("yellow", 0xffff00),
    ("yellowgreen", 0x9acd32),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn opaque(text: &str) -> Option<String> {
        parse(text).map(|colour| colour.over(WHITE).css())
    }

    #[test]
    fn colours_are_read_as_css_writes_them() {
        let table = [
            ("red", Some("#ff0000")),
            (" ReD ", Some("#ff0000")),
            ("#abc", Some("#aabbcc")),
            ("#A1b2C3", Some("#a1b2c3")),
            ("#0000", Some("#ffffff")),
            ("#00000080", Some("#7f7f7f")),
            ("rgb(1, 2,3)", Some("#010203")),
            ("rgb(100% 0% 0% / 50%)", Some("#ff8080")),
            ("rgba(0,0,0,.5)", Some("#808080")),
            ("hsl(120, 100%, 25%)", Some("#008000")),
            ("hsl(-120deg 100% 50%)", Some("#0000ff")),
            ("transparent", Some("#ffffff")),
            ("windowtext", Some("#000000")),
            ("rebeccapurple", Some("#663399")),
            ("yellowgreen", Some("#9acd32")),
            ("inherit", None),
            ("#12345", None),
            ("#+12", None),
            ("rgb(1,2)", None),
            ("rgb(a,b,c)", None),
            ("hsl(NaN,1%,1%)", None),
        ];
        for (text, expected) in table {
            assert_eq!(opaque(text).as_deref(), expected, "{text}");
        }
        assert_eq!(parse_attribute("ff0000").map(|colour| colour.over(WHITE)), Some(Rgb(255, 0, 0)));
    }

    #[test]
    fn the_names_are_in_order() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn what_was_light_is_dark_and_what_was_dark_stays() {
        let table = [("#ffffff", "#1b1e22"), ("#000000", "#000000"), ("#1f2937", "#1f2937")];
        for (sent, expected) in table {
            assert_eq!(dark_ground(parse(sent).unwrap().over(WHITE)).css(), expected, "{sent}");
        }
        for sent in ["#f4f4f4", "#fffbe6", "#e6f0ff", "#ffd700", "#ff5722", "#4caf50", "#0b79d0"] {
            let sent = parse(sent).unwrap().over(WHITE);
            let dark = dark_ground(sent);
            assert!(contrast(dark, WHITE) > 4.5, "{sent:?} {dark:?}");
        }
    }

    #[test]
    fn every_ink_stands_off_its_ground_as_it_did() {
        let colours: Vec<Rgb> = (0..=8)
            .flat_map(|r| (0..=8).flat_map(move |g| (0..=8).map(move |b| [r, g, b])))
            .map(|parts| {
                let [r, g, b] = parts.map(|part: u32| (part * 255 / 8) as u8);
                Rgb(r, g, b)
            })
            .collect();
        for ground in colours.iter().step_by(5).copied() {
            let dark = dark_ground(ground);
            for ink in colours.iter().step_by(7).copied() {
                let (was, is) = (contrast(ink, ground), contrast(dark_ink(ink, ground, dark), dark));
                if was < UNSEEN {
                    assert!(is < UNSEEN, "{ink:?} on {ground:?} was not to be seen: {is}");
                } else {
                    assert!(is >= was.clamp(READABLE, 4.5), "{ink:?} on {ground:?}: {was} → {is}");
                }
            }
        }
    }

    #[test]
    fn black_on_white_is_as_our_own_page() {
        let ink = dark_ink(Rgb(0, 0, 0), WHITE, DARK_GROUND);
        assert!(contrast(ink, DARK_GROUND) >= 11.0);
        assert_eq!(dark_ink(WHITE, WHITE, DARK_GROUND), DARK_GROUND, "preview text stays unseen");
        let link = dark_ink(Rgb(0, 0, 238), WHITE, DARK_GROUND);
        assert!(link.2 > link.0 && link.2 > link.1, "blue stays blue: {link:?}");
    }
}
