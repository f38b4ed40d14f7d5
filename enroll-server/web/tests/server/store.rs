//! What the store itself promises, on both databases.

use std::time::Duration;

use sqlx::Row;

use enroll_server_model::{PhoneState, RevocationReason, SeededPolicy, Timestamp};
use enroll_server_service::error::Error;
use enroll_server_service::query;
use enroll_server_store::listing::{
    CertificateFilter, CertificateSort, HolderFilter, Numbers, PhoneSort, Sorting, Span,
};
use enroll_server_store::overview::{self, Horizon};
use enroll_server_store::phone::PhoneSummary;
use enroll_server_store::rate_limit::{self, Limit};
use enroll_server_store::revocation::{self, Revocation};
use enroll_server_store::{Kind, Store, StoreError, holder, listing};

use crate::counts::counts;
use crate::fixture::Fixture;
use crate::on_both;
use crate::people::{holders, people, person};
use crate::row::execute;

#[tokio::test]
async fn a_database_file_is_for_its_owner_alone_in_any_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("a file.db");
    let store = Store::open(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
    }
    store.close().await;
}

on_both!(
    a_transaction_that_fails_leaves_nothing,
    a_caller_who_goes_away_does_not_cut_a_transaction,
    a_bucket_takes_its_burst_and_then_one_at_a_time,
    a_revocation_is_recorded_once,
    both_dialects_have_the_same_tables,
    a_search_finds_what_stands_in_the_middle_and_what_was_changed,
    valid_certificates_are_counted_as_the_list_has_them,
    holders_and_phones_are_counted_as_the_lists_have_them,
    a_row_that_cannot_be_read_is_an_error_that_names_the_column,
);

async fn a_transaction_that_fails_leaves_nothing(fixture: Fixture) {
    let store = &fixture.store;
    let failed: Result<(), StoreError> = store
        .write(|tx| {
            Box::pin(async move {
                holder::insert(tx, &person(1)).await?;
                holder::insert(tx, &person(1)).await
            })
        })
        .await;
    assert!(failed.unwrap_err().is_unique_violation());
    assert_eq!(holders(store).await.unwrap(), 0);
}

async fn a_caller_who_goes_away_does_not_cut_a_transaction(fixture: Fixture) {
    let store = fixture.store.clone();
    for n in 0..20 {
        let store = store.clone();
        let write = tokio::spawn(async move {
            store
                .write::<_, StoreError, _>(move |tx| {
                    Box::pin(async move {
                        holder::insert(tx, &person(n)).await?;
                        tokio::task::yield_now().await;
                        Ok(())
                    })
                })
                .await
        });
        tokio::task::yield_now().await;
        write.abort();
        let _ = write.await;
    }
    // Every connection is whole: the next transaction begins afresh, and what was begun was finished or never was.
    for n in 100..120 {
        store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { holder::insert(tx, &person(n)).await })
            })
            .await
            .unwrap();
    }
    assert!(holders(&store).await.unwrap() >= 20);
}

async fn a_bucket_takes_its_burst_and_then_one_at_a_time(fixture: Fixture) {
    let limit = Limit {
        burst: 3,
        interval: Duration::from_secs(10),
    };
    let store = &fixture.store;
    let take = async |now: Timestamp| {
        store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { rate_limit::take(tx, "bucket", limit, now).await })
            })
            .await
            .unwrap()
    };
    let begin = Timestamp::from_seconds(1_000_000);
    for _ in 0..3 {
        assert_eq!(take(begin).await, None);
    }
    assert_eq!(take(begin).await, Some(Duration::from_secs(10)));
    let later = begin.plus(Duration::from_secs(4));
    assert_eq!(take(later).await, Some(Duration::from_secs(6)));
    let later = begin.plus(Duration::from_secs(10));
    assert_eq!(take(later).await, None);
    assert_eq!(take(later).await, Some(Duration::from_secs(10)));
    let long_after = begin.plus(Duration::from_secs(1000));
    for _ in 0..3 {
        assert_eq!(take(long_after).await, None);
    }
    assert!(take(long_after).await.is_some());
}

async fn a_revocation_is_recorded_once(fixture: Fixture) {
    let app = fixture.app();
    let row = Revocation {
        issuer_id: app.authorities.current().id().to_owned(),
        serial: "4001".to_owned(),
        revoked_at: Timestamp(7),
        reason: RevocationReason::KeyCompromise,
        not_after: Timestamp(9),
    };
    let insert = async |row: Revocation| {
        fixture
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { revocation::insert(tx, &row).await })
            })
            .await
            .unwrap()
    };
    assert!(insert(row.clone()).await);
    let later = Revocation {
        reason: RevocationReason::Superseded,
        ..row.clone()
    };
    assert!(!insert(later).await);
    let found = revocation::of(
        fixture.store.reader(),
        app.authorities.current().id(),
        "4001",
    )
    .await
    .unwrap()
    .unwrap();
    assert_eq!(found.reason, RevocationReason::KeyCompromise);
    assert_eq!(found.revoked_at, Timestamp(7));
}

async fn both_dialects_have_the_same_tables(fixture: Fixture) {
    let statement = match fixture.store.kind() {
        Kind::Sqlite => {
            "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' ORDER BY 1"
        }
        Kind::Postgres => {
            "SELECT table_name::text || '.' || column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%' ORDER BY 1"
        }
    };
    let mut columns: Vec<String> = sqlx::query(statement)
        .fetch_all(fixture.store.reader())
        .await
        .unwrap()
        .iter()
        .map(|row| row.try_get::<String, _>(0).unwrap())
        .collect();
    columns.sort();
    let tables = |text: &str| {
        text.split("CREATE TRIGGER")
            .next()
            .unwrap()
            .split("CREATE FUNCTION")
            .next()
            .unwrap()
            .trim()
            .to_owned()
    };
    for (sqlite, postgres) in [
        (
            include_str!("../../../../migrations/sqlite/0001_first.sql"),
            include_str!("../../../../migrations/postgres/0001_first.sql"),
        ),
        (
            include_str!("../../../../migrations/sqlite/0002_authorities_and_profiles.sql"),
            include_str!("../../../../migrations/postgres/0002_authorities_and_profiles.sql"),
        ),
    ] {
        let written = sqlite.replace("INTEGER", "BIGINT").replace("BLOB", "BYTEA");
        assert_eq!(
            tables(&written),
            tables(postgres),
            "the two migrations say the same"
        );
    }
    assert!(
        columns.contains(&"certificates.serial".to_owned()),
        "{columns:?}"
    );
}

async fn a_row_that_cannot_be_read_is_an_error_that_names_the_column(fixture: Fixture) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    let id = &fixture.certificates(&enrolled.phone_id).await[0].id;
    for (statement, expected) in [
        (
            "UPDATE certificates SET slot = '9Z' WHERE id = $1",
            "the database's column slot cannot be read: \"9Z\" is not a slot",
        ),
        (
            "UPDATE certificates SET slot = '9A', algorithm = 'P-257' WHERE id = $1",
            "the database's column algorithm cannot be read: \"P-257\" is not an algorithm",
        ),
        (
            "UPDATE certificates SET algorithm = 'P-256', profile = 'No name' WHERE id = $1",
            "the database's column profile cannot be read: unknown ProfileName: \"No name\"",
        ),
    ] {
        execute(&fixture.store, statement, &[id]).await;
        let error = query::certificate(fixture.app(), id).await.unwrap_err();
        assert!(matches!(
            &error,
            Error::Store(StoreError::Unreadable { .. })
        ));
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    execute(
        &fixture.store,
        "UPDATE phones SET guid = 'not a GUID' WHERE id = $1",
        &[&enrolled.phone_id],
    )
    .await;
    let error = query::phone(fixture.app(), &enrolled.phone_id)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the database's column guid cannot be read: a GUID is 32 hexadecimal digits"
    );
}

async fn a_search_finds_what_stands_in_the_middle_and_what_was_changed(fixture: Fixture) {
    fixture.enroll(SeededPolicy::Compact).await;
    fixture
        .invite_person("100% Sure! O'Z\\z", "sure_1", SeededPolicy::Compact)
        .await;
    let on = fixture.store.reader();
    let names = async |search: &str| {
        let found = people(&fixture.store, HolderFilter::All, search)
            .await
            .unwrap();
        found
            .into_iter()
            .map(|one| one.holder.name)
            .collect::<Vec<_>>()
    };
    let (alice, sure) = (
        vec!["Alice Example".to_owned()],
        vec!["100% Sure! O'Z\\z".to_owned()],
    );
    for (search, expected) in [
        ("LICE ex", &alice),
        ("ce@exam", &alice),
        // Little is looked for where a name or an address begins.
        ("al", &alice),
        ("s", &sure),
        ("% sure!", &sure),
        ("e_1@", &sure),
        ("e%1@", &Vec::new()),
        ("o'z\\z", &sure),
        // No sign stands for another, nor for a letter.
        ("z4", &Vec::new()),
        ("zz0", &Vec::new()),
        ("zb", &Vec::new()),
        ("_", &Vec::new()),
        ("nobody", &Vec::new()),
    ] {
        assert_eq!(names(search).await, *expected, "{search}");
    }
    let phones = async |search: &str| phones_listed(&fixture.store, None, search).await.len();
    let all = phones_listed(&fixture.store, None, "").await;
    let guid = format!("{:X}", all[0].phone.guid).to_lowercase();
    assert_eq!(phones(&guid[9..20]).await, 1);
    assert_eq!(phones("alice").await, 1);
    assert_eq!(phones("nobody").await, 0);
    let certificates = async |search: &str| {
        let numbers = Numbers {
            serials: [search.to_owned(), search.to_owned()],
            fingerprint: search.to_owned(),
        };
        let (filter, now) = (CertificateFilter::Valid, fixture.app().clock.now());
        let sorting = Sorting::falling(CertificateSort::End);
        let span = Span::first(10);
        let found = listing::certificates(on, filter, search, &numbers, now, sorting, span).await;
        found.unwrap()
    };
    let found = certificates("alice").await;
    assert_eq!(found.len(), 4);
    let serial = &found[0].certificate.serial;
    assert_eq!(certificates(&serial[..12]).await.len(), 1);
    assert_eq!(certificates(serial).await.len(), 1);
    assert_eq!(certificates("no serial").await.len(), 0);

    execute(
        &fixture.store,
        "UPDATE holders SET search = $1 WHERE name = 'Alice Example'",
        &["renamed person"],
    )
    .await;
    assert_eq!(names("lice").await, Vec::<String>::new());
    assert_eq!(names("renamed").await, alice);
}

async fn valid_certificates_are_counted_as_the_list_has_them(fixture: Fixture) {
    let day = Duration::from_secs(24 * 60 * 60);
    let first = fixture.enroll(SeededPolicy::Compact).await;
    fixture.wait(Duration::from_secs(3 * 60 * 60));
    fixture.enroll(SeededPolicy::Compact).await;
    let ends = fixture.certificates(&first.phone_id).await[0].not_after;
    let second = Duration::from_secs(1);
    let check = async |now: Timestamp, expected: usize| {
        let on = fixture.store.reader();
        let horizon = Horizon {
            now,
            certificates: now.plus(day),
            invitations: now,
            revocations: now,
        };
        let counts = overview::counts(on, horizon).await.unwrap();
        let filter = CertificateFilter::Valid;
        let numbers = Numbers::default();
        let sorting = Sorting::falling(CertificateSort::End);
        let span = Span::first(100);
        let listed = listing::certificates(on, filter, "", &numbers, now, sorting, span).await;
        assert_eq!(listed.unwrap().len(), expected, "{now:?}");
        assert_eq!(counts.valid, i64::try_from(expected).unwrap(), "{now:?}");
    };
    let now = fixture.app().clock.now();
    let times = async |all: usize, later: usize| {
        check(now, all).await;
        check(ends.minus(second), all).await;
        check(ends, all).await;
        check(ends.plus(second), later).await;
        check(ends.plus(day), 0).await;
        // The clock was set back.
        check(Timestamp(1), 0).await;
    };
    times(8, 4).await;
    for batch in ["one", "two"] {
        let folded = fixture
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { overview::fold(tx, batch, 1).await })
            })
            .await;
        assert!(folded.unwrap());
        times(8, 4).await;
    }
    let id = &first.phone_id;
    execute(
        &fixture.store,
        "UPDATE certificates SET state = 'revoked' WHERE phone_id = $1",
        &[id],
    )
    .await;
    times(4, 4).await;
}

async fn holders_and_phones_are_counted_as_the_lists_have_them(fixture: Fixture) {
    let on = fixture.store.reader();
    let now = fixture.app().clock.now();
    let check = async |expected: [usize; 3]| {
        let holders = people(&fixture.store, HolderFilter::All, "").await.unwrap();
        let phones = async |state| phones_listed(&fixture.store, Some(state), "").await.len();
        let [active, revoked] = [
            phones(PhoneState::Active).await,
            phones(PhoneState::Revoked).await,
        ];
        assert_eq!([holders.len(), active, revoked], expected);
        let counts = counts(&fixture.store, now).await;
        let counted = [counts.holders, counts.active_phones, counts.revoked_phones];
        assert_eq!(counted, expected.map(|count| i64::try_from(count).unwrap()));
    };
    check([0, 0, 0]).await;
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.enroll(SeededPolicy::Compact).await;
    check([1, 2, 0]).await;
    let id = &enrolled.phone_id;
    let change = async |statement: &'static str, values: &[&str]| {
        execute(&fixture.store, statement, values).await;
    };
    change("UPDATE phones SET state = 'revoked' WHERE id = $1", &[id]).await;
    change("UPDATE phones SET state = state", &[]).await;
    check([1, 1, 1]).await;
    for batch in ["one", "two"] {
        let folded = fixture
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { overview::fold(tx, batch, 1).await })
            })
            .await;
        assert!(folded.unwrap());
        check([1, 1, 1]).await;
    }
    // As few rows as names.
    let rows = sqlx::query("SELECT 1 FROM totals").fetch_all(on).await;
    assert_eq!(rows.unwrap().len(), 3);
    change("UPDATE phones SET state = 'active' WHERE id = $1", &[id]).await;
    check([1, 2, 0]).await;
    fixture
        .invite_person("Bob Example", "bob", SeededPolicy::Compact)
        .await;
    check([2, 2, 0]).await;
    change(
        "DELETE FROM invitations WHERE holder_id NOT IN (SELECT holder_id FROM phones)",
        &[],
    )
    .await;
    change(
        "DELETE FROM holders WHERE id NOT IN (SELECT holder_id FROM phones)",
        &[],
    )
    .await;
    check([1, 2, 0]).await;
}

async fn phones_listed(
    store: &Store,
    state: Option<PhoneState>,
    search: &str,
) -> Vec<PhoneSummary> {
    let sorting = Sorting::falling(PhoneSort::Created);
    let span = Span::first(100);
    listing::phones(store.reader(), state, search, sorting, span)
        .await
        .unwrap()
}
