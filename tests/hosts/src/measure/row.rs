//! A figure and its goal.

use std::fmt;

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    what: String,
    figure: f64,
    goal: Goal,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// It is only told.
    None,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, figure: f64, goal: Goal) -> Self {
        Self {
            what: what.into(),
            figure,
            goal,
        }
    }

    pub(super) fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtLeast(least) => self.figure >= least,
            Goal::AtMost(most) => self.figure <= most,
            Goal::None => true,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, figure, goal } = self;
        let met = if self.is_met() { "yes" } else { "no" };
        // Counts have no digits after the point.
        let digits = usize::from(figure.fract() != 0.0) * 2;
        write!(f, "| {what} | {figure:.digits$} |")?;
        match goal {
            Goal::AtLeast(least) => write!(f, " at least {least} | {met} |"),
            Goal::AtMost(most) => write!(f, " at most {most} | {met} |"),
            Goal::None => write!(f, " | |"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_or_not() {
        let row = |figure, goal| Row::new("x", figure, goal).to_string();
        assert_eq!(row(0.0, Goal::AtMost(0.0)), "| x | 0 | at most 0 | yes |");
        assert_eq!(
            row(1.257, Goal::AtMost(1.0)),
            "| x | 1.26 | at most 1 | no |"
        );
        assert_eq!(
            row(89.5, Goal::AtLeast(90.0)),
            "| x | 89.50 | at least 90 | no |"
        );
        assert_eq!(row(7.0, Goal::None), "| x | 7 | | |");
    }
}
