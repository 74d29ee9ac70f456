//! The types of the front end, made from those of the engine. The test below keeps the file in `ui` true:
//! `UPDATE_TYPES=1 cargo test -p postrider-engine the_front_end` writes it anew.

use crate::calls;
use std::collections::BTreeMap;
use ts_rs::{Config, TS, TypeVisitor};

/// Collects the declarations of everything that a type mentions.
struct Declarations<'a> {
    config: &'a Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            let name = T::ident(self.config);
            if self.found.contains_key(&name) {
                return;
            }
            let declaration = format!("export {}", T::decl(self.config));
            self.found.insert(name, declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole file.
pub(crate) fn file() -> String {
    let config = Config::new().with_large_int("number");
    let mut declarations = Declarations { config: &config, found: BTreeMap::new() };
    calls::visit_types(&mut declarations);
    declarations.visit::<crate::view::Event>();
    declarations.visit::<model::CallError>();
    let types: String = declarations.found.into_values().map(|declaration| declaration + "\n\n").collect();
    format!("// Generated from the engine's types. Do not edit.\n\n{types}{}", calls::typescript(&config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_front_end_has_the_types_of_the_engine() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/engine/types.ts");
        if std::env::var_os("UPDATE_TYPES").is_some() {
            std::fs::write(&path, file()).expect("the file can be written");
        }
        let present = std::fs::read_to_string(&path).expect("the file is there");
        assert!(present == file(), "{} is not up to date: run the test with UPDATE_TYPES=1", path.display());
    }
}
