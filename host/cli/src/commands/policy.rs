//! Looking at policy files.

use std::path::Path;

use oslo_messaging::transport::ConfigFiles;
use oslo_messaging::{Error, TransportOptions};
use oslo_messaging_policy::{Kind, Policy, Request, Transport, TransportSource};

use crate::args::{ExplainArgs, PolicyCommand};
use crate::failure::{Exit, Failure};
use crate::print;

pub(crate) fn policy(command: PolicyCommand, json: bool) -> Result<u8, Failure> {
    match command {
        PolicyCommand::Check { policy } => {
            load(&policy, json)?;
            print::verdict(format_args!("{} is good", policy.display()));
            Ok(0)
        }
        PolicyCommand::Explain(args) => explain(&args, json),
    }
}

/// Reads a policy, and tells what is probably not meant.
pub(crate) fn load(file: &Path, json: bool) -> Result<Policy, Failure> {
    let policy = Policy::load(file).map_err(|error| {
        let mut message = error.to_string();
        if let Some(cause) = std::error::Error::source(&error) {
            message = format!("{message}: {cause}");
        }
        Failure::new(Exit::InvalidPolicy, message)
    })?;
    for warning in policy.warnings() {
        print::warning_of_policy(warning, json);
    }
    Ok(policy)
}

fn explain(args: &ExplainArgs, json: bool) -> Result<u8, Failure> {
    let policy = load(&args.policy, json)?;
    let Some(plugin) = policy.plugin(&args.plugin) else {
        let names: Vec<_> = policy
            .plugins()
            .map(|it| format!("`{}`", it.name()))
            .collect();
        let names = names.join(", ");
        let message = format!(
            "there is no plugin `{}`, but there are: {names}",
            args.plugin
        );
        return Err(Failure::new(Exit::InvalidArgument, message));
    };
    let transport = policy.transport(&args.transport).ok_or_else(|| {
        let message = format!("there is no transport `{}`", args.transport);
        Failure::new(Exit::InvalidArgument, message)
    })?;
    let (target, method) = (&*args.target, &*args.method);
    let request = if args.notify {
        Request::notification(target, args.priority, method)
    } else if args.cast || args.fanout {
        Request::new(Kind::Cast, target, method)
    } else {
        Request::new(Kind::Call, target, method)
    };
    let exchange = control_exchange(transport, &args.policy)?;
    let request = request
        .transport(&args.transport, &exchange)
        .exchange(args.exchange.as_deref())
        .namespace(args.namespace.as_deref())
        .version(args.rpc_version.as_deref())
        .fanout(args.fanout);
    let explanation = plugin.rules().explain(&request);
    print::line(&explanation);
    Ok(if explanation.decision().is_allowed() {
        0
    } else {
        DENIED
    })
}

/// Where targets go that name no exchange, as a host would find it out.
fn control_exchange(transport: &Transport, policy: &Path) -> Result<String, Failure> {
    let told = transport.control_exchange().map(ToOwned::to_owned);
    match (told, transport.source()) {
        (Some(told), _) => Ok(told),
        (None, TransportSource::ConfigFile(path)) => {
            let folder = policy.parent().unwrap_or_else(|| Path::new(""));
            let service = ConfigFiles::new().file(folder.join(path)).read();
            Ok(service.map_err(Error::from)?.options.control_exchange)
        }
        (None, TransportSource::Url(_)) => Ok(TransportOptions::default().control_exchange),
    }
}

/// As the help of the program says.
const DENIED: u8 = 32;
