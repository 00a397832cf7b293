//! From the assignments of a service's files to what is configured, and what is not.

use std::collections::BTreeSet;
use std::time::Duration;

use super::TransportOptions;
use super::error::{ConfigError, ConfigProblem};
use super::files::ServiceConfig;
use super::ini::{Assignment, DEFAULT, Ini, Order};
use super::nearest::misspelt;
#[cfg(feature = "rabbit")]
use super::rabbit::RabbitOptions;
#[cfg(feature = "rabbit")]
use super::removed::{Given, Removed};
use super::unread::{ConfigWarning, Unread};
use super::url::TransportUrl;

/// Reads the text of one file that has no name.
pub(crate) fn read_text(text: &[u8]) -> Result<ServiceConfig, ConfigError> {
    let mut ini = Ini::default();
    ini.add(None, text)?;
    read(&ini, false)
}

pub(super) fn read(ini: &Ini, is_strict: bool) -> Result<ServiceConfig, ConfigError> {
    let mut reader = Reader {
        ini,
        options: TransportOptions::default(),
        unread: Vec::new(),
    };
    reader.sections();
    reader.default()?;
    #[cfg(feature = "rabbit")]
    reader.rabbit()?;
    let Reader {
        options,
        mut unread,
        ..
    } = reader;
    unread.sort_by_key(|(order, _)| *order);
    let warnings: Vec<_> = unread.into_iter().map(|(_, warning)| warning).collect();
    let without_effect =
        |warning: &ConfigWarning| matches!(warning.unread, Unread::WithoutEffect { .. });
    match warnings
        .iter()
        .find(|warning| is_strict && !without_effect(warning))
    {
        Some(refused) => Err(refused.clone().into()),
        None => Ok(ServiceConfig { options, warnings }),
    }
}

struct Reader<'a> {
    ini: &'a Ini,
    options: TransportOptions,
    unread: Vec<(Order, ConfigWarning)>,
}

impl Reader<'_> {
    fn sections(&mut self) {
        let mut seen = BTreeSet::new();
        for section in self.ini.sections() {
            let name = section.name.as_str();
            if let Some(nearest) = misspelt(name, &[RABBIT])
                && !name.eq_ignore_ascii_case(RABBIT)
                && seen.insert(name)
            {
                let warning = ConfigWarning {
                    place: section.place.clone(),
                    section: section.name.clone(),
                    option: None,
                    unread: Unread::UnknownSection { nearest },
                };
                self.unread.push((section.order, warning));
            }
        }
    }

    fn default(&mut self) -> Result<(), ConfigError> {
        for assignment in self.ini.section(DEFAULT) {
            if OURS.contains(&assignment.name.as_str()) {
                self.set_default(assignment)?;
            } else if let Some(nearest) = misspelt(&assignment.name, &OURS) {
                // Whoever misspells one believes it set.
                let nearest = Some(nearest);
                self.unread(DEFAULT, assignment, Unread::UnknownOption { nearest });
            }
        }
        Ok(())
    }

    fn set_default(&mut self, assignment: &Assignment) -> Result<(), ConfigError> {
        let name = assignment.name.as_str();
        let wrong = |problem| ConfigError::new(assignment.place.clone(), problem);
        let value = self.ini.value(assignment).map_err(|mut problem| {
            // What looks like a reference may be a part of a password.
            if let ConfigProblem::UnknownReference { name: shown } = &mut problem
                && name == "transport_url"
            {
                *shown = None;
            }
            wrong(problem)
        })?;
        if value.is_empty() {
            return Ok(());
        }
        match name {
            "control_exchange" => self.options.control_exchange = value,
            "transport_url" => {
                let url = value.parse::<TransportUrl>();
                let url = url.map_err(|error| wrong(ConfigProblem::TransportUrl(error)))?;
                self.options.transport_url = Some(url);
            }
            _ => {
                let seconds = value.trim().parse::<u64>();
                let seconds = seconds.map_err(|_| wrong(ConfigProblem::BadTimeout { value }))?;
                self.options.rpc_response_timeout = Duration::from_secs(seconds);
            }
        }
        Ok(())
    }

    fn unread(&mut self, section: &str, assignment: &Assignment, unread: Unread) {
        let warning = ConfigWarning {
            place: assignment.place.clone(),
            section: section.to_owned(),
            option: Some(assignment.name.clone()),
            unread,
        };
        self.unread.push((assignment.order, warning));
    }
}

#[cfg(feature = "rabbit")]
impl Reader<'_> {
    fn rabbit(&mut self) -> Result<(), ConfigError> {
        let assignments = self.ini.section(RABBIT);
        for assignment in &assignments {
            let Some(names) = RabbitOptions::names_of(&assignment.name) else {
                continue;
            };
            let counts = self.ini.of_names(RABBIT, names);
            if !counts.is_some_and(|counts| std::ptr::eq(counts, *assignment)) {
                continue;
            }
            let wrong = |problem| ConfigError::new(assignment.place.clone(), problem);
            let value = self.ini.value(assignment).map_err(wrong)?;
            let set = self.options.rabbit.set(&assignment.name, &value);
            set.map_err(|error| wrong(error.into()))?;
        }
        // The URL's own options may still complete them; what it says is known here already.
        let last = assignments.last().map(|last| last.place.clone());
        let last = last.unwrap_or_default();
        let wrong = |error: super::OptionError| ConfigError::new(last.clone(), error.into());
        let mut merged = self.options.rabbit.clone();
        if let Some(url) = &self.options.transport_url {
            for (name, value) in url.options() {
                merged.set(name, value).map_err(wrong)?;
            }
        }
        merged.check().map_err(wrong)?;

        for assignment in assignments {
            if let Some(unread) = self.unread_of_rabbit(assignment, &merged) {
                self.unread(RABBIT, assignment, unread);
            }
        }
        for assignment in self.ini.section(DEFAULT) {
            if let Some(unread) = self.unread_of_default(assignment, &merged) {
                self.unread(DEFAULT, assignment, unread);
            }
        }
        Ok(())
    }

    fn unread_of_rabbit(&self, assignment: &Assignment, merged: &RabbitOptions) -> Option<Unread> {
        let name = assignment.name.as_str();
        if RabbitOptions::names_of(name).is_some() {
            return None;
        }
        if let Some(reason) = RabbitOptions::without_effect(name) {
            return Some(Unread::WithoutEffect { reason });
        }
        if let Some(removed) = Removed::find(name, false) {
            return Some(removed.unread(&self.given(assignment, merged)));
        }
        let nearest = RabbitOptions::nearest(name);
        Some(Unread::UnknownOption { nearest })
    }

    /// Of `[DEFAULT]`, which is everybody's, only what was once read there.
    fn unread_of_default(&self, assignment: &Assignment, merged: &RabbitOptions) -> Option<Unread> {
        let name = assignment.name.as_str();
        if let Some(removed) = Removed::find(name, true) {
            return Some(removed.unread(&self.given(assignment, merged)));
        }
        let of_rabbit = RabbitOptions::names_of(name).is_some()
            || RabbitOptions::without_effect(name).is_some();
        let only_there = ["amqp_", "conn_pool_", "kombu_", "rabbit_", "rpc_conn_pool_"];
        let is_misplaced = of_rabbit && only_there.iter().any(|first| name.starts_with(first));
        is_misplaced.then_some(Unread::Misplaced { section: RABBIT })
    }

    fn given<'b>(&self, assignment: &'b Assignment, options: &'b RabbitOptions) -> Given<'b> {
        Given {
            value: &assignment.value,
            options,
            has_url: self.options.transport_url.is_some(),
        }
    }
}

/// The options of `[DEFAULT]` that are read.
const OURS: [&str; 3] = ["control_exchange", "rpc_response_timeout", "transport_url"];
const RABBIT: &str = "oslo_messaging_rabbit";
