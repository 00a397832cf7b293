//! What an author of plugins says.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use oslo_messaging_build::{Kind, Written};

#[derive(Debug, ClapArgs)]
pub(crate) struct NewArgs {
    /// What it is written in.
    #[arg(short, long, value_parser = written())]
    pub(crate) language: Written,

    /// What it is: a program that calls, one with `async`, or a plugin that serves methods or handles
    /// notifications.
    #[arg(short, long, default_value = "command", value_parser = kind())]
    pub(crate) kind: Kind,

    /// The folder to make; its last part is the plugin's name.
    pub(crate) folder: PathBuf,
}

/// A plugin to build or to test.
#[derive(Debug, ClapArgs)]
pub(crate) struct ProjectArgs {
    /// The plugin's folder, by whose files its language is told.
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

fn written() -> impl clap::builder::TypedValueParser<Value = Written> {
    PossibleValuesParser::new(Written::ALL.map(Written::name))
        .try_map(|name| Written::named(&name).ok_or("there is no such language"))
}

fn kind() -> impl clap::builder::TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name))
        .try_map(|name| Kind::named(&name).ok_or("there is no such kind"))
}
