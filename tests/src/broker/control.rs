//! `rabbitmqctl` in a virtual machine that stays: starting one takes most of a second of a processor, and the tests
//! ask a node for a hundred things.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::node::Node;
use crate::contain::unique;
use crate::running::Running;

/// The command line tools of one node, as they run until they are dropped.
#[derive(Debug)]
pub(super) struct Control {
    _process: Running,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    complaints: BufReader<ChildStderr>,
    /// The line at the end of what a command printed begins with it.
    end: String,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) success: bool,
    pub(super) output: String,
    pub(super) complaints: String,
}

impl Control {
    /// Starts the virtual machine with the tools of the node's version.
    pub(super) fn start(node: &Node) -> Result<Self> {
        let program = node.command("rabbitmqctl");
        let end = unique();
        let mut command = Command::new("sh");
        command.arg("-c").arg(SHELL).arg(program.get_program());
        command.arg(node.folder().join("tools")).arg(LOOP).arg(&end);
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let mut child = command
            .current_dir(node.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // The shell is replaced, and Erlang has children of its own.
            .process_group(0)
            .spawn()
            .context("cannot run rabbitmqctl")?;
        let (input, output, complaints) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        Ok(Self {
            _process: Running::with_group(child),
            input: input.context("it is a pipe")?,
            output: BufReader::new(output.context("it is a pipe")?),
            complaints: BufReader::new(complaints.context("it is a pipe")?),
            end,
        })
    }

    /// Runs one command.
    pub(super) fn run(&mut self, arguments: &[&str]) -> Result<Ended> {
        let literals: Vec<_> = arguments.iter().copied().map(literal).collect();
        let written = writeln!(self.input, "[{}].", literals.join(","));
        let (output, code) = until(&mut self.output, &self.end);
        let (complaints, _) = until(&mut self.complaints, &self.end);
        ensure!(
            written.is_ok() && code.is_some(),
            "rabbitmqctl ended: {output}{complaints}"
        );
        Ok(Ended {
            success: code.as_deref() == Some("0"),
            output,
            complaints,
        })
    }
}

/// What comes before a line that begins so, and the rest of that line.
fn until(lines: &mut impl BufRead, end: &str) -> (String, Option<String>) {
    let mut text = String::new();
    loop {
        let mut line = Vec::new();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return (text, None),
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        if let Some((before, code)) = line.split_once(end) {
            text.push_str(before);
            return (text, Some(code.trim().to_owned()));
        }
        text.push_str(&line);
    }
}

/// As Erlang writes a string.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            ' '..='~' => literal.push(character),
            other => literal.push_str(&format!("\\x{{{:x}}}", u32::from(other))),
        }
    }
    literal.push('"');
    literal
}

/// As the script of the same name starts the tools, which are in an archive of their own, but for what runs then. It
/// has the script's path, a folder for what is in the archive, and what to run.
const SHELL: &str = r#"
set -ea
. "${0%/*}"/rabbitmq-env
_rmq_env_set_erl_libs
exec erl +B +S 1:1 +sbwt none -boot "$CLEAN_BOOT_FILE" -noshell -hidden \
    -kernel inet_dist_listen_min "$RABBITMQ_CTL_DIST_PORT_MIN" \
    -kernel inet_dist_listen_max "$RABBITMQ_CTL_DIST_PORT_MAX" \
    -eval "$2" -extra rabbitmqctl "$ESCRIPT_DIR/rabbitmqctl" "$1" "$3"
"#;

/// Reads lists of arguments and runs the tools' own `main` with each. It ends as a program ends, which is no reason to
/// end here.
const LOOP: &str = r#"
[_, Script, Folder, End] = init:get_plain_arguments(),
{ok, Sections} = escript:extract(Script, []),
{archive, Archive} = lists:keyfind(archive, 1, Sections),
{ok, _} = zip:unzip(Archive, [{cwd, Folder}]),
% In one folder, or one for each of its applications.
ok = code:add_pathsa([Folder | filelib:wildcard(Folder ++ "/*/ebin")]),
ok = logger:set_primary_config(level, error),
ok = application:load(rabbitmqctl),
{ok, _} = application:ensure_all_started(logger),
Run = fun(Arguments) ->
    try 'Elixir.RabbitMQCtl':main(Arguments) of
        _ -> 0
    catch
        exit:{shutdown, Code} -> Code;
        Class:Reason -> io:format(standard_error, "~p: ~p~n", [Class, Reason]), 70
    end
end,
Loop = fun Loop() ->
    case io:read("") of
        {ok, Arguments} ->
            Texts = [unicode:characters_to_binary(Argument) || Argument <- Arguments],
            {Process, Monitor} = spawn_monitor(fun() -> exit({code, Run(Texts)}) end),
            Code = receive
                {'DOWN', Monitor, process, Process, {code, Ended}} -> Ended;
                {'DOWN', Monitor, process, Process, _} -> 70
            end,
            [io:format(Device, "~s ~p~n", [End, Code]) || Device <- [standard_io, standard_error]],
            Loop();
        _ ->
            halt()
    end
end,
Loop().
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_what_they_are_whatever_is_in_them() {
        assert_eq!(
            literal("a \"b\" \\ \n\u{e4}"),
            r#""a \"b\" \\ \x{a}\x{e4}""#
        );
    }

    #[test]
    fn what_was_printed_ends_where_the_command_did() {
        let mut lines = "one\ntwoEND 64\nthree".as_bytes();
        assert_eq!(
            until(&mut lines, "END"),
            ("one\ntwo".to_owned(), Some("64".to_owned()))
        );
        assert_eq!(until(&mut lines, "END"), ("three".to_owned(), None));
    }
}
