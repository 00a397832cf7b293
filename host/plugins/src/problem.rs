//! What keeps plugins from being run, all of it at once.

use std::fmt;

/// One thing that keeps a plugin, or all of them, from being run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadProblem {
    /// What it is about.
    pub about: About,
    /// What is wrong.
    pub message: String,
    /// What to do about it, if that is known.
    pub remedy: Option<String>,
}

/// What a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The address at which HTTP requests come in.
    Http,
    /// The plugin of this name.
    Plugin(String),
    /// The transport of this name.
    Transport(String),
}

impl LoadProblem {
    pub(crate) fn new(about: About, message: impl fmt::Display) -> Self {
        Self {
            about,
            message: message.to_string(),
            remedy: None,
        }
    }

    pub(crate) fn plugin(name: &str, message: impl fmt::Display) -> Self {
        Self::new(About::Plugin(name.to_owned()), message)
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub(crate) fn is_of_plugin(&self, name: &str) -> bool {
        matches!(&self.about, About::Plugin(plugin) if plugin == name)
    }
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            about,
            message,
            remedy,
        } = self;
        match about {
            About::Http => write!(f, "http: {message}")?,
            About::Plugin(name) => write!(f, "plugin `{name}`: {message}")?,
            About::Transport(name) => write!(f, "transport `{name}`: {message}")?,
        }
        match remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

/// Everything that keeps the plugins of a policy from being run. Printed, each has a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadProblems(pub(crate) Vec<LoadProblem>);

impl LoadProblems {
    /// The problems, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &LoadProblem> {
        self.0.iter()
    }
}

impl fmt::Display for LoadProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadProblems {}
