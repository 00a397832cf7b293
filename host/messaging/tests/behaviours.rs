//! One list of behaviours for every transport: what a caller of the native client can rely on
//! with a native server at the other end. Each behaviour gets a topic of its own, so that they
//! can share a broker.

#[path = "behaviours/fixture.rs"]
mod fixture;
#[path = "behaviours/list.rs"]
mod list;

/// A test per behaviour and transport; a behaviour that is not in the list does not compile
/// without a warning.
macro_rules! behaviours {
    ($($name:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let fixture = crate::fixture::Fixture::memory();
                crate::list::$name(&fixture).await;
                fixture.check_nothing_left().await;
            })*
        }

        #[cfg(feature = "broker-tests")]
        mod rabbit {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let fixture = crate::fixture::Fixture::rabbit();
                crate::list::$name(&fixture).await;
                fixture.check_nothing_left().await;
            })*
        }
    };
}

behaviours! {
    a_call_returns_its_result
    falsy_results_survive
    context_reaches_the_method
    json_passes_through_untouched
    an_exception_arrives_as_data
    an_unknown_method_is_an_exception
    an_unsupported_version_is_an_exception
    wrong_arguments_are_a_type_error
    a_panicking_method_is_an_exception
    namespaces_and_versions_select_the_endpoint
    a_call_to_one_server_reaches_only_that_one
    calls_to_a_topic_are_spread_over_its_servers
    the_exchange_is_a_part_of_the_address
    a_cast_is_executed
    a_fanout_cast_reaches_every_server
    a_fanout_cast_to_nobody_succeeds
    a_call_to_nobody_fails_at_once
    a_call_to_nobody_times_out_without_at_least_once
    a_cast_to_nobody_is_lost_unless_asked_for
    a_slow_call_times_out_alone
    a_zero_timeout_times_out_at_once
    a_monitored_call_lives_as_long_as_its_server_beats
    a_monitored_call_ends_without_signs_of_life
    the_timeout_ends_a_monitored_call
    a_version_cap_refuses_before_sending
    a_call_with_fanout_is_refused
    a_target_without_topic_is_refused
    prepared_settings_override_inherit_and_clear
    a_hundred_calls_take_the_time_of_one
    a_dropped_call_leaves_nothing_behind
    a_server_answers_what_runs_before_it_stops
    a_ping_is_answered
    a_closed_transport_says_so
}
