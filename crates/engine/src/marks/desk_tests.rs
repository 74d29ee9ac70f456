use super::*;
use tokio::sync::mpsc;
use tokio::time::{advance, sleep};

/// What the name server says of a domain.
type Takes = fn(&str) -> Option<TakesMail>;

/// A name server that is scripted, and notes when each question came.
struct Names {
    asked: mpsc::UnboundedReceiver<(Instant, Task)>,
}

impl Names {
    fn serve(desk: &Arc<Desk>, takes: Takes, after: Duration) -> Self {
        let (asking, asked) = mpsc::unbounded_channel();
        let answer = move |task: &Task| match task.step {
            Step::Hosts => Answer::Hosts(takes(&task.place.domain)),
            Step::Address => Answer::Address(Some(true)),
            Step::Policy | Step::Proof => Answer::Demand(Some(false)),
        };
        desk.work(
            move |task| {
                asking.send((Instant::now(), task.clone())).unwrap();
                Box::pin(async move {
                    sleep(after).await;
                    answer(&task)
                })
            },
            || (),
        );
        Self { asked }
    }

    fn so_far(&mut self) -> Vec<(Instant, Task)> {
        std::iter::from_fn(|| self.asked.try_recv().ok()).collect()
    }
}

fn hosts(domain: &str) -> Option<TakesMail> {
    Some(TakesMail::Hosts(vec![format!("mx.{domain}")]))
}

fn place(domain: &str) -> Place {
    Place { world: (None, 0), domain: domain.to_owned() }
}

fn wanted(count: usize, need: Need) -> Vec<Wanted> {
    (0..count).map(|n| Wanted { place: place(&format!("d{n:02}.test")), need }).collect()
}

/// Questions to name servers in each second since the beginning.
fn per_second(asked: &[(Instant, Task)], since: Instant) -> Vec<u32> {
    let mut counts = Vec::new();
    for (at, task) in asked {
        let second = at.duration_since(since).as_secs() as usize;
        counts.resize(counts.len().max(second + 1), 0);
        counts[second] += task.step.cost();
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn fifty_recipients_cost_a_handful_of_questions_a_second() {
    let (desk, since) = (Arc::new(Desk::default()), Instant::now());
    desk.want(wanted(50, Need::HostsAndDemands));
    let mut names = Names::serve(&desk, hosts, Duration::from_millis(30));
    sleep(Duration::from_secs(120)).await;
    let asked = names.so_far();
    assert_eq!(asked.len(), 200, "everything is asked, and nothing twice");
    let most = per_second(&asked, since).into_iter().max();
    assert!(most <= Some(6), "{most:?} in a second");
    let beginnings: Vec<Duration> = asked.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert!(beginnings.iter().all(|apart| *apart >= PACE));
    let first: Vec<&str> = asked.iter().take(2).map(|(_, task)| task.place.domain.as_str()).collect();
    assert_eq!(first, ["d49.test", "d48.test"], "the newest first");
    assert!(
        asked.iter().take(50).all(|(_, task)| task.step == Step::Hosts),
        "who takes mail at all, before all else"
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_server_that_is_silent_has_few_questions_open() {
    let desk = Arc::new(Desk::default());
    desk.want(wanted(50, Need::Hosts));
    let mut names = Names::serve(&desk, |_| None, Duration::from_secs(3600));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(names.so_far().len(), HANDS);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_wanted_is_not_asked_and_what_comes_last_is_asked_next() {
    let desk = Arc::new(Desk::default());
    desk.want(wanted(50, Need::Hosts));
    let mut names = Names::serve(&desk, hosts, Duration::from_millis(10));
    sleep(Duration::from_millis(300)).await;
    assert_eq!(names.so_far().len(), 2);
    desk.want(vec![
        Wanted { place: place("d00.test"), need: Need::Hosts },
        Wanted { place: place("new.test"), need: Need::Hosts },
    ]);
    sleep(Duration::from_secs(30)).await;
    let asked: Vec<(String, Step)> =
        names.so_far().into_iter().map(|(_, task)| (task.place.domain, task.step)).collect();
    let expected = [("new.test", Step::Hosts), ("d00.test", Step::Hosts)];
    assert_eq!(asked.iter().map(|(domain, step)| (domain.as_str(), *step)).take(2).collect::<Vec<_>>(), expected);
    assert_eq!(asked.len(), 4, "and then whether they have addresses");
}

#[tokio::test(start_paused = true)]
async fn answers_are_kept_for_as_long_as_they_are_good() {
    let table: [(Takes, u64); 4] = [
        (hosts, 600),
        (|_| Some(TakesMail::NoSuchDomain), 120),
        (|_| Some(TakesMail::NotAnswered), 20),
        (|_| None, 20),
    ];
    for (takes, seconds) in table {
        let desk = Arc::new(Desk::default());
        let want = || vec![Wanted { place: place("d.test"), need: Need::Hosts }];
        desk.want(want());
        let mut names = Names::serve(&desk, takes, Duration::ZERO);
        sleep(Duration::from_secs(1)).await;
        assert!(!names.so_far().is_empty());
        advance(Duration::from_secs(seconds - 3)).await;
        desk.want(want());
        let mut again = Names::serve(&desk, takes, Duration::ZERO);
        sleep(Duration::from_millis(1)).await;
        assert!(again.so_far().is_empty(), "kept for {seconds} s");
        advance(Duration::from_secs(3)).await;
        desk.want(want());
        let mut again = Names::serve(&desk, takes, Duration::ZERO);
        sleep(Duration::from_millis(1)).await;
        assert!(!again.so_far().is_empty(), "and no longer");
    }
}

#[test]
fn a_question_is_asked_only_where_it_makes_sense() {
    let now = Instant::now;
    let knowing = |answers: &[(Step, Answer)]| {
        let mut seen = Seen::default();
        answers.iter().for_each(|(step, answer)| seen.note(*step, answer.clone(), now()));
        seen
    };
    let takes = |takes| (Step::Hosts, Answer::Hosts(Some(takes)));
    let mx = || takes(TakesMail::Hosts(vec!["mx.test".into()]));
    let has = |has| (Step::Address, Answer::Address(Some(has)));
    let demands = |demands| (Step::Policy, Answer::Demand(Some(demands)));
    let table = [
        (Need::Nothing, knowing(&[]), None),
        (Need::Hosts, knowing(&[]), Some(Step::Hosts)),
        (Need::Hosts, knowing(&[takes(TakesMail::Null)]), None),
        (Need::HostsAndDemands, knowing(&[takes(TakesMail::NoSuchDomain)]), None),
        (Need::Hosts, knowing(&[takes(TakesMail::Implicit)]), Some(Step::Address)),
        (Need::Hosts, knowing(&[mx(), has(true)]), None),
        (Need::HostsAndDemands, knowing(&[mx(), has(true)]), Some(Step::Policy)),
        (Need::HostsAndDemands, knowing(&[mx(), has(false)]), None),
        (Need::HostsAndDemands, knowing(&[mx(), has(true), demands(false)]), Some(Step::Proof)),
        (Need::HostsAndDemands, knowing(&[mx(), has(true), demands(true)]), None),
    ];
    for (need, seen, expected) in table {
        assert_eq!(lacks(need, &seen, now()), expected, "{need:?} {seen:?}");
    }
}
