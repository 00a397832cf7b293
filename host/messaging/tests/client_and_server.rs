//! The native client and server, in memory and over RabbitMQ. What a script can say is
//! in `tests/tests/behaviours`; here is the rest. Each behaviour gets a topic of its own, so that
//! they can share a broker.

#[path = "client_and_server/fixture.rs"]
mod fixture;
#[path = "client_and_server/list.rs"]
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
    an_error_says_whether_the_method_was_executed
    an_exception_can_be_passed_on
    no_message_to_a_topic_is_lost_or_doubled
    a_client_says_what_it_was_given
    a_server_needs_a_topic_and_a_name
    json_passes_through_untouched
    wrong_arguments_are_a_type_error
    a_panicking_method_is_an_exception
    a_monitored_call_ends_without_signs_of_life
    a_dropped_call_leaves_nothing_behind
    a_server_answers_what_runs_before_it_stops
    a_closed_transport_says_so
}
