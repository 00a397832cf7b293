//! What operators see of plugins.

use oslo_messaging::ConnectionState;
use oslo_messaging_plugins::{CallOutcome, InvocationOutcome, StartedBy};

use crate::world::{World, command, relay_policy, until};

/// Its rule has a name that has to be escaped.
const READ: &str = r#"
[[plugins.reader.allow]]
name = 'read "all" \ some'
topic = "compute"
methods = "get_*"
"#;

fn check(metrics: &str, lines: &[&str]) {
    for line in lines {
        assert!(metrics.lines().any(|it| it == *line), "{line}: {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_plugins_do_is_in_the_metrics() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    world.write("badly.wasm", command("(i32.const 1)"));
    let _compute = world.compute().await;
    let timer = "[plugins.badly]\ncomponent = \"badly.wasm\"\n\
                 [[plugins.badly.on]]\nevery = \"20ms\"\n";
    let limits = "[plugins.small.limits]\nmemory = \"1MiB\"\nrequest = \"1KiB\"\n";
    let tell = "[[plugins.teller.allow]]\nname = \"tell\"\nkind = \"notify\"\ntopic = \"*\"\n";
    let text = relay_policy("reader", READ)
        + &relay_policy("small", limits)
        + &relay_policy("teller", tell)
        + timer;
    world.apply(&text).await;
    world.call("teller", "publish").await;
    world.call("reader", "get_free").await;
    world.call("reader", "get_free").await;
    world.raised("reader", "reboot").await;
    world.raised("reader", "trap").await;
    world.call("small", "memory").await;
    let badly = || world.plugin("badly").statistics;
    until("a timer starts it", || badly().failed >= 2).await;

    let metrics = world.host.metrics();
    check(
        &metrics,
        &[
            "# TYPE oslo_plugin_invocations_total counter",
            r#"oslo_plugin_invocations_started_total{plugin="reader",trigger="rpc"} 4"#,
            r#"oslo_plugin_invocations_total{plugin="reader",trigger="rpc",outcome="returned"} 2"#,
            r#"oslo_plugin_invocations_total{plugin="reader",trigger="rpc",outcome="raised"} 1"#,
            r#"oslo_messaging_rpc_server_exception_total{plugin="reader",exception="raised"} 1"#,
            r#"oslo_messaging_rpc_server_exception_total{plugin="reader",exception="trapped"} 1"#,
            r#"oslo_plugin_notifications_total{plugin="teller",rule="tell",outcome="succeeded"} 1"#,
            r#"rpc_client_call_duration_seconds_count{plugin="reader",rule="read \"all\" \\ some",rpc_system_name="oslo_messaging"} 2"#,
            r#"rpc_server_call_duration_seconds_count{plugin="reader",rpc_system_name="oslo_messaging"} 4"#,
            r#"messaging_client_operation_duration_seconds_count{plugin="teller",rule="tell",messaging_operation_name="notification",messaging_system="oslo_messaging"} 1"#,
            r#"oslo_plugin_invocations_total{plugin="reader",trigger="rpc",outcome="trapped"} 1"#,
            r#"oslo_plugin_invocations_total{plugin="badly",trigger="timer",outcome="returned"} 0"#,
            r#"oslo_plugin_invocations_in_flight{plugin="reader",trigger="rpc"} 0"#,
            "# TYPE oslo_plugin_invocation_duration_seconds histogram",
            r#"oslo_plugin_invocation_duration_seconds_count{plugin="reader",trigger="rpc"} 4"#,
            r#"oslo_plugin_invocation_duration_seconds_bucket{plugin="reader",trigger="rpc",le="+Inf"} 4"#,
            r#"oslo_messaging_rpc_server_invocation_end_total{plugin="reader"} 4"#,
            r#"oslo_messaging_rpc_client_invocation_start_total{plugin="reader",rule="read \"all\" \\ some",call_type="call"} 2"#,
            r#"oslo_messaging_rpc_client_invocation_end_total{plugin="reader",rule="read \"all\" \\ some",call_type="call",outcome="succeeded"} 2"#,
            r#"oslo_messaging_rpc_client_processing_seconds_count{plugin="reader",rule="read \"all\" \\ some",call_type="call"} 2"#,
            r#"oslo_plugin_denied_total{plugin="reader",rule="read \"all\" \\ some"} 1"#,
            r#"oslo_plugin_memory_refused_total{plugin="small"} 1"#,
            r#"oslo_plugin_transport_state{transport="default",state="idle"} 1"#,
            r#"oslo_plugin_transport_messages_total{transport="default",kind="call"} 8"#,
            r#"oslo_plugin_transport_outcomes_total{transport="default",outcome="remote"} 2"#,
            "oslo_plugin_host_calls_in_flight 0",
            "oslo_plugin_host_calls_in_flight_limit 1024",
        ],
    );
    // What a plugin, or its caller, chose is in no label.
    for theirs in ["get_free", "reboot", "compute"] {
        assert!(!metrics.contains(theirs), "{theirs}: {metrics}");
    }
    let [transport] = &world.host.transports()[..] else {
        panic!("there is one transport")
    };
    assert_eq!(transport.state, ConnectionState::Idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_is_in_flight_and_what_is_stopped_is_counted_once() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let more = "[[plugins.patient.allow]]\nname = \"hold\"\ntopic = \"compute\"\nmethods = \"*\"\n\
                [plugins.hasty.limits]\ntime = \"100ms\"\ncpu = \"100ms\"\n\
                [[plugins.hasty.allow]]\nname = \"hold\"\ntopic = \"compute\"\nmethods = \"*\"\n";
    let text = relay_policy("patient", "") + &relay_policy("hasty", "") + more;
    world.apply(&text).await;
    let statistics = |name: &str| world.plugin(name).statistics;
    let in_flight = |name: &str| {
        let statistics = statistics(name);
        let invoked = statistics.invoked.get(&StartedBy::Rpc);
        let calls: u64 = statistics.calls.iter().map(|it| it.in_flight()).sum();
        (invoked.map_or(0, |it| it.in_flight()), calls)
    };
    let watching = until("the call is in flight", || in_flight("patient") == (1, 1));
    let (_, ()) = tokio::join!(world.call("patient", "hold"), watching);
    assert_eq!(in_flight("patient"), (0, 0));

    world.raised("hasty", "hold").await;
    until("it has ended", || in_flight("hasty") == (0, 0)).await;
    let counted = statistics("hasty");
    let invoked = &counted.invoked[&StartedBy::Rpc];
    let ended: u64 = invoked.outcomes().values().sum();
    assert_eq!(
        (invoked.started, ended, invoked.durations.count()),
        (1, 1, 1)
    );
    let outcomes = invoked.outcomes();
    let [returned, timed_out] =
        [InvocationOutcome::Returned, InvocationOutcome::TimedOut].map(|it| outcomes[&it]);
    assert_eq!(returned + timed_out, 1, "{outcomes:?}");
    // Its call's own time ends with the invocation, so either may be first.
    let ended = &counted.calls[0].ended;
    let either = [CallOutcome::Timeout, CallOutcome::Forgotten];
    assert!(
        either.iter().any(|it| ended.get(it) == Some(&1)),
        "{ended:?}"
    );
    assert_eq!(ended.len(), 1, "{ended:?}");
    let failed = r#"oslo_messaging_rpc_client_exception_total{plugin="hasty",rule="hold",call_type="call",exception=""#;
    let metrics = world.host.metrics();
    assert!(metrics.contains(failed), "{metrics}");
}

#[tokio::test]
async fn what_is_counted_outlives_a_version() {
    let world = World::new();
    world.write_relay("relay.wasm", 1);
    let _compute = world.compute().await;
    let text = relay_policy("reader", READ);
    world.apply(&text).await;
    world.call("reader", "get_free").await;
    world.write_relay("relay.wasm", 2);
    world.apply(&text).await;
    world.call("reader", "get_free").await;
    let metrics = world.host.metrics();
    let labels = r#"{plugin="reader",rule="read \"all\" \\ some",call_type="call"}"#;
    let started = format!("oslo_messaging_rpc_client_invocation_start_total{labels} 2");
    check(
        &metrics,
        &[&started, r#"oslo_plugin_replaced_total{plugin="reader"} 1"#],
    );
}
