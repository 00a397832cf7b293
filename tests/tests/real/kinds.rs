//! The services, and how each is started.

/// A service of OpenStack's.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The name of its files in `tests/real`.
    pub(crate) name: &'static str,
    /// The exchange of its topics.
    pub(crate) exchange: &'static str,
    /// Its databases, without their extension.
    pub(crate) databases: &'static [&'static str],
    /// The program that makes the databases, and its arguments after the configuration file; several
    /// times if it takes several.
    pub(crate) migrations: &'static [&'static [&'static str]],
    /// What serves, each with its topic; a file of `tests/real` if it is one in Python.
    pub(crate) programs: &'static [(&'static str, &'static str)],
    /// The clients of it that the plugin in `tests/real/clients` has.
    pub(crate) clients: &'static [&'static str],
}

pub(crate) static KINDS: &[Kind] = &[
    Kind {
        name: "heat",
        exchange: "heat",
        databases: &["heat"],
        migrations: &[&["heat-manage", "db_sync"]],
        programs: &[("heat-engine", "engine")],
        clients: &["heat"],
    },
    Kind {
        name: "cinder",
        exchange: "openstack",
        databases: &["cinder"],
        migrations: &[&["cinder-manage", "db", "sync"]],
        programs: &[("cinder-scheduler", "cinder-scheduler")],
        clients: &["cinder"],
    },
    Kind {
        name: "nova",
        exchange: "nova",
        databases: &["nova_api", "nova"],
        migrations: &[
            &["nova-manage", "api_db", "sync"],
            &["nova-manage", "db", "sync", "--local_cell"],
        ],
        programs: &[
            ("nova-conductor", "conductor"),
            ("nova-scheduler", "scheduler"),
        ],
        clients: &[],
    },
    Kind {
        name: "designate",
        exchange: "designate",
        databases: &["designate"],
        migrations: &[&["designate-manage", "database", "sync"]],
        programs: &[("designate-central", "central")],
        clients: &[],
    },
    Kind {
        name: "ironic",
        exchange: "ironic",
        databases: &["ironic"],
        migrations: &[&["ironic-dbsync", "create_schema"]],
        programs: &[("ironic-conductor", "ironic.conductor_manager")],
        clients: &[],
    },
    // No service of OpenStack's, but real oslo.messaging with oslo.versionedobjects.
    Kind {
        name: "objects",
        exchange: "openstack",
        databases: &[],
        migrations: &[],
        programs: &[("objects.py", "objects")],
        clients: &["objects", "values"],
    },
];
