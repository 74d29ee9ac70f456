//! Pictures behind text.
//!
//! A style may hold no address: it would be asked for as soon as it is read. So the address of the picture behind an
//! element is taken out of its style, or of its `background` attribute, before these are [filtered](super::style), and
//! carried through the cleaning as [`GROUND`]. The [rewriting](super::rewrite) puts it back under an address of ours,
//! where it may be shown. What is left of the style is filtered as any other; of several pictures the last is kept.

use super::tokens::Attributes;

/// The attribute that carries the address through the cleaning. A letter's own attribute of this name is dropped.
pub(crate) const GROUND: &str = "data-pr-ground";

/// Characters of an address that is kept.
const MAX_ADDRESS: usize = 2_000;

/// Takes the address of the picture behind an element out of its attributes, and notes it.
pub(crate) fn lift(attributes: &mut Attributes) {
    attributes.remove(GROUND);
    let of_attribute = attributes.remove("background").map(|address| address.trim().to_owned());
    let style = attributes.get("style").filter(|style| find_url(style).is_some()).map(without_pictures);
    let of_style = style.and_then(|(rest, address)| {
        attributes.set("style", rest);
        address
    });
    if let Some(address) = of_style.or(of_attribute).filter(|address| is_picture(address)) {
        attributes.set(GROUND, address);
    }
}

/// The style without the pictures of its grounds, and the address of the last one.
fn without_pictures(style: &str) -> (String, Option<String>) {
    let mut last = None;
    let kept = declarations(style).into_iter().map(|declaration| {
        let property = declaration.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(property.as_str(), "background" | "background-image") {
            return declaration.to_owned();
        }
        let mut rest = declaration.to_owned();
        while let Some((before, address, after)) = find_url(&rest) {
            last = Some(address.to_owned());
            rest = format!("{before} {after}");
        }
        rest
    });
    (kept.collect::<Vec<_>>().join(";"), last)
}

/// The declarations of a style: an address may have semicolons in it.
fn declarations(style: &str) -> Vec<&str> {
    let (mut depth, mut quote) = (0_usize, None);
    style
        .split(move |c: char| {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ';' && depth == 0 && quote.is_none()
        })
        .collect()
}

/// What stands before the first `url(…)`, its address, and what stands behind it.
fn find_url(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.as_bytes().windows(4).position(|four| four.eq_ignore_ascii_case(b"url("))?;
    let (before, rest) = (text.get(..at)?, text.get(at + 4..)?.trim_start());
    let (address, after) = match rest.chars().next()? {
        quote @ ('"' | '\'') => {
            let (address, after) = rest.get(1..)?.split_once(quote)?;
            (address, after.trim_start().strip_prefix(')')?)
        }
        _ => rest.split_once(')')?,
    };
    Some((before, address.trim(), after))
}

/// Whether an address may lead to a picture that is shown: the rewriting looks at it once more.
fn is_picture(address: &str) -> bool {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let is_known = ["http://", "https://", "//", "cid:"].iter().any(|scheme| lower.starts_with(scheme));
    is_known && address.len() <= MAX_ADDRESS && !address.contains(['\\', '<', '>', '"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifted(pairs: &[(&str, &str)]) -> (String, Option<String>) {
        let mut attributes = Attributes::default();
        for (name, value) in pairs {
            attributes.set(name, *value);
        }
        lift(&mut attributes);
        assert_eq!(attributes.get("background"), None);
        (attributes.get("style").unwrap_or_default().to_owned(), attributes.get(GROUND).map(str::to_owned))
    }

    #[test]
    fn the_address_goes_and_the_rest_of_the_style_stays() {
        let far = "https://x.test/a.png";
        let table: [(&str, &str, Option<&str>); 10] = [
            ("color:red", "color:red", None),
            ("background:url(https://x.test/a.png)", "background: ", Some(far)),
            ("background:#fff url('https://x.test/a.png') center", "background:#fff   center", Some(far)),
            (
                "background-image: URL( \"https://x.test/a.png\" );color:red",
                "background-image:  ;color:red",
                Some(far),
            ),
            (
                "background:url(x);background-image:url(https://x.test/a.png)",
                "background: ;background-image: ",
                Some(far),
            ),
            ("background:url(cid:a@b)", "background: ", Some("cid:a@b")),
            ("background:url(data:image/png;base64,AA==);color:red", "background: ;color:red", None),
            ("background:url(javascript:x)", "background: ", None),
            ("background:u\\rl(https://x.test/a.png)", "background:u\\rl(https://x.test/a.png)", None),
            ("list-style:url(https://x.test/a.png)", "list-style:url(https://x.test/a.png)", None),
        ];
        for (style, rest, address) in table {
            assert_eq!(lifted(&[("style", style)]), (rest.to_owned(), address.map(str::to_owned)), "{style}");
        }
    }

    #[test]
    fn an_attribute_names_a_picture_where_the_style_does_not() {
        let own = ("background", "https://x.test/b.png");
        assert_eq!(lifted(&[own]).1.as_deref(), Some("https://x.test/b.png"));
        assert_eq!(lifted(&[own, ("style", "background:url(//x.test/a.png)")]).1.as_deref(), Some("//x.test/a.png"));
        assert_eq!(lifted(&[("background", "wall.gif")]).1, None);
        assert_eq!(lifted(&[(GROUND, "https://x.test/c.png")]).1, None, "no letter sets it itself");
    }
}
