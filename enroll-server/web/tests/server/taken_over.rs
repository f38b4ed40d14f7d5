//! A database of the first schema, in use, is taken over as it is.

use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection, Row};

use enroll_server_model::{RevocationReason, SeededPolicy};
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::revocation::revoke_phone;
use enroll_server_store::{Kind, issuer};

use crate::client::Phone;
use crate::cluster;
use crate::counts::counts;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::relying_party::{Status, entries, number, ocsp_status, revocation_list};

on_both!(a_database_of_the_first_schema_goes_on);

/// What the indexes for lists and searches did, taken back.
const WITHOUT_INDEXES: [&str; 33] = [
    "DROP INDEX holders_seen",
    "DROP INDEX phones_seen",
    "DROP INDEX phones_state_seen",
    "DROP INDEX certificates_listed",
    "DROP INDEX certificates_revoked",
    "DROP INDEX certificates_ending",
    "DROP INDEX certificates_beginning",
    "DROP INDEX certificates_serial",
    "DROP INDEX revocations_latest",
    "DROP INDEX revocations_ending",
    "DROP INDEX certificates_suspended",
    "DROP INDEX holders_name",
    "DROP INDEX holders_suspended",
    "DROP INDEX holders_gone",
    "DROP INDEX holders_without_phone",
    "DROP INDEX holders_several_phones",
    "DROP INDEX holders_mail",
    "DROP INDEX phones_state",
    "DROP INDEX invitations_state",
    "DROP INDEX invitations_ending",
    "DROP INDEX invitations_replaces",
    "DROP INDEX audit_events_about",
    "DROP INDEX audit_events_actor",
    "DROP INDEX audit_events_at",
    "DROP INDEX audit_events_of_kind",
    "DROP INDEX audit_events_source",
    "DROP INDEX certificates_ends",
    "DROP INDEX certificates_fingerprint",
    "DROP INDEX holders_ending",
    "DROP INDEX holders_several_ending",
    "DROP INDEX holders_suspended_ending",
    "DROP INDEX phones_ending",
    "DROP INDEX phones_state_ending",
];

/// The same for what the dialects do in different ways.
fn without_searches(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => {
            "DROP TRIGGER certificates_end; DROP TRIGGER certificates_end_insert; DROP TRIGGER certificates_end_delete; \
             DROP TRIGGER phones_end; DROP TRIGGER phones_suspended; DROP TRIGGER phones_suspended_insert; \
             DROP TRIGGER phones_of_holder; DROP TRIGGER phones_of_holder_insert; DROP TRIGGER phones_of_holder_delete; \
             DROP TRIGGER holders_counted_insert; DROP TRIGGER holders_counted_delete; DROP TRIGGER phones_counted; \
             DROP TRIGGER phones_counted_insert; DROP TRIGGER phones_counted_delete; DROP TABLE totals; \
             DROP VIEW holder_search; DROP VIEW phone_search; DROP VIEW searchable; \
             DROP TRIGGER holders_texts_insert; DROP TRIGGER holders_texts_update; DROP TRIGGER holders_texts_delete; \
             DROP TRIGGER phones_texts_insert; DROP TRIGGER phones_texts_update; DROP TRIGGER phones_texts_delete; \
             DROP TRIGGER certificates_counted; DROP TRIGGER certificates_counted_insert; \
             DROP TRIGGER certificates_counted_delete; DROP TABLE holder_texts; DROP TABLE holder_trigrams; \
             DROP TABLE phone_texts; DROP TABLE phone_trigrams; DROP TABLE certificate_counts"
        }
        Kind::Postgres => {
            "DROP TRIGGER certificates_end ON certificates; DROP TRIGGER certificates_end_insert ON certificates; \
             DROP TRIGGER certificates_end_delete ON certificates; DROP FUNCTION note_end_of_phone; \
             DROP TRIGGER phones_end ON phones; DROP FUNCTION note_end_of_holder; \
             DROP TRIGGER phones_suspended ON phones; DROP FUNCTION refuse_suspended_phone; \
             DROP TRIGGER phones_of_holder ON phones; DROP FUNCTION count_phone_of_holder; \
             DROP TRIGGER holders_counted ON holders; DROP TRIGGER phones_counted ON phones; DROP FUNCTION count_holder; \
             DROP FUNCTION count_phone; DROP TABLE totals; \
             DROP VIEW holder_search; DROP VIEW phone_search; DROP INDEX holders_trigrams; DROP INDEX phones_trigrams; \
             DROP FUNCTION searchable; \
             DROP TRIGGER certificates_counted ON certificates; DROP FUNCTION count_certificate; \
             DROP TABLE certificate_counts"
        }
    }
}

/// What the other migrations after the first did, taken back.
const BACK_TO_THE_FIRST: &[&str] = &[
    "DROP TABLE write_probe",
    "ALTER TABLE audit_head DROP COLUMN latest",
    "ALTER TABLE sessions RENAME COLUMN notice TO flash",
    "ALTER TABLE invitations DROP COLUMN policy_version",
    "ALTER TABLE invitations DROP COLUMN replaces",
    "DROP TABLE profiles",
    "DROP TABLE enrollment_policies",
    "ALTER TABLE certificates DROP COLUMN profile_version",
    "ALTER TABLE issuers DROP COLUMN key_location",
    "DROP TABLE known_browsers",
    "DROP INDEX sessions_administrator",
    "DROP INDEX audit_events_but_refused",
    "DROP INDEX phones_guid",
    "DROP INDEX certificates_own",
    "DROP INDEX cards_holder",
    "DROP INDEX invitations_phone",
    "ALTER TABLE holders DROP COLUMN email_ascii",
    "ALTER TABLE holders DROP COLUMN state",
    "ALTER TABLE holders DROP COLUMN phones",
    "ALTER TABLE holders DROP COLUMN next_end",
    "ALTER TABLE phones DROP COLUMN next_end",
    "DROP TABLE suspensions",
    "ALTER TABLE administrators DROP COLUMN role",
    "ALTER TABLE administrators DROP COLUMN disabled",
    "ALTER TABLE administrators DROP COLUMN last_seen",
    "ALTER TABLE administrators DROP COLUMN language",
    "DROP TABLE password_links",
    "DROP TABLE selections",
    "ALTER TABLE phones DROP COLUMN check_in_key",
    "ALTER TABLE phones DROP COLUMN challenge",
    "ALTER TABLE phones DROP COLUMN challenge_expires",
    "ALTER TABLE phones DROP COLUMN last_seen",
    "ALTER TABLE phones DROP COLUMN app_version",
    "ALTER TABLE phones DROP COLUMN key_protection",
    "ALTER TABLE phones DROP COLUMN last_use",
    "ALTER TABLE phones DROP COLUMN problems",
    "ALTER TABLE phones DROP COLUMN wiped_at",
    "DROP TABLE passkey_challenges",
    "DROP TABLE passkeys",
    "DROP TABLE pending_sign_ins",
    "DROP TABLE holder_links",
    "DROP TABLE holder_sessions",
    "DROP TABLE recovery_codes",
    "DROP TABLE authenticators",
    "ALTER TABLE sessions DROP COLUMN proved",
    "DROP TABLE outbox",
    "DROP TABLE webhooks",
    "ALTER TABLE installation DROP COLUMN outbox_key",
    "ALTER TABLE invitations DROP COLUMN link_seed",
    "ALTER TABLE holders DROP COLUMN language",
    "DROP TABLE api_tokens",
    "DROP TABLE idempotency_keys",
    "DROP TABLE request_approvals",
    "DROP TABLE holder_requests",
    "DROP TABLE pin_unblockings",
    "ALTER TABLE phones DROP COLUMN unblocking_seed",
    "ALTER TABLE holders DROP COLUMN last_seen",
    "DELETE FROM _sqlx_migrations WHERE version > 1",
];

async fn columns(of: &mut AnyConnection, kind: Kind) -> Vec<String> {
    let statement = match kind {
        Kind::Sqlite => {
            "SELECT m.name || '.' || c.name || ' ' || c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1"
        }
        Kind::Postgres => {
            "SELECT table_name::text || '.' || column_name::text || ' ' || data_type::text \
             FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%' ORDER BY 1"
        }
    };
    let rows = sqlx::query(statement).fetch_all(of).await.unwrap();
    let mut columns: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    columns.sort();
    columns
}

/// The columns of a database that the first migration alone made.
async fn first_schema(kind: Kind) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (url, migration) = match kind {
        Kind::Sqlite => (
            format!("sqlite:{}?mode=rwc", folder.path().join("db").display()),
            include_str!("../../../../migrations/sqlite/0001_first.sql"),
        ),
        Kind::Postgres => (
            cluster::new_database().await,
            include_str!("../../../../migrations/postgres/0001_first.sql"),
        ),
    };
    let migrations = folder.path().join("migrations");
    std::fs::create_dir(&migrations).unwrap();
    std::fs::write(migrations.join("0001_first.sql"), migration).unwrap();
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let migrator = Migrator::new(migrations).await.unwrap();
    migrator.run(&mut connection).await.unwrap();
    columns(&mut connection, kind).await
}

async fn enroll(fixture: &Fixture) -> Enrolled {
    fixture.enroll(SeededPolicy::Compact).await
}

/// How many holders, active phones and revoked phones the overview counts.
async fn totals(fixture: &Fixture) -> [i64; 3] {
    let counts = counts(&fixture.store, fixture.app().clock.now()).await;
    [counts.holders, counts.active_phones, counts.revoked_phones]
}

async fn a_database_of_the_first_schema_goes_on(mut fixture: Fixture) {
    let kind = fixture.store.kind();
    let lost = enroll(&fixture).await;
    let kept = enroll(&fixture).await;
    let open = fixture.invite(SeededPolicy::Standard).await;
    let (id, reason) = (&lost.phone_id, RevocationReason::KeyCompromise);
    revoke_phone(fixture.app(), id, reason, &administrator())
        .await
        .unwrap();
    let list = number(&revocation_list(fixture.app()).await);
    let events = fixture.events().await.len();
    fixture.app().close().await;
    fixture.stop();

    let url = fixture.options.storage.database_url();
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(without_searches(kind))
        .execute(&mut connection)
        .await
        .unwrap();
    for statement in WITHOUT_INDEXES.iter().chain(BACK_TO_THE_FIRST) {
        sqlx::query(*statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let found = columns(&mut connection, kind).await;
    assert_eq!(found, first_schema(kind).await);
    connection.close().await.unwrap();

    fixture.restart().await;
    let app = fixture.app();
    let issuers = issuer::all(fixture.store.reader()).await.unwrap();
    let mut keys: Vec<_> = issuers
        .iter()
        .map(|row| row.key_location.to_string())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["file:issuing.key", "file:root.key"]);
    // What was issued before is known, as what it was.
    for (enrolled, status) in [(&lost, Status::Revoked(Some(1))), (&kept, Status::Good)] {
        let rows = fixture.certificates(&enrolled.phone_id).await;
        assert_eq!(rows.len(), 4);
        for row in rows {
            assert_eq!(row.profile_version, 1);
            assert_eq!(ocsp_status(app, &row.serial).await, status);
        }
    }
    let after = revocation_list(app).await;
    assert_eq!(number(&after), list);
    assert_eq!(entries(&after).len(), 4);
    // What is counted is what there is, and goes on from there.
    assert_eq!(totals(&fixture).await, [1, 1, 1]);
    // What was begun before can be ended, and the trail is the same trail.
    let phone = Phone::new(SeededPolicy::Standard);
    phone.enroll(app, open.token.reveal()).await.unwrap();
    assert_eq!(totals(&fixture).await, [1, 2, 1]);
    assert!(fixture.events().await.len() > events);
    let verdict = enroll_server_service::audit::verify(&fixture.store)
        .await
        .unwrap();
    assert!(matches!(
        verdict,
        enroll_server_service::audit::Verdict::Whole(_)
    ));
}
