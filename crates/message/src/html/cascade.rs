//! A letter's own style sheets, carried over into the `style` attributes of its elements.
//!
//! A `<style>` element would style our page as well, and could ask for what it matches from elsewhere; so its rules are
//! applied here, element by element while the tags go by, and the element itself is dropped. What comes out is still
//! [filtered](super::style) like any other `style` attribute, so nothing here is relied on for safety.
//!
//! | understood | as |
//! |---|---|
//! | `a`, `*`, `.b`, `#c`, `[d]`, `[d=e]` and their sequences | CSS Selectors 4 §5, §6 |
//! | `x y`, `x > y` | descendant and child |
//! | `:link` | a link |
//! | `@media` for `all` or `screen`, with a width or a colour scheme | a window of [`WIDTH`] pixels, light |
//! | anything else (`:hover`, `+`, `@font-face`, `@import`, …) | left out |
//!
//! Rules are found by the id, class or name that their last part asks for. All of it is bounded: the text, the rules, and
//! the comparisons and declarations that one letter may cost.

use super::tokens::Attributes;
use std::collections::{HashMap, HashSet};

/// The width that rules for narrow and wide windows are judged by, in pixels.
const WIDTH: f64 = 800.0;
/// Octets of style sheets that are read.
const MAX_SHEET: usize = 256 * 1024;
/// Selectors that are kept.
const MAX_SELECTORS: usize = 4_000;
/// Parts of one selector.
const MAX_PARTS: usize = 12;
/// How deep `@media` may stand in `@media`.
const MAX_NESTING: usize = 4;
/// Comparisons of an element with a part of a selector, in one letter.
const MAX_COMPARISONS: usize = 3_000_000;
/// Octets of declarations that are handed out, in one letter; behind them elements keep their own.
const MAX_SAID: usize = 2 * 1024 * 1024;

/// An element that is open, as selectors see it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    name: String,
    attributes: Attributes,
}

impl Element {
    pub fn new(name: &str, attributes: Attributes) -> Self {
        Self { name: name.to_owned(), attributes }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    fn classes(&self) -> impl Iterator<Item = &str> {
        self.attributes.get("class").unwrap_or_default().split_ascii_whitespace()
    }
}

/// The rules of a letter's style sheets.
#[derive(Debug, Default)]
pub(crate) struct Cascade {
    rules: Vec<Rule>,
    declarations: Vec<Declarations>,
    by_id: HashMap<String, Vec<usize>>,
    by_class: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    of_any: Vec<usize>,
    comparisons: usize,
    /// Octets of declarations that were handed out.
    said: usize,
}

#[derive(Debug, Default)]
struct Declarations {
    normal: String,
    important: String,
}

#[derive(Debug)]
struct Rule {
    /// The parts of the selector, last first, each with how it stands to the one before it in this list.
    parts: Vec<(Relation, Compound)>,
    /// Ids; classes and attributes; names (CSS Selectors 4 §17).
    specificity: (usize, usize, usize),
    declarations: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// The element itself.
    Itself,
    /// Its parent.
    Parent,
    /// Anything around it.
    Ancestor,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Compound {
    name: Option<String>,
    ids: Vec<String>,
    classes: Vec<String>,
    attributes: Vec<(String, Option<String>)>,
}

impl Cascade {
    /// Reads style sheets, in their order.
    pub fn read(sheets: &str) -> Self {
        let mut cascade = Self::default();
        let mut end = sheets.len().min(MAX_SHEET);
        while !sheets.is_char_boundary(end) {
            end -= 1;
        }
        cascade.sheet(&super::style::without_comments(sheets.get(..end).unwrap_or_default()), 0);
        cascade
    }

    /// The `style` attribute of an element with what the style sheets say of it, `!important` at its end.
    pub fn styled(&mut self, element: &Element, around: &[Element]) -> Option<String> {
        let own = element.attributes.get("style");
        let mut matching = self.matching(element, around);
        if matching.is_empty() {
            return own.map(str::to_owned);
        }
        matching.sort_by_key(|at| self.rules.get(*at).map(|rule| (rule.specificity, *at)));
        // Of several selectors of one block that fit, the strongest stands for all of them.
        let mut seen = HashSet::new();
        matching.reverse();
        matching.retain(|at| self.rules.get(*at).is_some_and(|rule| seen.insert(rule.declarations)));
        matching.reverse();
        let octets = |at: &usize| {
            let said = self.rules.get(*at).and_then(|rule| self.declarations.get(rule.declarations));
            said.map_or(0, |said| said.normal.len() + said.important.len())
        };
        self.said += matching.iter().map(octets).sum::<usize>();
        if self.said > MAX_SAID {
            return own.map(str::to_owned);
        }
        let said = |pick: fn(&Declarations) -> &str| {
            let of_rule = |at: &usize| self.declarations.get(self.rules.get(*at)?.declarations).map(pick);
            matching.iter().filter_map(of_rule).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(";")
        };
        let (own, own_important) = own.map(by_importance).unwrap_or_default();
        let all = [said(|all| &all.normal), own, said(|all| &all.important), own_important];
        Some(last_of_each(&all.join(";")))
    }

    fn matching(&mut self, element: &Element, around: &[Element]) -> Vec<usize> {
        let mut left = MAX_COMPARISONS.saturating_sub(self.comparisons);
        if self.rules.is_empty() || left == 0 || self.said > MAX_SAID {
            return Vec::new();
        }
        let of = |map: &HashMap<String, Vec<usize>>, key: &str| map.get(key).cloned().unwrap_or_default();
        let mut candidates = self.of_any.clone();
        candidates.extend(of(&self.by_name, &element.name));
        candidates.extend(element.attributes.get("id").map(|id| of(&self.by_id, id)).unwrap_or_default());
        let classes: HashSet<&str> = element.classes().take(50).collect();
        candidates.extend(classes.into_iter().flat_map(|class| of(&self.by_class, class)));
        let before = left;
        candidates.retain(|at| self.rules.get(*at).is_some_and(|rule| rule.matches(element, around, &mut left)));
        self.comparisons += before - left;
        candidates
    }

    fn sheet(&mut self, text: &str, nesting: usize) {
        let mut rest = text;
        while let Some((prelude, block, after)) = next_rule(rest) {
            rest = after;
            match prelude.trim().strip_prefix('@') {
                Some(at_rule) => {
                    let query = at_rule.strip_prefix("media").filter(|query| applies(query));
                    if let (Some(_), Some(block), true) = (query, block, nesting < MAX_NESTING) {
                        self.sheet(block, nesting + 1);
                    }
                }
                None => self.rule(prelude, block.unwrap_or_default()),
            }
        }
    }

    fn rule(&mut self, prelude: &str, block: &str) {
        let (normal, important) = by_importance(block);
        if normal.is_empty() && important.is_empty() {
            return;
        }
        self.declarations.push(Declarations { normal, important });
        for selector in prelude.split(',') {
            if self.rules.len() >= MAX_SELECTORS {
                return;
            }
            let Some(parts) = selector_parts(selector) else { continue };
            let rule = Rule { specificity: specificity(&parts), parts, declarations: self.declarations.len() - 1 };
            self.file(rule);
        }
    }

    /// Files a rule under what its last part asks for.
    fn file(&mut self, rule: Rule) {
        let at = self.rules.len();
        if let Some((_, last)) = rule.parts.first() {
            match (last.ids.first(), last.classes.first(), &last.name) {
                (Some(id), _, _) => self.by_id.entry(id.clone()).or_default().push(at),
                (_, Some(class), _) => self.by_class.entry(class.clone()).or_default().push(at),
                (_, _, Some(name)) => self.by_name.entry(name.clone()).or_default().push(at),
                _ => self.of_any.push(at),
            }
        }
        self.rules.push(rule);
    }
}

impl Rule {
    fn matches(&self, element: &Element, around: &[Element], left: &mut usize) -> bool {
        let Some(((_, last), outer)) = self.parts.split_first() else { return false };
        last.matches(element, left) && surrounded(outer, around, left)
    }
}

/// Whether the elements around one are as these parts ask. An ancestor that fits but whose own surroundings do not is
/// passed over for the next one out.
fn surrounded(parts: &[(Relation, Compound)], around: &[Element], left: &mut usize) -> bool {
    let Some(((relation, compound), outer)) = parts.split_first() else { return true };
    let mut around = around;
    while let Some((nearest, beyond)) = around.split_last() {
        if *left == 0 {
            return false;
        }
        if compound.matches(nearest, left) && surrounded(outer, beyond, left) {
            return true;
        }
        if *relation == Relation::Parent {
            return false;
        }
        around = beyond;
    }
    false
}

impl Compound {
    fn matches(&self, element: &Element, left: &mut usize) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        let has = |(name, value): &(String, Option<String>)| match (element.attributes.get(name), value) {
            (Some(given), Some(value)) => given == value,
            (given, None) => given.is_some(),
            (None, Some(_)) => false,
        };
        self.name.as_ref().is_none_or(|name| *name == element.name)
            && self.ids.iter().all(|id| element.attributes.get("id") == Some(id))
            && self.classes.iter().all(|class| element.classes().any(|given| given == class))
            && self.attributes.iter().all(has)
    }
}

fn specificity(parts: &[(Relation, Compound)]) -> (usize, usize, usize) {
    parts.iter().fold((0, 0, 0), |(ids, classes, names), (_, part)| {
        let name = usize::from(part.name.is_some());
        (ids + part.ids.len(), classes + part.classes.len() + part.attributes.len(), names + name)
    })
}

/// The parts of a selector, last first; `None` where it asks for something that is not known here.
fn selector_parts(selector: &str) -> Option<Vec<(Relation, Compound)>> {
    let spaced = selector.replace('>', " > ");
    let mut parts: Vec<(Relation, Compound)> = Vec::new();
    let mut relation = Relation::Itself;
    for word in spaced.split_ascii_whitespace().rev() {
        match word {
            ">" if relation == Relation::Ancestor => relation = Relation::Parent,
            ">" => return None,
            word => {
                parts.push((relation, compound(word)?));
                relation = Relation::Ancestor;
            }
        }
    }
    (!parts.is_empty() && parts.len() <= MAX_PARTS && relation != Relation::Parent).then_some(parts)
}

fn compound(word: &str) -> Option<Compound> {
    let mut compound = Compound::default();
    let name_end = word.find(['.', '#', '[', ':']).unwrap_or(word.len());
    let (name, mut rest) = word.split_at(name_end);
    match name {
        "" | "*" => {}
        name if is_name(name) => compound.name = Some(name.to_ascii_lowercase()),
        _ => return None,
    }
    while let Some(mark) = rest.chars().next() {
        let after = rest.get(1..)?;
        if mark == '[' {
            let (test, tail) = after.split_once(']')?;
            compound.attributes.push(attribute_test(test)?);
            rest = tail;
            continue;
        }
        let end = after.find(['.', '#', '[', ':']).unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        match mark {
            '.' if is_name(name) => compound.classes.push(name.to_owned()),
            '#' if is_name(name) => compound.ids.push(name.to_owned()),
            ':' if name.eq_ignore_ascii_case("link") => compound.attributes.push(("href".to_owned(), None)),
            _ => return None,
        }
        rest = tail;
    }
    Some(compound)
}

fn attribute_test(test: &str) -> Option<(String, Option<String>)> {
    let (name, value) = match test.split_once('=') {
        Some((name, value)) => (name, Some(value.trim_matches(['"', '\'']).to_owned())),
        None => (test, None),
    };
    is_name(name).then(|| (name.to_ascii_lowercase(), value))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// Whether a media query list holds for a light window on a screen.
fn applies(list: &str) -> bool {
    list.split(',').any(|query| {
        let query = query.trim().to_ascii_lowercase();
        query.split(" and ").all(|condition| {
            let condition = condition.trim();
            let condition = condition.strip_prefix("only ").unwrap_or(condition).trim();
            matches!(condition, "" | "all" | "screen") || is_condition_met(condition)
        })
    })
}

fn is_condition_met(condition: &str) -> bool {
    let Some(inside) = condition.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return false };
    let Some((feature, value)) = inside.split_once(':') else { return false };
    let value = value.trim();
    match feature.trim() {
        "min-width" | "min-device-width" => super::style::pixels(value).is_some_and(|width| width <= WIDTH),
        "max-width" | "max-device-width" => super::style::pixels(value).is_some_and(|width| width >= WIDTH),
        "prefers-color-scheme" => value == "light",
        _ => false,
    }
}

/// The next rule: what stands before its block, its block (none for a statement that ends with a semicolon), and what
/// follows.
fn next_rule(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '}' || c == ';');
    let text = text.strip_prefix("<!--").or_else(|| text.strip_prefix("-->")).unwrap_or(text);
    let mut depth = 0_usize;
    let mut begin = None;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            // A string ends with its line, closed or not (CSS Syntax 3 §4.3.5).
            (Some(open), c) if c == open || c == '\n' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, ';') if depth == 0 => return Some((text.get(..at)?, None, text.get(at + 1..)?)),
            (None, '{') => {
                depth += 1;
                begin = begin.or(Some(at));
            }
            (None, '}') if depth == 1 => {
                let begin = begin?;
                return Some((text.get(..begin)?, text.get(begin + 1..at), text.get(at + 1..)?));
            }
            (None, '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The declarations of a block: those without and those with `!important`.
fn by_importance(block: &str) -> (String, String) {
    let is_important = |declaration: &&str| {
        declaration.rsplit_once('!').is_some_and(|(_, word)| word.trim().eq_ignore_ascii_case("important"))
    };
    let (important, normal): (Vec<&str>, Vec<&str>) = block
        .split(';')
        .map(str::trim)
        .filter(|declaration| declaration.contains(':') && !declaration.contains('{'))
        .partition(is_important);
    (normal.join(";"), important.join(";"))
}

/// Of declarations of the same property the last one.
fn last_of_each(declarations: &str) -> String {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<&str> = declarations
        .rsplit(';')
        .filter(|declaration| {
            let property = declaration.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
            !property.is_empty() && seen.insert(property)
        })
        .collect();
    kept.reverse();
    kept.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str, pairs: &[(&str, &str)]) -> Element {
        let mut attributes = Attributes::default();
        for (name, value) in pairs {
            attributes.set(name, *value);
        }
        Element::new(name, attributes)
    }

    /// Elements around each other, the innermost last.
    type Path<'a> = &'a [(&'a str, &'a [(&'a str, &'a str)])];

    fn styled(sheet: &str, path: Path<'_>) -> String {
        let elements: Vec<Element> = path.iter().map(|(name, pairs)| element(name, pairs)).collect();
        let (last, around) = elements.split_last().unwrap();
        Cascade::read(sheet).styled(last, around).unwrap_or_default()
    }

    #[test]
    fn the_rules_of_the_cascade_decide() {
        let table: &[(&str, Path<'_>, &str)] = &[
            ("p{color:red}", &[("p", &[])], "color:red"),
            ("P , td{ color : red ; }", &[("td", &[])], "color : red"),
            ("p{color:red}", &[("div", &[])], ""),
            (".a{color:red}p{color:blue}", &[("p", &[("class", "b a")])], "color:red"),
            ("#x{color:red}.a{color:blue}", &[("p", &[("class", "a"), ("id", "x")])], "color:red"),
            ("p{color:red}p{color:blue}", &[("p", &[])], "color:blue"),
            ("p{color:red}", &[("p", &[("style", "color:blue")])], "color:blue"),
            ("p{color:red!important}", &[("p", &[("style", "color:blue")])], "color:red!important"),
            ("div p{color:red}", &[("div", &[]), ("b", &[]), ("p", &[])], "color:red"),
            ("div>p{color:red}", &[("div", &[]), ("b", &[]), ("p", &[])], ""),
            ("div > p{color:red}", &[("div", &[]), ("p", &[])], "color:red"),
            ("a b > c{color:red}", &[("a", &[]), ("b", &[]), ("b", &[]), ("c", &[])], "color:red"),
            ("td[class=\"x\"]{color:red}", &[("td", &[("class", "x")])], "color:red"),
            ("a:link{color:red}", &[("a", &[("href", "x")])], "color:red"),
            ("a:hover{color:red}a::before{color:red}p:not(.x){color:red}", &[("a", &[]), ("p", &[])], ""),
            ("@media screen and (max-width:480px){p{color:red}}", &[("p", &[])], ""),
            ("@media only screen and (min-width:480px){p{color:red}}", &[("p", &[])], "color:red"),
            ("@media (prefers-color-scheme:dark){p{color:red}}b{}", &[("p", &[])], ""),
            ("@media print{p{color:red}}p{color:blue}", &[("p", &[])], "color:blue"),
            ("@import url(x);@font-face{font-family:x;src:url(y)}p{color:blue}", &[("p", &[])], "color:blue"),
            ("<!-- p{color:red} -->", &[("p", &[])], "color:red"),
            ("/* p{color:red} */p/**/{color:blue}", &[("p", &[])], "color:blue"),
            ("p{content:\"}\";color:red}b{}", &[("p", &[])], "content:\"}\";color:red"),
            ("p{color:red", &[("p", &[])], ""),
            ("}}p{color:red}", &[("p", &[])], "color:red"),
            ("p+p,p~p,p>{color:red}", &[("p", &[])], ""),
        ];
        for (sheet, path, expected) in table {
            assert_eq!(styled(sheet, path), *expected, "{sheet}");
        }
    }

    #[test]
    fn a_sheet_that_is_made_to_take_long_ends() {
        let deep: Vec<Element> = (0..160).map(|_| element("div", &[("class", "a")])).collect();
        let selector = ".a ".repeat(11);
        let sheet: String = (0..5000).map(|n| format!("{selector} .b,.a .c{n} .a {{color:red}}")).collect();
        let mut cascade = Cascade::read(&sheet);
        let started = std::time::Instant::now();
        for _ in 0..200 {
            let _ = cascade.styled(&element("p", &[("class", "a")]), &deep);
        }
        assert!(started.elapsed().as_secs() < 3, "{:?}", started.elapsed());
    }

    #[test]
    fn a_sheet_that_repeats_itself_is_said_once_and_no_more_than_fits() {
        let block = "color:red;".repeat(20_000);
        let sheet = format!("{}{{{block}}}", vec![".a"; 4000].join(","));
        let classes = "a ".repeat(50);
        let mut cascade = Cascade::read(&sheet);
        for _ in 0..100 {
            let element = element("p", &[("class", classes.as_str()), ("style", "top:0")]);
            assert!(cascade.styled(&element, &[]).is_some_and(|style| style.len() < 100));
        }
        assert!(cascade.said <= 3 * MAX_SAID);
    }
}
