//! A service's configuration on the command line, as oslo.config has it.

use std::path::PathBuf;

use clap::error::Error;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches};
use oslo_messaging::transport::ConfigFiles;

/// Files and folders in the order in which they are given.
#[derive(Debug)]
pub(crate) struct ConfigArgs {
    pub(crate) files: ConfigFiles,
    /// Whether what is said about them is JSON.
    pub(crate) json: bool,
}

/// What clap keeps apart by option, and so without the order.
#[derive(Args, Debug)]
#[group(skip)]
struct Given {
    /// A service's oslo.config file, which has `transport_url`, `control_exchange` and
    /// `rpc_response_timeout` in `[DEFAULT]`, and `[oslo_messaging_rabbit]`. May be repeated: a later
    /// file overrides those before it.
    #[arg(long, value_name = "FILE", env = "OSLO_PLUGIN_CONFIG_FILE", action = ArgAction::Append)]
    config_file: Vec<PathBuf>,

    /// A folder whose files `*.conf` are read in the order of their names, each as with
    /// --config-file. May be repeated, and stands where it is given among the files.
    #[arg(long, value_name = "FOLDER", env = "OSLO_PLUGIN_CONFIG_DIR", action = ArgAction::Append)]
    config_dir: Vec<PathBuf>,

    /// Refuse an option that nobody reads, of which a warning is printed otherwise.
    #[arg(long)]
    strict_config: bool,
}

impl FromArgMatches for ConfigArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = Given::from_arg_matches(matches)?;
        let files = given.config_file.into_iter().map(|path| (false, path));
        let folders = given.config_dir.into_iter().map(|path| (true, path));
        let mut sources: Vec<_> = places(matches, "config_file").zip(files).collect();
        sources.extend(places(matches, "config_dir").zip(folders));
        sources.sort_by_key(|(place, _)| *place);
        let mut files = ConfigFiles::new().strict(given.strict_config);
        for (_, (is_folder, path)) in sources {
            files = if is_folder {
                files.folder(path)
            } else {
                files.file(path)
            };
        }
        // An option of the whole program, whose value every command has.
        let json = matches.try_get_one("json").ok().flatten();
        let json = json.copied().unwrap_or_default();
        Ok(Self { files, json })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for ConfigArgs {
    fn augment_args(command: Command) -> Command {
        Given::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Given::augment_args_for_update(command)
    }
}

/// Where on the command line the values of an option stand. The environment's come before all, as
/// upstream's default files do.
fn places(matches: &ArgMatches, option: &str) -> impl Iterator<Item = usize> {
    let is_given = matches.value_source(option) == Some(ValueSource::CommandLine);
    let places = matches.indices_of(option).into_iter().flatten();
    places.map(move |place| if is_given { place } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> ConfigArgs {
        let command = ConfigArgs::augment_args(Command::new("test").no_binary_name(true));
        let matches = command.try_get_matches_from(words).unwrap();
        ConfigArgs::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn the_order_of_files_and_folders_is_that_of_the_command_line() {
        let words = "--config-file a --config-dir b --strict-config --config-file=c --config-dir=d";
        let words: Vec<_> = words.split(' ').collect();
        let expected = ConfigFiles::new()
            .strict(true)
            .file("a")
            .folder("b")
            .file("c")
            .folder("d");
        assert_eq!(
            format!("{:?}", parsed(&words).files),
            format!("{expected:?}")
        );
        assert!(parsed(&[]).files.is_empty());
    }
}
