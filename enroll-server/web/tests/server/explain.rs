//! Lists, searches and counts find their rows by an index, on both databases: no statement reads a whole table that grows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use sqlx::any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::{
    Any, AnyConnection, AssertSqlSafe, Connection as _, Either, Execute, Executor, Row as _, SqlStr,
};

use enroll_server_model::{
    EventKind, InvitationState, ObjectKind, PhoneState, ProfileName, RequestState, SeededPolicy,
    Slot, Timestamp,
};
use enroll_server_store::listing::{
    self, CertificateFilter, EventFilter, HolderFilter, HolderSort, Key, Numbers, PhoneSort, Place,
    Sorting, Span,
};
use enroll_server_store::overview::{self, Horizon};
use enroll_server_store::{
    Kind, administrator, api_token, audit, certificate, check_in, crl, holder, holder_link,
    holder_request, holder_session, idempotency_key, installation, invitation, issuer,
    known_browser, outbox, passkey, password_link, pending_sign_in, phone, revocation,
    second_factor, selection, session, suspension, webhook,
};

use crate::fixture::Fixture;
use crate::on_both;

on_both!(
    every_statement_that_reads_finds_its_rows_by_an_index,
    every_statement_that_changes_rows_finds_them_by_an_index,
    each_index_is_there_and_a_statement_needs_it,
);

/// Tables that grow with what the installation does.
const GROWING: [&str; 28] = [
    "audit_events",
    "cards",
    "certificate_bodies",
    "certificate_counts",
    "certificates",
    "certified_keys",
    "holder_links",
    "holder_requests",
    "holder_sessions",
    "holder_texts",
    "holders",
    "idempotency_keys",
    "invitations",
    "known_browsers",
    "outbox",
    "passkey_challenges",
    "passkeys",
    "password_links",
    "pending_sign_ins",
    "phone_texts",
    "phones",
    "pin_unblockings",
    "rate_limits",
    "request_approvals",
    "revocations",
    "selections",
    "sessions",
    "totals",
];

/// All indexes but those of primary keys, in the order of their names. One that is gone, and one that nothing needs, is missed
/// by no other test: some other index has the rows in it, and is walked for them.
const INDEXES: [&str; 81] = [
    "api_tokens_hash",
    "audit_events_about",
    "audit_events_actor",
    "audit_events_at",
    "audit_events_but_refused",
    "audit_events_object",
    "audit_events_of_kind",
    "audit_events_source",
    "cards_holder",
    "certificate_counts_batch",
    "certificate_counts_day",
    "certificates_beginning",
    "certificates_ending",
    "certificates_ends",
    "certificates_fingerprint",
    "certificates_holder",
    "certificates_listed",
    "certificates_own",
    "certificates_phone",
    "certificates_reserved",
    "certificates_revoked",
    "certificates_serial",
    "certificates_suspended",
    "holder_links_expires",
    "holder_links_holder",
    "holder_requests_created",
    "holder_requests_holder",
    "holder_requests_state",
    "holder_requests_waiting",
    "holder_sessions_expires",
    "holder_sessions_holder",
    "holder_sessions_phone",
    "holders_ending",
    "holders_gone",
    "holders_mail",
    "holders_name",
    "holders_seen",
    "holders_several_ending",
    "holders_several_phones",
    "holders_suspended",
    "holders_suspended_ending",
    "holders_without_phone",
    "idempotency_keys_created",
    "invitations_created",
    "invitations_ending",
    "invitations_holder",
    "invitations_phone",
    "invitations_replaces",
    "invitations_state",
    "known_browsers_administrator",
    "known_browsers_expires",
    "outbox_about",
    "outbox_lane",
    "outbox_mail",
    "outbox_next",
    "outbox_settled",
    "outbox_waiting",
    "passkey_challenges_expires",
    "passkeys_administrator",
    "passkeys_credential",
    "password_links_administrator",
    "password_links_expires",
    "password_links_made_by",
    "pending_sign_ins_administrator",
    "pending_sign_ins_expires",
    "phones_created",
    "phones_ending",
    "phones_guid",
    "phones_holder",
    "phones_seen",
    "phones_state",
    "phones_state_ending",
    "phones_state_seen",
    "rate_limits_empty_again",
    "revocations_ending",
    "revocations_latest",
    "selections_created",
    "sessions_administrator",
    "sessions_expires",
    "totals_batch",
    "totals_name",
];

/// Those of PostgreSQL alone: where SQLite has tables of trigrams.
const TRIGRAMS: [&str; 2] = ["holders_trigrams", "phones_trigrams"];

/// Notes what it is asked, and answers with nothing.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note<'q>(&self, query: impl Execute<'q, Any>) {
        self.0.lock().unwrap().push(query.sql().as_str().to_owned());
    }
}

impl<'n> Executor<'n> for &'n Notes {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, sqlx::Result<Either<AnyQueryResult, AnyRow>>>
    where
        'n: 'e,
        E: 'q + Execute<'q, Any>,
    {
        self.note(query);
        stream::empty().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'n: 'e,
        E: 'q + Execute<'q, Any>,
    {
        self.note(query);
        Box::pin(async { Ok(None) })
    }

    fn prepare_with<'e>(
        self,
        _: SqlStr,
        _: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<AnyStatement>>
    where
        'n: 'e,
    {
        unreachable!("nothing is prepared")
    }
}

/// Asks everything that pages, API and relying parties ask.
async fn ask_everything(on: &Notes) {
    let now = Timestamp(1);
    ask_for_lists(on, now).await;
    let horizon = Horizon {
        now,
        certificates: now,
        invitations: now,
        revocations: now,
    };
    // One row is expected, and there is none.
    overview::counts(on, horizon).await.unwrap_err();
    listing::events_but_refused(on, 100).await.unwrap();
    listing::refused_sign_ins(on, now).await.unwrap_err();
    administrator::all(on, now, now).await.unwrap();
    administrator::by_email(on, "x").await.unwrap();
    administrator::by_id(on, "x").await.unwrap();
    password_link::by_token_hash(on, "x").await.unwrap();
    password_link::open_of(on, "x").await.unwrap();
    pending_sign_in::by_token_hash(on, "x").await.unwrap();
    holder_link::by_id(on, "x").await.unwrap();
    holder_link::by_token_hash(on, "x").await.unwrap();
    holder_session::by_token_hash(on, "x").await.unwrap();
    second_factor::authenticator(on, "x").await.unwrap();
    second_factor::recovery_codes(on, "x").await.unwrap();
    second_factor::is_on(on, "x").await.unwrap();
    passkey::of(on, "x").await.unwrap();
    passkey::by_credential_id(on, "x").await.unwrap();
    session::of(on, "x", now, now).await.unwrap();
    crl::newest(on, "x").await.unwrap();
    installation::latest_event(on).await.unwrap_err();
    issuer::revocation_epoch(on, "x").await.unwrap_err();
    audit::about(on, ObjectKind::Phone, "x", 20).await.unwrap();
    audit::latest(on, EventKind::PhoneRevoked, ObjectKind::Phone, "x")
        .await
        .unwrap();
    listing::events_of_holder(on, "x", 200).await.unwrap();
    outbox::first(on, "x").await.unwrap();
    outbox::latest(on, "x", 50).await.unwrap();
    outbox::by_id(on, "x").await.unwrap();
    outbox::due_mails(on, Timestamp(1), 16).await.unwrap();
    outbox::mails_about(on, "x").await.unwrap();
    webhook::by_id(on, "x").await.unwrap();
    api_token::by_id(on, "x").await.unwrap();
    api_token::by_hash(on, "x").await.unwrap();
    idempotency_key::get(on, "x", "x").await.unwrap();
    holder_request::by_id(on, "x").await.unwrap();
    holder_request::of_holder(on, "x").await.unwrap();
    holder_request::waiting_of_holder(on, "x").await.unwrap();
    holder_request::made_before(on, now, 100).await.unwrap();
    holder_request::approvals(on, "x").await.unwrap();
    audit::by_sequence(on, 1).await.unwrap();
    suspension::of(on, ObjectKind::Phone, "x").await.unwrap();
    audit::following(on, 1, 1000).await.unwrap();
    audit::head(on).await.unwrap_err();
    certificate::by_id(on, "x").await.unwrap();
    certificate::by_serial(on, "x", "4a").await.unwrap();
    certificate::summary(on, "x").await.unwrap();
    certificate::of_phone(on, "x").await.unwrap();
    certificate::issued_of_phone(on, "x").await.unwrap();
    certificate::last_own(on, "x", &ProfileName::OCSP_RESPONDER)
        .await
        .unwrap_err();
    certificate::valid_of_holder(on, "x", Slot::ALL[0], now)
        .await
        .unwrap();
    certificate::der(on, "x").await.unwrap();
    certificate::purpose_of_key(on, "x").await.unwrap();
    check_in::by_id(on, "x").await.unwrap();
    certificate::reserved_outside(on, now, now, 100)
        .await
        .unwrap();
    holder::by_id(on, "x").await.unwrap();
    holder::by_mail(on, "x").await.unwrap();
    holder::by_username(on, "x").await.unwrap();
    invitation::by_id(on, "x").await.unwrap();
    invitation::by_token_hash(on, "x").await.unwrap();
    invitation::summary(on, "x").await.unwrap();
    invitation::of_holder(on, "x").await.unwrap();
    invitation::of_phone(on, "x").await.unwrap();
    invitation::replacing(on, "x").await.unwrap();
    invitation::open_of_holder(on, "x", now).await.unwrap();
    known_browser::administrator(on, "x", now, now)
        .await
        .unwrap();
    phone::by_id(on, "x").await.unwrap();
    phone::summary(on, "x").await.unwrap();
    phone::of_holder(on, "x").await.unwrap();
    phone::unrevoked_of_holder(on, "x").await.unwrap();
    revocation::of(on, "x", "4a").await.unwrap();
    revocation::ending_after(on, "x", now).await.unwrap();
    selection::by_id(on, "x").await.unwrap();
    session::by_token_hash(on, "x").await.unwrap();
}

/// Each list from its start, from a place on and back from it, sorted in each way, browsed and searched.
async fn ask_for_lists(on: &Notes, now: Timestamp) {
    let place = Place::new(now, "x");
    let named = Place::new(Key::Text("A".to_owned()), "x");
    let event = Place {
        key: now.into(),
        id: Key::Number(9),
    };
    let spans = |place| {
        let after = Span::after(Some(place), 51);
        let backwards = Span {
            backwards: true,
            ..after
        };
        let common = Span {
            is_common: true,
            ..after
        };
        [Span::first(51), after, backwards, common]
    };
    let numbers = Numbers {
        serials: ["4a".to_owned(), "4a".to_owned()],
        fingerprint: "4a".to_owned(),
    };
    let ids = ["x".to_owned(), "y".to_owned()];
    listing::holders_with(on, &ids).await.unwrap();
    listing::phones_with(on, &ids).await.unwrap();
    listing::invitations_with(on, &ids).await.unwrap();
    for search in ["", "al", "alice", "example al alice"] {
        // Whether there is one to ask depends on the search.
        let _ = listing::is_common_among_holders(on, search).await;
        let _ = listing::is_common_among_phones(on, search).await;
        let _ = listing::is_common_among_invitations(on, search).await;
        let _ = listing::is_common_among_requests(on, search).await;
        let _ = listing::is_common_among_certificates(on, search, &numbers).await;
        for filter in [
            CertificateFilter::All,
            CertificateFilter::Valid,
            CertificateFilter::EndingBefore(now),
            CertificateFilter::Expired,
            CertificateFilter::Suspended,
            CertificateFilter::Revoked,
        ] {
            for (by, span) in filter
                .sorts()
                .iter()
                .flat_map(|by| spans(&place).map(|span| (*by, span)))
            {
                let sorting = Sorting::falling(by);
                listing::certificates(on, filter, search, &numbers, now, sorting, span)
                    .await
                    .unwrap();
                let is_common = span.is_common;
                listing::count_certificates(
                    on, filter, search, &numbers, now, sorting, is_common, 1000,
                )
                .await
                .unwrap_err();
            }
        }
        for filter in [
            HolderFilter::All,
            HolderFilter::WithoutPhone,
            HolderFilter::SeveralPhones,
            HolderFilter::Ending(now, now),
            HolderFilter::Ended(now),
            HolderFilter::Suspended,
            HolderFilter::Gone,
        ] {
            for by in filter.sorts() {
                let place = match by {
                    HolderSort::Name => &named,
                    HolderSort::NextEnd | HolderSort::LastSeen => &place,
                };
                for span in spans(place) {
                    let (sorting, is_common) = (Sorting::rising(*by), span.is_common);
                    listing::holders(on, filter, search, sorting, span)
                        .await
                        .unwrap();
                    listing::count_holders(on, filter, search, sorting, is_common, 1000)
                        .await
                        .unwrap_err();
                }
            }
        }
        for state in [None, Some(PhoneState::Active), Some(PhoneState::Revoked)] {
            for span in spans(&place) {
                for by in [PhoneSort::Created, PhoneSort::NextEnd, PhoneSort::LastSeen] {
                    let (sorting, is_common) = (Sorting::falling(by), span.is_common);
                    listing::phones(on, state, search, sorting, span)
                        .await
                        .unwrap();
                    listing::count_phones(on, state, search, sorting, is_common, 1000)
                        .await
                        .unwrap_err();
                }
            }
        }
        for state in [
            None,
            Some(InvitationState::Pending),
            Some(InvitationState::Expired),
            Some(InvitationState::Used),
            Some(InvitationState::Cancelled),
        ] {
            for span in spans(&place) {
                listing::invitations(on, state, search, now, true, span)
                    .await
                    .unwrap();
                let is_common = span.is_common;
                listing::count_invitations(on, state, search, now, true, is_common, 1000)
                    .await
                    .unwrap_err();
            }
        }
        let states = RequestState::ALL.iter().copied().map(Some);
        for state in states.chain([None]) {
            for span in spans(&place) {
                let (sorting, is_common) = (Sorting::falling(()), span.is_common);
                listing::requests(on, state, search, sorting, span)
                    .await
                    .unwrap();
                listing::count_requests(on, state, search, sorting, is_common, 1000)
                    .await
                    .unwrap_err();
            }
        }
        let person = search.to_owned();
        for filter in event_filters(now) {
            let filter = EventFilter {
                person: person.clone(),
                ..filter
            };
            for span in spans(&event) {
                listing::events(on, &filter, true, span).await.unwrap();
            }
            for is_common in [false, true] {
                let count = listing::count_events(on, &filter, true, is_common, 1000).await;
                count.unwrap_err();
            }
        }
    }
}

fn event_filters(now: Timestamp) -> [EventFilter; 7] {
    let all = EventFilter::default;
    [
        all(),
        EventFilter {
            about: Some(ObjectKind::Phone),
            ..all()
        },
        EventFilter {
            about: Some(ObjectKind::Phone),
            kind: Some(EventKind::CertificateRevoked),
            ..all()
        },
        EventFilter {
            kind: Some(EventKind::PhoneRevoked),
            ..all()
        },
        EventFilter {
            actor: "x".to_owned(),
            ..all()
        },
        EventFilter {
            source: "x".to_owned(),
            ..all()
        },
        EventFilter {
            since: Some(now),
            until: Some(now),
            ..all()
        },
    ]
}

async fn every_statement_that_reads_finds_its_rows_by_an_index(fixture: Fixture) {
    let notes = Notes::default();
    ask_everything(&notes).await;
    finds_rows_by_an_index(&fixture, notes.0.into_inner().unwrap()).await;
}

async fn every_statement_that_changes_rows_finds_them_by_an_index(fixture: Fixture) {
    let changes = changes();
    assert!(changes.len() > 30, "{changes:?}");
    finds_rows_by_an_index(&fixture, changes).await;
}

async fn each_index_is_there_and_a_statement_needs_it(fixture: Fixture) {
    let kind = fixture.store.kind();
    let asked = match kind {
        Kind::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
        Kind::Postgres => {
            "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() \
             AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        }
    };
    let rows = sqlx::query(asked)
        .fetch_all(fixture.store.reader())
        .await
        .unwrap();
    let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let mut expected: BTreeSet<String> = INDEXES.map(str::to_owned).into();
    if kind == Kind::Postgres {
        expected.extend(TRIGRAMS.map(str::to_owned));
    }
    assert_eq!(there, expected);
    // What PostgreSQL chooses depends on the sizes of tables, which are small here.
    if kind == Kind::Sqlite {
        let mut needed = needed(&fixture).await;
        // A rule, not a way to rows: a card is one phone.
        needed.insert("phones_guid".to_owned());
        let not_needed: Vec<_> = there.difference(&needed).collect();
        assert!(not_needed.is_empty(), "{not_needed:?}");
    }
}

/// The indexes that SQLite chooses for some statement.
async fn needed(fixture: &Fixture) -> BTreeSet<String> {
    let notes = Notes::default();
    ask_everything(&notes).await;
    let mut statements = notes.0.into_inner().unwrap();
    statements.extend(changes());
    let mut connection = AnyConnection::connect(&fixture.options.storage.database_url())
        .await
        .unwrap();
    let mut needed = BTreeSet::new();
    for statement in statements {
        for line in plan(&mut connection, Kind::Sqlite, &statement).await {
            let Some((_, rest)) = line.split_once(" INDEX ") else {
                continue;
            };
            needed.extend(rest.split_whitespace().next().map(str::to_owned));
        }
    }
    needed
}

/// What the migrations of one database do to indexes, statement by statement, but for those of trigrams.
fn index_statements(database: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let files = fs::read_dir(folder.join(database)).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let code = text.lines().filter(|line| !line.starts_with("--"));
        let code: Vec<&str> = code.flat_map(str::split_whitespace).collect();
        for statement in code.join(" ").split(';') {
            let statement = statement.trim();
            let is_of_index = ["CREATE INDEX ", "CREATE UNIQUE INDEX ", "DROP INDEX "]
                .iter()
                .any(|begin| statement.starts_with(begin));
            if is_of_index && !statement.contains("trigrams") {
                found.push(statement.to_owned());
            }
        }
    }
    found
}

/// What SQLite is seen to need, PostgreSQL has: its choice depends on the sizes of tables.
#[test]
fn both_databases_have_the_same_indexes() {
    let on_sqlite = index_statements("sqlite");
    assert!(on_sqlite.len() > INDEXES.len(), "{on_sqlite:?}");
    assert_eq!(on_sqlite, index_statements("postgres"));
}

/// What an operator types now and then, on a table that is swept each minute.
const SEARCHED: &str = "DELETE FROM rate_limits WHERE bucket = $1 OR bucket LIKE $2";

/// The statements of the store that change or remove rows, from its source.
fn changes() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/src");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The lists only read.
        if path.is_dir() {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for begin in [
            "\"UPDATE ",
            "\"DELETE ",
            "\"INSERT INTO totals",
            "\"INSERT INTO certificate_counts",
        ] {
            for (at, _) in code.match_indices(begin) {
                let (literal, _) = code[at + 1..].split_once('"').unwrap();
                // A line goes on in the next one, without its indentation.
                let statement: String = literal.split("\\\n").map(str::trim_start).collect();
                found.push(statement);
            }
        }
    }
    found.retain(|statement| statement != SEARCHED);
    found
}

async fn finds_rows_by_an_index(fixture: &Fixture, statements: Vec<String>) {
    fixture.enroll(SeededPolicy::Compact).await;
    let mut connection = AnyConnection::connect(&fixture.options.storage.database_url())
        .await
        .unwrap();
    let kind = fixture.store.kind();
    if kind == Kind::Postgres {
        // The tables are small here: what cannot use an index is still scanned.
        sqlx::raw_sql("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let mut scans = Vec::new();
    for statement in statements {
        for line in plan(&mut connection, kind, &statement).await {
            let walked = scanned(kind, &line, &statement)
                .filter(|table| GROWING.contains(table))
                .or_else(|| walked(kind, &line, &statement));
            if walked.is_some() {
                scans.push(format!("{line}\n    {statement}"));
            }
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n"));
}

/// The lines of a statement's plan, whatever the values of its parameters are.
async fn plan(connection: &mut AnyConnection, kind: Kind, statement: &str) -> Vec<String> {
    let (scripts, column) = match kind {
        Kind::Sqlite => (vec![format!("EXPLAIN QUERY PLAN {statement}")], 3),
        Kind::Postgres => {
            let count = (1..100)
                .take_while(|n| statement.contains(&format!("${n}")))
                .count();
            let values = vec!["NULL"; count].join(", ");
            let values = if count == 0 {
                String::new()
            } else {
                format!("({values})")
            };
            let scripts = vec![
                format!("PREPARE asked AS {statement}"),
                format!("EXPLAIN EXECUTE asked {values}"),
                "DEALLOCATE asked".to_owned(),
            ];
            (scripts, 0)
        }
    };
    let mut lines = Vec::new();
    for script in scripts {
        let rows = sqlx::raw_sql(AssertSqlSafe(script))
            .fetch_all(&mut *connection)
            .await
            .unwrap_or_else(|error| panic!("{error}: {statement}"));
        lines.extend(rows.iter().map(|row| row.get::<String, _>(column)));
    }
    lines
}

/// The table that a line of a plan reads from beginning to end.
fn scanned<'l>(kind: Kind, line: &'l str, statement: &str) -> Option<&'l str> {
    if kind == Kind::Postgres {
        let (_, rest) = line.split_once("Seq Scan on ")?;
        return rest.split_whitespace().next();
    }
    let rest = line.trim().strip_prefix("SCAN ")?;
    // A walk along an index in its order, as far as a page needs it; the words of a search, by their trigrams.
    if rest.contains(" INDEX ") && !rest.ends_with(':') {
        return None;
    }
    // SQLite names the alias alone.
    match rest.split_whitespace().next()? {
        "b" => Some("certificate_bodies"),
        "c" => Some("certificates"),
        "e" => Some("audit_events"),
        "f" | "h" => Some("holders"),
        "i" => Some("invitations"),
        "m" | "p" => Some("phones"),
        "s" if statement.contains("sessions s ") => Some("sessions"),
        "t" => Some("holder_texts"),
        other => Some(other),
    }
}

/// The index that a line of a plan reads from beginning to end, where neither a page nor a count needs that: some other index
/// that only happens to have the rows in it. PostgreSQL's choice among indexes is one of sizes, and the tables are small here.
fn walked<'l>(kind: Kind, line: &'l str, statement: &str) -> Option<&'l str> {
    if kind == Kind::Postgres || statement.contains("LIMIT") || statement.contains("COUNT(*)") {
        return None;
    }
    let (_, index) = line.trim().strip_prefix("SCAN ")?.split_once(" INDEX ")?;
    Some(index)
}
