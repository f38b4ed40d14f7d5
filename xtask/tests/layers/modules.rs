//! The modules of a crate's target, and the file that each stands in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta};

/// A module and the items that are in it.
pub struct Module {
    /// The file that it stands in.
    pub file: PathBuf,
    /// The module around it; none for the root.
    pub parent: Option<usize>,
    /// Its modules by name.
    pub children: BTreeMap<String, usize>,
    /// Its items, without the modules that stand in the same file.
    pub items: Vec<Item>,
}

/// The modules of a target; the root is the first.
pub struct Tree {
    /// The modules.
    pub modules: Vec<Module>,
    /// The attributes of the target's root (`#![...]`).
    pub root_attributes: Vec<Attribute>,
}

impl Tree {
    /// Reads a target from its root file.
    pub fn read(root: &Path) -> Self {
        let mut tree = Self {
            modules: Vec::new(),
            root_attributes: Vec::new(),
        };
        let file = parse(root);
        tree.root_attributes = file.attrs;
        let folder = root.parent().unwrap().to_owned();
        tree.add(root, &folder, None, file.items);
        tree
    }

    /// Adds a module; `folder` is where the files of its modules are.
    fn add(
        &mut self,
        file: &Path,
        folder: &Path,
        parent: Option<usize>,
        items: Vec<Item>,
    ) -> usize {
        let id = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: Vec::new(),
        });
        for item in items {
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let child = self.add_module(module, file, folder, id);
                    self.modules[id].children.insert(name, child);
                }
                other => self.modules[id].items.push(other),
            }
        }
        id
    }

    fn add_module(&mut self, module: ItemMod, file: &Path, folder: &Path, parent: usize) -> usize {
        let name = module.ident.to_string();
        let within = folder.join(&name);
        if let Some((_, items)) = module.content {
            return self.add(file, &within, Some(parent), items);
        }
        let (file, folder) = match path_attribute(&module.attrs) {
            Some(path) => {
                let file = file.parent().unwrap().join(path);
                let folder = file.parent().unwrap().to_owned();
                (file, folder)
            }
            None if within.join("mod.rs").is_file() => (within.join("mod.rs"), within),
            None => (folder.join(format!("{name}.rs")), within),
        };
        let items = parse(&file).items;
        self.add(&file, &folder, Some(parent), items)
    }

    /// The module that a path leads to from within module `from`, if it is one of this target's; the rest of the path
    /// names an item in it.
    pub fn resolve(&self, from: usize, path: &[String]) -> Option<usize> {
        let mut segments = path.iter().map(String::as_str).peekable();
        let mut at = match *segments.peek()? {
            "crate" | "$crate" => {
                segments.next();
                0
            }
            "self" => {
                segments.next();
                from
            }
            "super" => from,
            // In the 2024 edition a path may begin with a module that is in scope.
            name => {
                let child = *self.modules[from].children.get(name)?;
                segments.next();
                child
            }
        };
        while segments.next_if_eq(&"super").is_some() {
            at = self.modules[at].parent?;
        }
        for name in segments {
            match self.modules[at].children.get(name) {
                Some(child) => at = *child,
                None => break,
            }
        }
        Some(at)
    }
}

fn parse(file: &Path) -> syn::File {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The path in `#[path = "..."]`.
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(value) = &pair.value else {
            return None;
        };
        match &value.lit {
            Lit::Str(text) if pair.path.is_ident("path") => Some(text.value()),
            _ => None,
        }
    })
}
