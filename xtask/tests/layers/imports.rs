//! Which file uses what of which other file of its target.

use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ItemUse, Macro, Path, UseTree};

use super::modules::{Module, Tree};

/// A place where a file uses another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The file that uses.
    pub from: PathBuf,
    /// The file that is used.
    pub to: PathBuf,
    /// The line in `from`.
    pub line: usize,
    /// The path as it is written.
    pub path: String,
}

/// Every use of one file by another within a target: `use` items, paths in code, in macros and in attributes.
pub fn imports(tree: &Tree) -> Vec<Import> {
    let mut found = Vec::new();
    for (id, module) in tree.modules.iter().enumerate() {
        for (path, line) in Paths::of(module) {
            let Some(target) = tree.resolve(id, &path) else {
                continue;
            };
            let to = &tree.modules[target].file;
            if *to != module.file {
                found.push(Import {
                    from: module.file.clone(),
                    to: to.clone(),
                    line,
                    path: path.join("::"),
                });
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Every path that a target's files name, as it is written: file, line, path.
pub fn paths(tree: &Tree) -> Vec<(PathBuf, usize, String)> {
    let mut found = Vec::new();
    for module in &tree.modules {
        for (path, line) in Paths::of(module) {
            found.push((module.file.clone(), line, path.join("::")));
        }
    }
    found
}

/// Collects paths with their lines.
struct Paths(Vec<(Vec<String>, usize)>);

impl Paths {
    fn of(module: &Module) -> Vec<(Vec<String>, usize)> {
        let mut paths = Self(Vec::new());
        for item in &module.items {
            paths.visit_item(item);
        }
        paths.0
    }

    fn use_tree(&mut self, before: &[String], tree: &UseTree) {
        let line = tree.span().start().line;
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.use_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.0.push((with(&name.ident), line)),
            UseTree::Rename(rename) => self.0.push((with(&rename.ident), line)),
            UseTree::Glob(_) => self.0.push((before.to_owned(), line)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(before, tree);
                }
            }
        }
    }

    /// The paths in tokens that nobody has parsed: two or more names with `::` between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut line = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path, line);
                        line = name.span().start().line;
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.end(&mut path, line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Vec<String>, line: usize) {
        if path.len() > 1 {
            self.0.push((path.clone(), line));
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.segments.len() > 1 {
            let names = path.segments.iter().map(|part| part.ident.to_string());
            self.0.push((names.collect(), path.span().start().line));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}
