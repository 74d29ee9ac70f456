//! Accounts on a real database.

use super::*;
use crate::testing::{self, account_of, server};

#[tokio::test]
async fn an_account_comes_back_as_it_was_added() {
    let (_home, store) = testing::store().await;
    let added = store.add_account(account_of("anna@example.org", &["relay"])).await.unwrap();
    assert_eq!(added.identities[0].address, added.address);
    assert_eq!(added.smart_hosts[0].name, "relay");
    assert_eq!(store.accounts().await.unwrap(), vec![added.clone()]);
    let (owner, host) = store.smart_host("relay").await.unwrap().unwrap();
    assert_eq!((owner, host), (added.id, added.smart_hosts[0].clone()));
    let found = store.account_by_address(&"Anna@EXAMPLE.org".parse().unwrap()).await.unwrap();
    assert_eq!(found, Some(added));
}

#[tokio::test]
async fn an_address_is_added_once() {
    let (_home, store) = testing::store().await;
    store.add_account(account_of("anna@example.org", &[])).await.unwrap();
    let again = store.add_account(account_of("anna@example.org", &[])).await;
    assert!(matches!(again, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn names_of_smart_hosts_are_made_unique_and_never_words_of_a_policy() {
    let (_home, store) = testing::store().await;
    let one = store.add_account(account_of("a@example.org", &["relay", "relay", "direct", "Auto"])).await.unwrap();
    let names: Vec<_> = one.smart_hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["relay", "relay 2", "direct 2", "Auto 2"]);
    let two = store.add_account(account_of("b@example.org", &["relay", ""])).await.unwrap();
    let names: Vec<_> = two.smart_hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["relay 3", "mail.example.org"]);
}

#[tokio::test]
async fn an_update_writes_what_it_is_given_and_keeps_the_numbers() {
    let (_home, store) = testing::store().await;
    let mut account = store.add_account(account_of("a@example.org", &["one", "two"])).await.unwrap();
    let kept = account.smart_hosts[1].clone();
    account.smart_hosts = vec![
        kept.clone(),
        SmartHost { id: SmartHostId(0), name: "three".into(), server: server("smtp.example.net", 465) },
    ];
    account.identities[0].signature = "Anna".into();
    let updated = store.update_account(&account).await.unwrap();
    assert_eq!(updated.smart_hosts[0], kept);
    assert_eq!(updated.smart_hosts[1].name, "three");
    assert_eq!(updated.identities, account.identities);
    assert!(store.smart_host("one").await.unwrap().is_none());
}

fn names(account: &Account) -> Vec<&str> {
    account.smart_hosts.iter().map(|host| host.name.as_str()).collect()
}

async fn submit_through(store: &Store, account: AccountId, route: RoutePolicy) -> model::OutgoingId {
    let new = crate::NewOutgoing {
        account: Some(account),
        message_id: "one@example.org".into(),
        sender: None,
        from: model::Address::new(None, "a@example.org"),
        to: Vec::new(),
        subject: String::new(),
        snippet: String::new(),
        attachments: 0,
        bytes: b"Subject: one\r\n\r\n".to_vec(),
        route,
        recipients: vec!["bo@example.net".parse().unwrap()],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: testing::at(0),
        require_tls: false,
        answers: None,
    };
    store.submit(new).await.unwrap()
}

fn through(name: &str) -> RoutePolicy {
    RoutePolicy::SmartHost(name.into())
}

#[tokio::test]
async fn smart_hosts_exchange_their_names_and_what_goes_through_them_goes_with_them() {
    let (_home, store) = testing::store().await;
    let mut account = store.add_account(account_of("a@example.org", &["a", "b", "c"])).await.unwrap();
    account.identities[0].route = through("a");
    account.rules = vec![RouteRule { domain: "example.net".into(), route: through("b") }];
    let mut account = store.update_account(&account).await.unwrap();
    let mut other = store.add_account(account_of("o@example.org", &[])).await.unwrap();
    other.rules = vec![RouteRule { domain: "*".into(), route: through("A") }];
    store.update_account(&other).await.unwrap();
    let mut written = crate::drafts::tests::draft(&account);
    written.route = through("b");
    let draft = store.save_draft(None, &written).await.unwrap();
    let outgoing = submit_through(&store, account.id, through("a")).await;

    account.smart_hosts[0].name = "b".into();
    account.smart_hosts[1].name = "a".into();
    account.smart_hosts[2].name = "C".into();
    account.rules.push(RouteRule { domain: "example.com".into(), route: through("a") });
    let after = store.update_account(&account).await.unwrap();
    assert_eq!(names(&after), ["b", "a", "C"]);
    assert_eq!(after.identities[0].route, through("b"), "it means the host that it meant");
    let routes: Vec<_> = after.rules.iter().map(|rule| rule.route.clone()).collect();
    assert_eq!(routes, [through("a"), through("a")], "the second rule is new, and means the names as they are now");
    assert_eq!(store.account(other.id).await.unwrap().unwrap().rules[0].route, through("b"));
    assert_eq!(store.draft(draft).await.unwrap().unwrap().draft.route, through("a"));
    assert_eq!(store.outgoing(outgoing).await.unwrap().unwrap().route, through("b"));
}

#[tokio::test]
async fn a_smart_host_takes_nobodys_name_and_no_word_of_a_policy() {
    let (_home, store) = testing::store().await;
    store.add_account(account_of("o@example.org", &["other"])).await.unwrap();
    let account = store.add_account(account_of("a@example.org", &["a", "b"])).await.unwrap();
    for name in ["Other", "b", "B ", "direct", "AUTO", " "] {
        let mut wished = account.clone();
        wished.smart_hosts[0].name = name.into();
        let refused = store.update_account(&wished).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{name}: {refused:?}");
    }
    assert_eq!(store.account(account.id).await.unwrap(), Some(account));
}

#[tokio::test]
async fn a_smart_host_that_is_needed_stays() {
    let (_home, store) = testing::store().await;
    let mut account = store.add_account(account_of("a@example.org", &["a", "b"])).await.unwrap();
    let hosts = account.smart_hosts.clone();
    account.rules = vec![RouteRule { domain: "*".into(), route: through("b") }];
    let mut account = store.update_account(&account).await.unwrap();
    account.smart_hosts.truncate(1);
    let refused = store.update_account(&account).await.unwrap_err();
    assert!(refused.to_string().contains("the rule for *"), "{refused}");
    account.rules.clear();
    account.smart_hosts = hosts[1..].to_vec();
    let outgoing = submit_through(&store, account.id, through("a")).await;
    assert!(matches!(store.update_account(&account).await, Err(StoreError::Busy(_))));
    store.order(outgoing, None, crate::Order::Route(through("b")), testing::at(0)).await.unwrap();
    assert_eq!(names(&store.update_account(&account).await.unwrap()), ["b"]);
}

#[tokio::test]
async fn a_domain_has_one_rule() {
    let (_home, store) = testing::store().await;
    let mut account = store.add_account(account_of("a@example.org", &[])).await.unwrap();
    let rule = |domain: &str| RouteRule { domain: domain.into(), route: RoutePolicy::Direct };
    account.rules = vec![rule("example.org"), rule("*"), rule("*.example.org")];
    let kept = store.update_account(&account).await.unwrap();
    assert_eq!(kept.rules, account.rules, "in their order");
    account.rules.push(rule("EXAMPLE.org"));
    assert!(matches!(store.update_account(&account).await, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn an_account_without_identity_is_refused() {
    let (_home, store) = testing::store().await;
    let mut account = store.add_account(account_of("a@example.org", &[])).await.unwrap();
    account.identities.clear();
    assert!(matches!(store.update_account(&account).await, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn settings_are_set_read_and_taken_back() {
    let (_home, store) = testing::store().await;
    store.set_setting("net.helo", Some("a.example")).await.unwrap();
    store.set_setting("net.helo", Some("b.example")).await.unwrap();
    assert_eq!(store.setting("net.helo").await.unwrap().as_deref(), Some("b.example"));
    assert_eq!(store.settings().await.unwrap(), vec![("net.helo".into(), "b.example".into())]);
    store.set_setting("net.helo", None).await.unwrap();
    assert_eq!(store.setting("net.helo").await.unwrap(), None);
}
