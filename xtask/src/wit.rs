//! `cargo xtask wit`: checks the WIT package and writes `docs/wit.md` from its comments, or compares it with
//! an earlier one.
//!
//! wit-bindgen's Markdown generator was considered: it would bring a second version of the WIT
//! parser into every build of this program, and it prints sizes and alignments that tell a plugin
//! author nothing.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wit_parser::{
    Docs, Function, FunctionKind, Handle, Interface, Resolve, Type, TypeDef, TypeDefKind,
    TypeOwner, WorldItem,
};

mod since;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Compare the package with the one of this git revision in place of writing the page, and fail when
    /// plugins of then would not fit although the version says that they do.
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,
}

/// Writes `docs/wit.md`, or compares.
pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    if let Some(revision) = &options.since {
        return since::run(root, revision);
    }
    fs::create_dir_all(root.join("docs"))?;
    fs::write(root.join(PAGE), render(root)?).with_context(|| format!("cannot write {PAGE}"))?;
    println!("wit/ is valid; {PAGE} is written");
    Ok(0)
}

/// The page for the package in `wit/`, or what is wrong with the package.
fn render(root: &Path) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root.join("wit"))?;
    let package = &resolve.packages[package];
    let mut page = Page {
        resolve: &resolve,
        text: String::new(),
    };

    page.paragraph(&format!("# `{}`", package.name));
    page.paragraph(
        "What a plugin can import and export. Written by `cargo xtask wit` from the comments in `wit/`; \
         change those.",
    );
    for (_, &interface) in &package.interfaces {
        page.interface(&resolve.interfaces[interface]);
    }
    for (name, &world) in &package.worlds {
        let world = &resolve.worlds[world];
        page.paragraph(&format!("## World `{name}`"));
        page.docs(&world.docs);
        for (verb, items) in [("Imports", &world.imports), ("Exports", &world.exports)] {
            let names = items.values().filter_map(|item| match item {
                WorldItem::Interface { id, .. } => resolve.interfaces[*id].name.as_deref(),
                WorldItem::Function(function) => Some(function.name.as_str()),
                WorldItem::Type { .. } => None,
            });
            let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
            if !names.is_empty() {
                page.paragraph(&format!("{verb} {}.", names.join(", ")));
            }
        }
    }
    // One newline at the end, like every other file.
    page.text.truncate(page.text.trim_end().len());
    page.text.push('\n');
    Ok(page.text)
}

struct Page<'a> {
    resolve: &'a Resolve,
    text: String,
}

impl Page<'_> {
    fn interface(&mut self, interface: &Interface) {
        let name = interface.name.as_deref().unwrap_or_default();
        self.paragraph(&format!("## Interface `{name}`"));
        self.docs(&interface.docs);
        for (name, &id) in &interface.types {
            let definition = &self.resolve.types[id];
            self.type_definition(name, definition);
            let methods = interface.functions.values();
            for method in methods.filter(|method| method.kind.resource() == Some(id)) {
                let title = format!("{name}.{}", method.item_name());
                self.function("####", &title, method);
            }
        }
        for function in interface.functions.values() {
            if function.kind.resource().is_none() {
                self.function("###", &function.name, function);
            }
        }
    }

    fn type_definition(&mut self, name: &str, definition: &TypeDef) {
        if let TypeDefKind::Type(Type::Id(used)) = definition.kind {
            let used = &self.resolve.types[used];
            if used.owner != definition.owner {
                self.used_type(name, used);
                return;
            }
        }
        let kind = match definition.kind {
            TypeDefKind::Type(_) => "type",
            ref kind => kind.as_str(),
        };
        self.paragraph(&format!("### {kind} `{name}`"));
        if let TypeDefKind::Type(aliased) = definition.kind {
            self.paragraph(&format!("`{}`", self.type_name(aliased)));
        }
        self.docs(&definition.docs);
        let table = match &definition.kind {
            TypeDefKind::Record(record) => self.table(
                "field",
                record.fields.iter().map(|field| {
                    (
                        field.name.as_str(),
                        Some(self.type_name(field.ty)),
                        &field.docs,
                    )
                }),
            ),
            TypeDefKind::Variant(variant) => self.table(
                "case",
                variant.cases.iter().map(|case| {
                    (
                        case.name.as_str(),
                        case.ty.map(|ty| self.type_name(ty)),
                        &case.docs,
                    )
                }),
            ),
            TypeDefKind::Enum(choice) => self.table(
                "case",
                choice
                    .cases
                    .iter()
                    .map(|it| (it.name.as_str(), None, &it.docs)),
            ),
            TypeDefKind::Flags(flags) => self.table(
                "flag",
                flags
                    .flags
                    .iter()
                    .map(|it| (it.name.as_str(), None, &it.docs)),
            ),
            _ => return,
        };
        self.paragraph(table.trim_end());
    }

    /// A type that an interface takes over from another one is described there.
    fn used_type(&mut self, name: &str, used: &TypeDef) {
        let TypeOwner::Interface(owner) = used.owner else {
            return;
        };
        let owner = self.resolve.interfaces[owner]
            .name
            .as_deref()
            .unwrap_or_default();
        self.paragraph(&format!("`{name}` is the one of `{owner}`."));
    }

    fn function(&mut self, level: &str, title: &str, function: &Function) {
        self.paragraph(&format!("{level} `{title}`"));
        // The first parameter of a method is the resource itself.
        let hidden = usize::from(matches!(
            function.kind,
            FunctionKind::Method(_) | FunctionKind::AsyncMethod(_)
        ));
        let parameters = function.params.iter().skip(hidden);
        let parameters: Vec<_> = parameters
            .map(|parameter| format!("{}: {}", parameter.name, self.type_name(parameter.ty)))
            .collect();
        let mut signature = function.item_name().to_owned() + ": ";
        if matches!(
            function.kind,
            FunctionKind::Static(_) | FunctionKind::AsyncStatic(_)
        ) {
            signature.push_str("static ");
        }
        if function.kind.is_async() {
            signature.push_str("async ");
        }
        signature = format!("{signature}func({})", parameters.join(", "));
        if let Some(result) = function.result {
            signature = format!("{signature} -> {}", self.type_name(result));
        }
        // What it makes goes without saying.
        if matches!(function.kind, FunctionKind::Constructor(_)) {
            signature = format!("constructor({})", parameters.join(", "));
        }
        self.paragraph(&format!("```wit\n{signature}\n```"));
        self.docs(&function.docs);
    }

    fn table<'b>(
        &self,
        what: &str,
        rows: impl Iterator<Item = (&'b str, Option<String>, &'b Docs)>,
    ) -> String {
        let mut table = format!("| {what} | type | meaning |\n|---|---|---|\n");
        for (name, type_name, docs) in rows {
            let type_name = type_name
                .map(|name| format!("`{name}`"))
                .unwrap_or_default();
            let meaning = docs.contents.as_deref().unwrap_or_default();
            let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(
                table,
                "| `{name}` | {type_name} | {} |",
                meaning.replace('|', "\\|")
            );
        }
        table
    }

    fn type_name(&self, of: Type) -> String {
        let optional =
            |of: Option<Type>| of.map_or_else(|| "_".to_owned(), |of| self.type_name(of));
        let id = match of {
            Type::Bool => return "bool".to_owned(),
            Type::U8 => return "u8".to_owned(),
            Type::U16 => return "u16".to_owned(),
            Type::U32 => return "u32".to_owned(),
            Type::U64 => return "u64".to_owned(),
            Type::S8 => return "s8".to_owned(),
            Type::S16 => return "s16".to_owned(),
            Type::S32 => return "s32".to_owned(),
            Type::S64 => return "s64".to_owned(),
            Type::F32 => return "f32".to_owned(),
            Type::F64 => return "f64".to_owned(),
            Type::Char => return "char".to_owned(),
            Type::String => return "string".to_owned(),
            Type::ErrorContext => return "error-context".to_owned(),
            Type::Id(id) => id,
        };
        let definition = &self.resolve.types[id];
        if let Some(name) = &definition.name {
            return name.clone();
        }
        let name_of = |id| self.type_name(Type::Id(id));
        match &definition.kind {
            TypeDefKind::Handle(Handle::Own(resource)) => name_of(*resource),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                format!("borrow<{}>", name_of(*resource))
            }
            TypeDefKind::List(item) => format!("list<{}>", self.type_name(*item)),
            TypeDefKind::Option(item) => format!("option<{}>", self.type_name(*item)),
            TypeDefKind::Result(result) => match (result.ok, result.err) {
                (None, None) => "result".to_owned(),
                (Some(ok), None) => format!("result<{}>", self.type_name(ok)),
                (ok, err) => format!("result<{}, {}>", optional(ok), optional(err)),
            },
            TypeDefKind::Tuple(tuple) => {
                let items: Vec<_> = tuple
                    .types
                    .iter()
                    .map(|&item| self.type_name(item))
                    .collect();
                format!("tuple<{}>", items.join(", "))
            }
            TypeDefKind::Type(aliased) => self.type_name(*aliased),
            // What the package does not use yet reads as what it is.
            other => other.as_str().to_owned(),
        }
    }

    fn docs(&mut self, docs: &Docs) {
        if let Some(docs) = &docs.contents {
            self.paragraph(docs.trim());
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push_str("\n\n");
    }
}

const PAGE: &str = "docs/wit.md";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_page_is_up_to_date() {
        let root = crate::root().unwrap();
        let committed = fs::read_to_string(root.join(PAGE)).unwrap();
        assert!(render(&root).unwrap() == committed, "run `cargo xtask wit`");
    }

    #[test]
    fn every_item_is_described() {
        let root = crate::root().unwrap();
        let page = render(&root).unwrap();
        let rows = page
            .lines()
            .filter(|line| line.ends_with("|  |"))
            .map(str::to_owned);
        // A heading, and the type or signature below it, are followed by words.
        let paragraphs: Vec<_> = page.split("\n\n").collect();
        let bare = paragraphs.windows(2).filter_map(|pair| {
            let [first, next] = pair else { return None };
            let wants_words = first.starts_with("```") || first.starts_with("#");
            (wants_words && next.starts_with('#')).then(|| (*first).to_owned())
        });
        let undocumented: Vec<_> = rows.chain(bare).collect();
        assert!(
            undocumented.is_empty(),
            "no comment in wit/: {undocumented:#?}"
        );
    }
}
