//! Making, building and testing plugins. None of it needs a broker, or the program's own runtime.

use oslo_messaging_build::{Builder, Error, Project, create};

use crate::args::{NewArgs, ProjectArgs};
use crate::failure::{Exit, Failure};
use crate::print;

/// Makes a fresh plugin and says what comes next.
pub(crate) fn new(args: &NewArgs) -> Result<u8, Failure> {
    let builder = Builder::of_user()?;
    let project = create(&builder, args.language, args.kind, &args.folder)?;
    let shown = args.folder.display();
    let name = project.component();
    let name = name.file_stem().unwrap_or_default().display();
    print::line(format_args!(
        "{shown} is a plugin in {}, and its README.md says more; in that folder:\n  \
         oslo-plugin test\n  oslo-plugin build\n  {}",
        args.language.name(),
        args.kind.run(&name.to_string()).replace('\n', "\n  "),
    ));
    Ok(0)
}

/// Builds a component and says where it is.
pub(crate) fn build(args: &ProjectArgs) -> Result<u8, Failure> {
    let component = Project::open(&args.folder)?.build(&Builder::of_user()?)?;
    print::line(component.display());
    Ok(0)
}

/// Runs a plugin's own tests, which print what they have to say.
pub(crate) fn test(args: &ProjectArgs) -> Result<u8, Failure> {
    Project::open(&args.folder)?.test(&Builder::of_user()?)?;
    Ok(0)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(Exit::Failed, error.chain())
    }
}
