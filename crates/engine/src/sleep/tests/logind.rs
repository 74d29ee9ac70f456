//! A logind that is played on a real bus: what it is asked for, and what it says.

use super::super::linux::Logind;
use super::*;
use bus::{Bus, Lock, PATIENCE};
use tokio::time::timeout;

/// A wire that is attended to with the logind of this bus; and every word of it, in order.
async fn attended(bus: &Bus) -> (Wire, mpsc::UnboundedReceiver<Word>, JoinSet<()>) {
    let wire = Wire::default();
    let (words, told) = mpsc::channel(4);
    let (note, heard) = mpsc::unbounded_channel();
    let mut tasks = Logind::on_bus(&bus.address).listen(words);
    let system = Logind::on_bus(&bus.address);
    tasks.spawn(attend(wire.clone(), told, system, move |word| note.send(word).unwrap()));
    (wire, heard, tasks)
}

/// Returns once a lock was given back.
async fn given_back(lock: Lock) {
    timeout(PATIENCE, lock.is_given_back()).await.unwrap();
}

async fn hears(heard: &mut mpsc::UnboundedReceiver<Word>) -> Word {
    timeout(PATIENCE, heard.recv()).await.unwrap().unwrap()
}

/// Says it until it is heard: nobody knows from outside when the ear is there.
async fn is_heard(said: impl AsyncFn(), heard: &mut mpsc::UnboundedReceiver<Word>) -> Word {
    loop {
        said().await;
        if let Ok(word) = timeout(Duration::from_millis(100), heard.recv()).await {
            return word.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logind_is_asked_for_a_delay_while_a_letter_is_on_the_wire_and_gets_it_back_at_once() {
    let Some(bus) = Bus::start() else { return };
    let mut logind = bus.logind().await;
    let (wire, _heard, _tasks) = attended(&bus).await;
    for times in 1..=2 {
        let letter = wire.take().unwrap();
        let lock = logind.was_asked(times).await;
        assert_eq!(lock.words, ["shutdown:sleep", "Postrider", "A letter is being handed over", "delay"]);
        drop(letter);
        given_back(lock).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_that_logind_announces_lets_the_letter_end_and_begins_no_other_until_it_is_over() {
    let Some(bus) = Bus::start() else { return };
    let mut logind = bus.logind().await;
    let (wire, mut heard, _tasks) = attended(&bus).await;
    assert_eq!(is_heard(async || logind.says_sleep(false).await, &mut heard).await, Word::Wakes);
    let letter = wire.take().unwrap();
    let lock = logind.was_asked(1).await;

    logind.says_sleep(true).await;
    assert_eq!(hears(&mut heard).await, Word::Sleeps);
    assert!(wire.take().is_none());
    drop(letter);
    given_back(lock).await;

    logind.says_sleep(false).await;
    assert_eq!(hears(&mut heard).await, Word::Wakes);
    assert!(wire.take().is_some());
    logind.says_shutdown(true).await;
    assert_eq!(hears(&mut heard).await, Word::ShutsDown);
    assert!(wire.take().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bus_without_a_logind_and_with_one_that_refuses_there_is_no_lock_and_no_error() {
    let nowhere = Logind::on_bus("unix:path=/does/not/exist");
    assert!(nowhere.hold_off().await.is_none());
    let Some(bus) = Bus::start() else { return };
    assert!(Logind::on_bus(&bus.address).hold_off().await.is_none(), "nobody is there");
    let _busy = bus.busy_logind().await;
    assert!(Logind::on_bus(&bus.address).hold_off().await.is_none(), "it is about to sleep");
}
