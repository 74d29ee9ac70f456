//! What happens to a database that cannot be read.

use super::*;
use crate::StoreError;
use std::fs;
use std::path::PathBuf;

fn aside(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("mail.db.damaged-")).collect();
    found.sort();
    found
}

/// Overwrites the file from an offset on, as a failing disk would.
fn noise(path: &std::path::Path, from: u64) {
    use std::io::{Seek, SeekFrom, Write};
    let length = fs::metadata(path).unwrap().len();
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    let bytes: Vec<u8> = (from..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 7) as u8).collect();
    file.write_all(&bytes).unwrap();
}

/// Closes the databases for good: everything is in the main file.
async fn closed(world: World) -> World {
    world.store.write_mail(|tx| Ok(tx.execute_batch("SELECT 1")?)).await.unwrap();
    let connection = rusqlite::Connection::open(world.home.path().join("mail.db")).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    world
}

async fn filled() -> World {
    let world = World::new().await;
    for uid in 1..200 {
        world.arrives(world.inbox, uid, &format!("letter number {uid}")).await;
    }
    world
        .store
        .save_draft(None, &crate::drafts::tests::draft(&world.store.accounts().await.unwrap()[0]))
        .await
        .unwrap();
    closed(world).await
}

#[tokio::test]
async fn noise_in_place_of_mail_is_set_aside_and_nothing_of_ours_is_touched() {
    for from in [0, 16, 4096 * 3] {
        let world = filled().await;
        let before = world.store.letters(crate::LetterSource::Mailbox(world.inbox), 0, 1).await.unwrap().1[0].id;
        let path = world.home.path().join("mail.db");
        let World { home, store, account, inbox, archive, trash } = world;
        drop(store);
        noise(&path, from);
        let store = Store::open(home.path()).await.unwrap();
        let world = World { home, store, account, inbox, archive, trash };

        let aside = aside(&world);
        let note = aside.iter().find(|path| path.extension().is_some_and(|extension| extension == "txt")).unwrap();
        assert!(fs::read_to_string(note).unwrap().contains("A fresh one was made"));
        assert!(note.with_extension("").exists(), "{aside:?}");
        assert_eq!(world.store.mailboxes(None).await.unwrap(), vec![]);
        assert_eq!(world.store.accounts().await.unwrap().len(), 1);
        assert_eq!(world.store.drafts().await.unwrap().len(), 1);

        let boxes = world.store.sync_mailbox_list(account, three()).await.unwrap();
        let again = world.arrives(boxes[0].id, 1, "letter").await[0];
        assert!(again.0 > before.0 && boxes[0].id.0 > inbox.0, "no number is used again");
    }
}

#[tokio::test]
async fn damage_that_shows_later_is_looked_into_at_the_next_start() {
    let world = filled().await;
    crate::mail::suspect(&world.home.path().join("mail.db"), "malformed");
    let world = world.restarted().await;
    assert_eq!(aside(&world), Vec::<PathBuf>::new(), "it was sound after all");
    assert!(!world.home.path().join("mail.db.suspect").exists());
}

#[tokio::test]
async fn a_local_database_that_can_not_be_read_is_never_replaced() {
    let world = filled().await;
    let World { home, store, .. } = world;
    drop(store);
    let path = home.path().join("local.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    noise(&path, 0);
    let before = fs::read(&path).unwrap();
    let error = Store::open(home.path()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Damaged(what) if what.contains("local.db")), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}
