use oslo_messaging_guest::{Client, Result, Settings};

use crate::outcome::{Outcome, refuse};
use crate::step::{Open, Step};

/// The clients of a script, by their numbers; the opened one is the first.
#[derive(Debug)]
pub struct Clients(Vec<Option<Client>>);

impl Clients {
    /// Opens the first one.
    ///
    /// # Errors
    /// As [`Client::open_with`].
    pub fn open(open: Open) -> Result<Self> {
        let Open {
            transport,
            target,
            settings,
        } = open;
        let client = Client::open_with(&transport, target.into(), &settings)?;
        Ok(Self(vec![Some(client)]))
    }

    /// The client that a step uses: that of its number, or the newest.
    ///
    /// # Errors
    /// The outcome of a step whose client is not there.
    pub fn find(&self, step: &Step) -> std::result::Result<&Client, Outcome> {
        self.numbered(self.number(step))
    }

    /// The client of a request, which may have a number of its own.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn of_request(
        &self,
        request: Option<usize>,
        step: usize,
    ) -> std::result::Result<&Client, Outcome> {
        self.numbered(request.unwrap_or(step))
    }

    /// The number of the client that a step uses.
    #[must_use]
    pub fn number(&self, step: &Step) -> usize {
        let newest = || self.0.iter().rposition(Option::is_some).unwrap_or(0);
        step.client.unwrap_or_else(newest)
    }

    fn numbered(&self, number: usize) -> std::result::Result<&Client, Outcome> {
        match self.0.get(number) {
            Some(Some(client)) => Ok(client),
            Some(None) => Err(refuse(format!("client {number} was dropped"))),
            None => Err(refuse(format!("there is no client {number}"))),
        }
    }

    /// Makes a client of that of a step.
    pub fn prepare(&mut self, step: &Step, settings: &Settings) -> Outcome {
        match self.find(step) {
            Ok(client) => {
                let prepared = client.prepare().settings(settings).client();
                Outcome::of(prepared.map(|client| self.0.push(Some(client))))
            }
            Err(outcome) => outcome,
        }
    }

    /// Drops the client of a step.
    pub fn drop_one(&mut self, step: &Step) -> Outcome {
        let number = self.number(step);
        match self.0.get_mut(number) {
            Some(slot @ Some(_)) => {
                *slot = None;
                Outcome::of(Ok(()))
            }
            _ => refuse(format!("there is no client {number}")),
        }
    }
}
