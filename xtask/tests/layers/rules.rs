//! The rules, as data: which crate may stand on which, and what a file must never use.

/// Who a crate may stand on.
pub struct CrateRule {
    /// The crate.
    pub name: &'static str,
    /// With which features: a crate has a row for each of its two forms where they differ in what they may bring.
    pub features: Features,
    /// The crates of this workspace that it may depend on, beside tests.
    pub ours: &'static [&'static str],
    /// Crates that it must not name in its own manifest.
    pub not_direct: &'static [&'static str],
    /// Crates that it must not bring along, at any depth.
    pub never: &'static [&'static [&'static str]],
    /// Why.
    pub reason: &'static str,
}

/// The features that a crate is looked at with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// The default ones.
    Default,
    /// None: what is left is the core.
    Core,
}

/// Crates that reach files, network, devices, clock or randomness.
const IO: &[&str] = &[
    "async-io",
    "axum",
    "getrandom",
    "hyper",
    "libc",
    "mio",
    "nix",
    "pcsc",
    "pcsc-sys",
    "rand",
    "reqwest",
    "rustix",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tempfile",
    "tokio",
    "ureq",
];

/// Crates that speak HTTP.
const HTTP: &[&str] = &[
    "axum",
    "axum-core",
    "h2",
    "http",
    "httparse",
    "hyper",
    "reqwest",
    "tower-http",
    "ureq",
];

/// Crates that speak TLS.
const TLS: &[&str] = &["aws-lc-rs", "native-tls", "openssl-sys", "ring", "rustls"];

/// Crates that speak HTTP as a server.
const HTTP_SERVER: &[&str] = &["axum", "axum-core", "hyper", "hyper-util", "tower-http"];

/// Crates that speak to a database.
const DATABASE: &[&str] = &[
    "sqlx",
    "sqlx-core",
    "sqlx-postgres",
    "sqlx-sqlite",
    "libsqlite3-sys",
];

/// Crates that speak to a reader, or as a PKCS#11 module.
const READER: &[&str] = &["pcsc", "pcsc-sys", "cryptoki", "cryptoki-sys"];

/// Every crate of the workspace has its row.
pub const CRATES: &[CrateRule] = &[
    CrateRule {
        name: "card-edge",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[IO],
        reason: "every byte of the card's protocol can be tested and fuzzed",
    },
    CrateRule {
        name: "card-host",
        features: Features::Default,
        ours: &["card-edge"],
        not_direct: &[],
        never: &[READER, HTTP, DATABASE, TLS, &["tokio"]],
        reason: "it stands in other people's programs too, and is given the way to a card",
    },
    CrateRule {
        name: "enrollment-protocol",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[IO],
        reason: "types that phone, server and tests share, and nothing that does anything",
    },
    CrateRule {
        name: "plain-text",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[IO],
        reason: "every program shows text through it, whatever else it may know",
    },
    CrateRule {
        name: "hidden-input",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[READER, HTTP, DATABASE],
        reason: "every program asks for secrets through it, whatever else it may know",
    },
    CrateRule {
        name: "phone",
        features: Features::Default,
        ours: &[
            "card-edge",
            "enrollment-protocol",
            "hidden-input",
            "plain-text",
        ],
        not_direct: &[],
        never: &[READER, DATABASE, HTTP_SERVER],
        reason: "the card knows neither readers nor PKCS#11: it is what they talk to",
    },
    CrateRule {
        name: "phone",
        features: Features::Core,
        ours: &[
            "card-edge",
            "enrollment-protocol",
            "hidden-input",
            "plain-text",
        ],
        not_direct: &[],
        never: &[HTTP, TLS],
        reason: "the core goes into an app, which has HTTPS of its own",
    },
    CrateRule {
        name: "pkcs11-module",
        features: Features::Default,
        ours: &["card-edge", "card-host", "plain-text"],
        not_direct: &[],
        never: &[HTTP, DATABASE, TLS, &["tokio"]],
        reason: "it is loaded into other people's programs and talks to the card alone",
    },
    CrateRule {
        name: "cli",
        features: Features::Default,
        ours: &["card-edge", "card-host", "hidden-input", "plain-text"],
        not_direct: &[],
        never: &[HTTP, DATABASE],
        reason: "it talks to readers and cards",
    },
    CrateRule {
        name: "enroll-server-model",
        features: Features::Default,
        ours: &["enrollment-protocol"],
        not_direct: &[],
        never: &[HTTP, DATABASE, &["tokio"]],
        reason: "the ground of the server: words and values",
    },
    CrateRule {
        name: "enroll-server-files",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[HTTP, DATABASE, &["tokio"]],
        reason: "files as the server keeps them, whatever is in them",
    },
    CrateRule {
        name: "enroll-server-ca",
        features: Features::Default,
        ours: &["enroll-server-files", "enroll-server-model"],
        not_direct: &[],
        never: &[HTTP, DATABASE, &["tokio"]],
        reason: "an authority signs what it is given and knows no database",
    },
    CrateRule {
        name: "enroll-server-store",
        features: Features::Default,
        ours: &["enroll-server-files", "enroll-server-model"],
        not_direct: &[],
        never: &[HTTP],
        reason: "SQL stands here alone, and knows rows but not what they are for",
    },
    CrateRule {
        name: "enroll-server-service",
        features: Features::Default,
        ours: &[
            "enroll-server-ca",
            "enroll-server-files",
            "enroll-server-store",
            "enroll-server-model",
            "enrollment-protocol",
        ],
        not_direct: &["sqlx"],
        never: &[HTTP],
        reason: "the rules of the service: no HTTP, and no SQL but through the store",
    },
    CrateRule {
        name: "enroll-server",
        features: Features::Default,
        ours: &[
            "enroll-server-service",
            "enroll-server-model",
            "enrollment-protocol",
            "hidden-input",
            "plain-text",
        ],
        not_direct: &["sqlx", "rcgen"],
        never: &[READER],
        reason: "pages and API call services; they run no SQL and sign nothing",
    },
    CrateRule {
        name: "manual",
        features: Features::Default,
        ours: &["cli", "enroll-server"],
        not_direct: &[],
        never: &[],
        reason: "it asks the packaged commands for their help, and nothing else",
    },
    CrateRule {
        name: "tapcard-tests",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[READER, DATABASE],
        reason: "the rig starts programs and looks at them from outside",
    },
    CrateRule {
        name: "pkcs11-client",
        features: Features::Default,
        ours: &[],
        not_direct: &[],
        never: &[HTTP, TLS, DATABASE],
        reason: "a client knows modules by their C interface alone",
    },
    CrateRule {
        name: "xtask",
        features: Features::Default,
        ours: &["tapcard-tests"],
        not_direct: &[],
        never: &[READER, DATABASE],
        reason: "it builds before any system library is there",
    },
];

/// What files of a folder must never use.
pub struct FileRule {
    /// The files, by the beginning of their path.
    pub from: &'static str,
    /// What they must not use, by the beginning of its path.
    pub never: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// What of the standard library the sources of a folder must not name.
pub struct StandardRule {
    /// The files, by the beginning of their path.
    pub from: &'static str,
    /// The modules.
    pub never: &'static [&'static str],
    /// Why.
    pub reason: &'static str,
}

/// Files, network, programs, threads, clock.
const OUTSIDE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// The crates that do nothing but turn bytes into types and back.
pub const STANDARD: &[StandardRule] = &[
    StandardRule {
        from: "card-edge/src/",
        never: OUTSIDE,
        reason: "every byte of the card's protocol can be tested and fuzzed",
    },
    StandardRule {
        from: "enrollment-protocol/src/",
        never: OUTSIDE,
        reason: "types that phone, server and tests share, and nothing that does anything",
    },
];

/// The arrows within crates that a reader relies on.
pub const FILES: &[FileRule] = &[
    FileRule {
        from: "pkcs11-module/src/operation/",
        never: "pkcs11-module/src/module.rs",
        reason: "an operation is a value of a session and never names the module",
    },
    FileRule {
        from: "pkcs11-module/src/mechanism/",
        never: "pkcs11-module/src/operation/",
        reason: "a mechanism is arithmetic; what state it is in is the operation's business",
    },
    FileRule {
        from: "phone/src/piv/",
        never: "phone/src/link/",
        reason: "the PIV application does not know how its commands arrive",
    },
    FileRule {
        from: "phone/src/piv/",
        never: "phone/src/enrollment/",
        reason: "the PIV application does not know how its keys came about",
    },
    FileRule {
        from: "phone/src/state/",
        never: "phone/src/piv/",
        reason: "what is on disk does not depend on what is done with it",
    },
    FileRule {
        from: "phone/src/key_store/",
        never: "phone/src/piv/",
        reason: "keys are known through a trait and do not know who uses them",
    },
    FileRule {
        from: "phone/src/piv/",
        never: "phone/src/key_store/software.rs",
        reason: "keys are known through the key store's trait alone",
    },
    FileRule {
        from: "phone/src/state/",
        never: "phone/src/key_store/software.rs",
        reason: "keys are known through the key store's trait alone",
    },
    FileRule {
        from: "phone/src/card.rs",
        never: "phone/src/key_store/software.rs",
        reason: "keys are known through the key store's trait alone",
    },
    FileRule {
        from: "phone/src/enrollment/keys.rs",
        never: "phone/src/key_store/software.rs",
        reason: "keys are known through the key store's trait alone",
    },
    FileRule {
        from: "enroll-server/service/src/issuance.rs",
        never: "enroll-server/service/src/admission/invitation.rs",
        reason: "enrollment and issuing work for every way in alike",
    },
    FileRule {
        from: "enroll-server/service/src/issuance.rs",
        never: "enroll-server/service/src/admission/invited.rs",
        reason: "enrollment and issuing work for every way in alike",
    },
    FileRule {
        from: "enroll-server/service/src/enrollment/",
        never: "enroll-server/service/src/admission/invitation.rs",
        reason: "enrollment and issuing work for every way in alike",
    },
    FileRule {
        from: "enroll-server/service/src/enrollment/",
        never: "enroll-server/service/src/admission/invited.rs",
        reason: "enrollment and issuing work for every way in alike",
    },
    FileRule {
        from: "enroll-server/web/src/api/",
        never: "enroll-server/web/src/portal/",
        reason: "API and pages stand side by side on the services",
    },
    FileRule {
        from: "enroll-server/web/src/portal/",
        never: "enroll-server/web/src/api/",
        reason: "API and pages stand side by side on the services",
    },
];

/// An import that makes a circle and stays. ARCHITECTURE.md names each with its reason.
pub struct Exception {
    /// The file that imports.
    pub from: &'static str,
    /// The file that it imports.
    pub to: &'static str,
    /// Why it stays.
    pub reason: &'static str,
}

/// The circles that stay.
pub const CIRCLES: &[Exception] = &[];

/// Files beside `pkcs11-module/src/ffi/` whose lints allow `unsafe`: each speaks to C.
pub const UNSAFE: &[&str] = &[
    "pkcs11-module/src/ffi/",
    "pkcs11-module/src/platform/owner.rs",
    "pkcs11-module/src/secret_memory/",
    "pkcs11-module/src/thread/signals.rs",
    "pkcs11-module/tests/ffi/main.rs",
    "pkcs11-module/tests/module/misuse/mod.rs",
];
