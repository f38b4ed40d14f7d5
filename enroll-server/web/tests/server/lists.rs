//! Lists: every one is paged forwards and backwards, sorted by each of its columns, counted, and searched by words.

use std::time::Duration;

use enroll_server_model::{EventKind, InvitationState, ObjectKind, SeededPolicy, Timestamp};
use enroll_server_service::query::{self, Count, Page, Place, Wanted};
use enroll_server_store::listing::{
    self, CertificateFilter, CertificateSort, Counted, EventFilter, HolderFilter, HolderSort,
    Numbers, PhoneSort, Sorting, Span,
};
use enroll_server_store::{Store, phone};

use crate::client;
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::people::people;
use crate::row::execute;

on_both!(
    every_list_goes_on_where_its_page_ended_and_back,
    words_are_found_in_any_order_and_in_any_script,
    people_are_sorted_by_what_ends_first,
    a_card_and_a_certificate_are_found_by_their_numbers_in_any_notation,
    events_are_found_by_person_actor_kind_address_and_time,
    a_deed_is_one_line_with_its_steps,
    a_common_word_hides_nobody,
    what_was_not_all_looked_at_is_at_least_as_many,
    a_person_who_keeps_an_expired_phone_is_told_of_the_next,
);

/// All ids of a list, from page to page of three; and the same from the last page to the first.
async fn walked<T, R>(read: R, id: impl Fn(&T) -> String) -> (Vec<String>, Vec<String>)
where
    R: AsyncFn(Wanted<'_>) -> Page<T>,
{
    let ids = |page: &Page<T>| page.rows.iter().map(&id).collect::<Vec<_>>();
    let mut forwards = Vec::new();
    let mut pages = Vec::new();
    let mut from: Option<Place> = None;
    loop {
        let page = read(Wanted {
            from: from.as_ref(),
            rows: 3,
            ..Wanted::FIRST
        })
        .await;
        forwards.extend(ids(&page));
        let next = page.next.clone();
        pages.push(page);
        let Some(next) = next else { break };
        from = Some(next);
    }
    let last = pages.pop().unwrap();
    let mut backwards = ids(&last);
    let mut before = last.previous;
    while let Some(place) = before {
        let page = read(Wanted {
            from: Some(&place),
            backwards: true,
            rows: 3,
            ..Wanted::FIRST
        })
        .await;
        assert!(page.next.is_some());
        let mut earlier = ids(&page);
        earlier.extend(backwards);
        backwards = earlier;
        before = page.previous;
    }
    (forwards, backwards)
}

async fn every_list_goes_on_where_its_page_ended_and_back(fixture: Fixture) {
    for _ in 0..2 {
        fixture.enroll(SeededPolicy::Compact).await;
        fixture.wait(Duration::from_secs(1));
    }
    for n in 0..7 {
        let (name, account) = (format!("Person {}", n / 2), format!("p{n}"));
        fixture
            .invite_person(&name, &account, SeededPolicy::Compact)
            .await;
    }
    let app = fixture.app();
    let check = |(forwards, backwards): (Vec<String>, Vec<String>), expected: usize, what: &str| {
        assert_eq!(forwards.len(), expected, "{what}");
        let mut distinct = forwards.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), expected, "{what}");
        assert_eq!(backwards, forwards, "{what}");
    };
    for descending in [false, true] {
        for (search, expected) in [("", 8), ("person", 7)] {
            for by in [HolderSort::Name, HolderSort::NextEnd] {
                let sorting = Sorting { by, descending };
                let read = async |wanted: Wanted<'_>| {
                    let all = HolderFilter::All;
                    query::holders(app, all, search, sorting, wanted)
                        .await
                        .unwrap()
                };
                let ids = walked(read, |row| row.holder.id.clone()).await;
                check(ids, expected, &format!("{sorting:?} {search}"));
            }
            let read = async |wanted: Wanted<'_>| {
                query::invitations(app, None, search, descending, wanted)
                    .await
                    .unwrap()
            };
            let ids = walked(read, |row| row.invitation.id.clone()).await;
            check(ids, if search.is_empty() { 9 } else { 7 }, "invitations");
        }
        for search in ["", "alice"] {
            for by in [CertificateSort::Recorded, CertificateSort::End] {
                let sorting = Sorting { by, descending };
                let read = async |wanted: Wanted<'_>| {
                    let (all, numbers) = (CertificateFilter::All, Numbers::default());
                    query::certificates(app, all, search, &numbers, sorting, wanted)
                        .await
                        .unwrap()
                };
                let ids = walked(read, |row| row.certificate.id.clone()).await;
                check(ids, 8, &format!("{sorting:?} {search}"));
            }
            for by in [PhoneSort::Created, PhoneSort::NextEnd] {
                let sorting = Sorting { by, descending };
                let read = async |wanted: Wanted<'_>| {
                    query::phones(app, None, search, sorting, wanted)
                        .await
                        .unwrap()
                };
                let ids = walked(read, |row| row.phone.id.clone()).await;
                check(ids, 2, &format!("{sorting:?} {search}"));
            }
        }
        let filter = EventFilter::default();
        let all = query::events(app, &filter, descending, Wanted::FIRST)
            .await
            .unwrap();
        let read = async |wanted: Wanted<'_>| {
            query::events(app, &filter, descending, wanted)
                .await
                .unwrap()
        };
        let ids = walked(read, |row| row.event.sequence.to_string()).await;
        check(ids, all.rows.len(), "events");
        assert_eq!(all.count, Count::Exactly(all.rows.len() as i64));
    }
    // A place of another list, written into the address, is the start of this one.
    let foreign = Place::new(Timestamp(5), "x");
    let wanted = Wanted {
        from: Some(&foreign),
        ..Wanted::FIRST
    };
    let by_name = Sorting::rising(HolderSort::Name);
    let found = query::holders(app, HolderFilter::All, "", by_name, wanted)
        .await
        .unwrap();
    assert_eq!(found.rows.len(), 8);
    let found = query::events(app, &EventFilter::default(), true, wanted)
        .await
        .unwrap();
    assert!(!found.rows.is_empty());
}

async fn stored(fixture: &Fixture, id: &str) -> phone::Phone {
    phone::by_id(fixture.store.reader(), id)
        .await
        .unwrap()
        .unwrap()
}

async fn names(store: &Store, search: &str) -> Vec<String> {
    let found = people(store, HolderFilter::All, search).await.unwrap();
    found.into_iter().map(|row| row.holder.name).collect()
}

async fn words_are_found_in_any_order_and_in_any_script(fixture: Fixture) {
    let policy = SeededPolicy::Compact;
    for (name, account) in [
        ("Wei Li", "wli"),
        ("Li Weidong", "weidong"),
        ("Zoë Ünal-Øst", "zoe"),
        ("王小明", "xiaoming"),
        ("Ольга Иванова", "olga"),
        ("שרה לוי", "sara"),
    ] {
        fixture.invite_person(name, account, policy).await;
    }
    for (search, expected) in [
        ("li wei", &["Li Weidong", "Wei Li"][..]),
        ("  WEI   li ", &["Li Weidong", "Wei Li"]),
        ("li weid", &["Li Weidong"]),
        ("li olga", &[]),
        ("unal zo", &[]),
        ("ØST ünal", &["Zoë Ünal-Øst"]),
        ("小明", &["王小明"]),
        ("明", &["王小明"]),
        ("王", &["王小明"]),
        ("小王", &[]),
        ("иванова ол", &["Ольга Иванова"]),
        ("לוי שרה", &["שרה לוי"]),
        ("example.org xiaoming", &["王小明"]),
    ] {
        assert_eq!(names(&fixture.store, search).await, expected, "{search}");
    }
    // Words of a phone and of its holder together.
    let enrolled = fixture.enroll(policy).await;
    let sorting = Sorting::falling(PhoneSort::Created);
    let name = async |search: &str| {
        let on = fixture.store.reader();
        let found = listing::phones(on, None, search, sorting, Span::first(9)).await;
        found.unwrap().len()
    };
    let phone = stored(&fixture, &enrolled.phone_id).await;
    assert_eq!(name(&format!("{} alice", phone.name)).await, 1);
    assert_eq!(name(&format!("{} wei", phone.name)).await, 0);
    // Invitations are found by the people invited.
    let all = query::invitations(fixture.app(), None, "weidong li", true, Wanted::FIRST).await;
    assert_eq!(all.unwrap().rows.len(), 1);
    let used = Some(InvitationState::Used);
    let of_state = query::invitations(fixture.app(), used, "weidong", true, Wanted::FIRST).await;
    assert_eq!(of_state.unwrap().count, Count::Exactly(0));
}

async fn people_are_sorted_by_what_ends_first(fixture: Fixture) {
    let policy = SeededPolicy::Compact;
    let first = fixture.enroll(policy).await;
    fixture.invite_person("Bob Example", "bob", policy).await;
    let app = fixture.app();
    let ends = fixture.certificates(&first.phone_id).await;
    let end = ends.iter().map(|row| row.not_after).min().unwrap();
    let second = Duration::from_secs(1);
    let names = async |filter: HolderFilter| {
        let found = people(&fixture.store, filter, "").await.unwrap();
        found
            .into_iter()
            .map(|row| row.holder.name)
            .collect::<Vec<_>>()
    };
    let until = end.plus(second);
    assert_eq!(
        names(HolderFilter::Ending(end, until)).await,
        ["Alice Example"]
    );
    assert!(
        names(HolderFilter::Ending(until, until.plus(second)))
            .await
            .is_empty()
    );
    assert!(names(HolderFilter::Ended(end)).await.is_empty());
    assert_eq!(names(HolderFilter::Ended(until)).await, ["Alice Example"]);
    let sorted = async |descending| {
        let sorting = Sorting {
            by: HolderSort::NextEnd,
            descending,
        };
        let found = query::holders(app, HolderFilter::All, "", sorting, Wanted::FIRST).await;
        let rows = found.unwrap().rows;
        rows.into_iter()
            .map(|row| (row.holder.name, row.next_end))
            .collect::<Vec<_>>()
    };
    let (alice, bob) = (
        ("Alice Example".to_owned(), Some(end)),
        ("Bob Example".to_owned(), None),
    );
    assert_eq!(sorted(false).await, [alice.clone(), bob.clone()]);
    assert_eq!(sorted(true).await, [bob.clone(), alice]);
    // What is revoked ends no more.
    fixture.revoke(&first.phone_id).await;
    assert_eq!(sorted(false).await[0].1, None);
    // A phone that is enrolled again counts by its present certificates.
    fixture.wait(Duration::from_secs(24 * 60 * 60));
    let again = fixture.enroll(policy).await;
    let rows = fixture.certificates(&again.phone_id).await;
    let end = rows.iter().map(|row| row.not_after).min();
    assert_eq!(sorted(false).await[0].1, end);
}

async fn a_card_and_a_certificate_are_found_by_their_numbers_in_any_notation(fixture: Fixture) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.enroll(SeededPolicy::Compact).await;
    let guid = format!("{:X}", stored(&fixture, &enrolled.phone_id).await.guid);
    let plain = guid.replace('-', "");
    let pairs: Vec<_> = plain
        .as_bytes()
        .chunks(2)
        .map(String::from_utf8_lossy)
        .collect();
    let sorting = Sorting::falling(PhoneSort::Created);
    for typed in [
        guid.clone(),
        plain.clone(),
        plain.to_lowercase(),
        pairs.join(":"),
        pairs.join(" "),
        format!("{{{guid}}}"),
    ] {
        let on = fixture.store.reader();
        let found = listing::phones(on, None, &typed, sorting, Span::first(9))
            .await
            .unwrap();
        assert_eq!(found.len(), 1, "{typed}");
        assert_eq!(found[0].phone.id, enrolled.phone_id);
    }
    // A name can look like a card's number.
    let invited = fixture.invite_person("Unit 1234-56789", "unit", SeededPolicy::Compact);
    let token = invited.await.token;
    let enrolled_unit = client::Phone::new(SeededPolicy::Compact);
    enrolled_unit
        .enroll(fixture.app(), token.reveal())
        .await
        .unwrap();
    for common in [false, true] {
        let span = Span {
            is_common: common,
            ..Span::first(9)
        };
        let on = fixture.store.reader();
        let found = listing::phones(on, None, "1234-56789", sorting, span).await;
        assert_eq!(found.unwrap().len(), 1, "{common}");
        let found = listing::phones(on, None, &pairs.join(":"), sorting, span).await;
        assert_eq!(found.unwrap().len(), 1, "{common}");
    }
    let certificate = &fixture.certificates(&enrolled.phone_id).await[0];
    let numbers = Numbers {
        fingerprint: certificate.fingerprint.clone().unwrap(),
        ..Numbers::default()
    };
    let sorting = Sorting::falling(CertificateSort::Recorded);
    let all = CertificateFilter::All;
    let found =
        query::certificates(fixture.app(), all, "x", &numbers, sorting, Wanted::FIRST).await;
    let found = found.unwrap().rows;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].certificate.id, certificate.id);
}

async fn events_are_found_by_person_actor_kind_address_and_time(fixture: Fixture) {
    let policy = SeededPolicy::Compact;
    fixture.enroll(policy).await;
    fixture.wait(Duration::from_secs(24 * 60 * 60));
    let middle = fixture.app().clock.now();
    fixture.invite_person("Bob Example", "bob", policy).await;
    let kinds = async |filter: EventFilter| {
        let span = Span::first(100);
        let found = listing::events(fixture.store.reader(), &filter, false, span)
            .await
            .unwrap();
        for is_common in [false, true] {
            let on = fixture.store.reader();
            let counted = listing::count_events(on, &filter, false, is_common, 1000).await;
            assert_eq!(counted.unwrap(), Counted::All(found.len() as i64));
        }
        found
            .into_iter()
            .map(|row| row.event.kind)
            .collect::<Vec<_>>()
    };
    let of_bob = [EventKind::HolderCreated, EventKind::InvitationCreated];
    let person = |person: &str| EventFilter {
        person: person.to_owned(),
        ..EventFilter::default()
    };
    assert_eq!(kinds(person("example bob")).await, of_bob);
    assert!(
        kinds(person("alice"))
            .await
            .contains(&EventKind::CertificateIssued)
    );
    assert!(kinds(person("nobody")).await.is_empty());
    let since = EventFilter {
        since: Some(middle),
        ..EventFilter::default()
    };
    assert_eq!(kinds(since).await, of_bob);
    let until = EventFilter {
        until: Some(middle),
        kind: Some(EventKind::InvitationCreated),
        ..EventFilter::default()
    };
    assert_eq!(kinds(until).await, [EventKind::InvitationCreated]);
    let of_kind = |about: ObjectKind| EventFilter {
        about: Some(about),
        kind: Some(EventKind::InvitationCreated),
        ..EventFilter::default()
    };
    assert_eq!(kinds(of_kind(ObjectKind::Invitation)).await.len(), 2);
    // What an invitation is made with is about nothing else.
    assert!(kinds(of_kind(ObjectKind::Phone)).await.is_empty());
    let actor = administrator();
    let by = |id: &str| EventFilter {
        actor: id.to_owned(),
        about: Some(ObjectKind::Holder),
        ..EventFilter::default()
    };
    assert_eq!(kinds(by(&actor.id)).await, [EventKind::HolderCreated; 2]);
    assert!(kinds(by("another")).await.is_empty());
    let from = |source: &str| EventFilter {
        source: source.to_owned(),
        ..EventFilter::default()
    };
    assert!(!kinds(from(&actor.source)).await.is_empty());
    assert!(kinds(from("203.0.113.77")).await.is_empty());
}

async fn a_deed_is_one_line_with_its_steps(fixture: Fixture) {
    let enrolled = fixture.enroll(SeededPolicy::Compact).await;
    fixture.wait(Duration::from_secs(1));
    let holder = stored(&fixture, &enrolled.phone_id).await.holder_id;
    let by = administrator();
    let reason = enroll_server_model::RevocationReason::PrivilegeWithdrawn;
    enroll_server_service::holder::let_go(fixture.app(), &holder, reason, String::new(), &by)
        .await
        .unwrap();
    let filter = EventFilter::default();
    let found = query::deeds(fixture.app(), &filter, true, Wanted::FIRST)
        .await
        .unwrap();
    let newest = &found.rows[0];
    assert_eq!(newest.event.event.kind, EventKind::HolderLetGo);
    // The phone, and each of its certificates.
    assert_eq!(newest.steps.len(), 5);
    let all = query::events(fixture.app(), &filter, true, Wanted::FIRST)
        .await
        .unwrap();
    let told: usize = found.rows.iter().map(|deed| 1 + deed.steps.len()).sum();
    assert_eq!(told, all.rows.len());
}

/// More people than a search by words finds, of whom the first two are gone.
const CROWD: &str = "WITH RECURSIVE numbers (i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM numbers WHERE i < 12500) \
     INSERT INTO holders (id, name, email, email_ascii, upn, username, created, state, search) \
     SELECT 'h' || i, 'Person ' || i, 'p' || i || '@example.org', 'p' || i || '@example.org', 'p' || i || '@example.org', \
     'p' || i, 1, CASE WHEN i < 10003 THEN 'gone' ELSE 'active' END, \
     'person ' || i || '
' || 'p' || i || '@example.org' || '
' || 'p' || i || '@example.org' FROM numbers";

async fn a_common_word_hides_nobody(fixture: Fixture) {
    execute(&fixture.store, CROWD, &[]).await;
    fixture
        .invite_person("Zed Person", "zed", SeededPolicy::Compact)
        .await;
    let app = fixture.app();
    let people = async |search: &str, filter: HolderFilter, descending: bool, is_counted: bool| {
        let by = HolderSort::Name;
        let sorting = Sorting { by, descending };
        let mut names: Vec<String> = Vec::new();
        let mut from: Option<Place> = None;
        loop {
            let wanted = Wanted {
                from: from.as_ref(),
                rows: query::MANY_ROWS,
                is_counted,
                ..Wanted::FIRST
            };
            let page = query::holders(app, filter, search, sorting, wanted)
                .await
                .unwrap();
            names.extend(page.rows.into_iter().map(|row| row.holder.name));
            let Some(next) = page.next else {
                return (names, page.count);
            };
            from = Some(next);
        }
    };
    for is_counted in [true, false] {
        for search in ["person", "example pe"] {
            let (rising, count) = people(search, HolderFilter::All, false, is_counted).await;
            assert_eq!(rising.len(), 2501, "{search}");
            assert!(rising.is_sorted());
            let expected = if is_counted {
                Count::MoreThan(1000)
            } else {
                Count::NotCounted
            };
            assert_eq!(count, expected);
            let (mut falling, _) = people(search, HolderFilter::All, true, is_counted).await;
            falling.reverse();
            assert_eq!(falling, rising);
        }
        // Few of many.
        let (gone, count) = people("person", HolderFilter::Gone, false, is_counted).await;
        assert_eq!(gone, ["Person 10001", "Person 10002"]);
        if is_counted {
            assert_eq!(count, Count::Exactly(2));
        }
    }
    for is_counted in [true, false] {
        let wanted = Wanted {
            is_counted,
            ..Wanted::FIRST
        };
        let of_person = EventFilter {
            person: "person".to_owned(),
            ..EventFilter::default()
        };
        let found = query::events(app, &of_person, true, wanted).await.unwrap();
        let kinds: Vec<_> = found.rows.iter().map(|row| row.event.kind).collect();
        assert_eq!(
            kinds,
            [EventKind::InvitationCreated, EventKind::HolderCreated]
        );
        let invited = query::invitations(app, None, "example", true, wanted).await;
        assert_eq!(invited.unwrap().rows.len(), 1);
    }
}

async fn what_was_not_all_looked_at_is_at_least_as_many(fixture: Fixture) {
    execute(&fixture.store, CROWD, &[]).await;
    // Before them stand 5,000 others, of whom ten are found by the same word.
    let others = CROWD
        .replace("Person ", "Another ")
        .replace("12500", "15000")
        .replace(
            "'person ' ||",
            "CASE WHEN i > 14990 THEN 'person ' ELSE 'another ' END ||",
        )
        .replace("'h' ||", "'o' ||")
        .replace("'p' ||", "'q' ||");
    execute(&fixture.store, others.leak(), &[]).await;
    let sorting = Sorting::rising(HolderSort::Name);
    let filter = HolderFilter::All;
    let found = query::holders(fixture.app(), filter, "person", sorting, Wanted::FIRST).await;
    // With the one after those that are looked at.
    assert_eq!(found.unwrap().count, Count::AtLeast(11));
}

async fn a_person_who_keeps_an_expired_phone_is_told_of_the_next(fixture: Fixture) {
    let day = Duration::from_secs(24 * 60 * 60);
    fixture.enroll(SeededPolicy::Compact).await;
    fixture.wait(day * 340);
    fixture.enroll(SeededPolicy::Compact).await;
    // The one has ended, and the other ends in ten days.
    fixture.wait(day * 355);
    let app = fixture.app();
    let soon = query::ending_soon(app.clock.now());
    let sorting = Sorting::rising(HolderSort::NextEnd);
    for search in ["", "alice"] {
        let found = query::holders(app, soon, search, sorting, Wanted::FIRST).await;
        let found = found.unwrap();
        assert_eq!(
            (found.rows.len(), found.count),
            (1, Count::Exactly(1)),
            "{search}"
        );
    }
}
