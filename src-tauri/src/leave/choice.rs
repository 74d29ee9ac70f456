//! What follows when somebody wants to leave.
//!
//! Nothing is lost by leaving, so nobody is held up: a question is asked only where there is something to choose.
//!
//! | letters wait | remembered | closing the window | quitting |
//! |---|---|---|---|
//! | no | | to the tray, without one the end | the end |
//! | yes | nothing | asks | asks |
//! | yes | stay | hides the window, where one can get back to it; else asks | asks: to quit is not to stay |
//! | yes | hand over | hands over, then the end; asks where no smart host could take anything | the same |
//! | yes | quit | the end | the end |

use serde::{Deserialize, Serialize};

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The window's own button.
    Close,
    /// Quit, wherever that is written, or its key.
    Quit,
}

/// What may be done about letters that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The program goes on without its window.
    Stay,
    /// The smart hosts get what they take, and the program ends.
    HandOver,
    /// The program ends; what waits goes on when it runs again.
    Quit,
}

impl Choice {
    /// The choice that the setting `window.on_closing` remembers.
    pub fn remembered(setting: &str) -> Option<Self> {
        match setting {
            "stay" => Some(Self::Stay),
            "hand-over" => Some(Self::HandOver),
            "quit" => Some(Self::Quit),
            _ => None,
        }
    }
}

/// How one gets back to a window that is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayBack {
    /// By the icon in the tray.
    Tray,
    /// By starting the program once more.
    StartAgain,
    /// Not at all.
    None,
}

/// What waits, as far as it matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Letters in all.
    pub letters: u32,
    /// Those that a smart host could take.
    pub can_be_handed_over: u32,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The window is hidden.
    Hide,
    /// The program ends.
    End,
    /// What waits is handed over, then the program ends.
    HandOver,
    /// The user is asked which of these.
    Ask(Vec<Choice>),
}

/// By the table above.
pub fn step(wish: Wish, waiting: Waiting, back: WayBack, remembered: Option<Choice>) -> Step {
    if waiting.letters == 0 {
        return if wish == Wish::Close && back == WayBack::Tray { Step::Hide } else { Step::End };
    }
    let offered = offered(waiting, back);
    match remembered.filter(|choice| offered.contains(choice)) {
        Some(Choice::Stay) if wish == Wish::Close => Step::Hide,
        Some(Choice::HandOver) => Step::HandOver,
        Some(Choice::Quit) => Step::End,
        _ => Step::Ask(offered),
    }
}

/// What can be chosen, the gentlest first.
fn offered(waiting: Waiting, back: WayBack) -> Vec<Choice> {
    let stay = (back != WayBack::None).then_some(Choice::Stay);
    let hand_over = (waiting.can_be_handed_over > 0).then_some(Choice::HandOver);
    stay.into_iter().chain(hand_over).chain([Choice::Quit]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Choice::*;

    const NOTHING: Waiting = Waiting { letters: 0, can_be_handed_over: 0 };
    const SOME: Waiting = Waiting { letters: 2, can_be_handed_over: 0 };
    const FOR_A_HOST: Waiting = Waiting { letters: 2, can_be_handed_over: 1 };

    #[test]
    fn with_nothing_waiting_it_closes_without_a_question() {
        for remembered in [None, Some(Stay), Some(HandOver), Some(Choice::Quit)] {
            assert_eq!(step(Wish::Close, NOTHING, WayBack::Tray, remembered), Step::Hide);
            assert_eq!(step(Wish::Quit, NOTHING, WayBack::Tray, remembered), Step::End);
            assert_eq!(step(Wish::Close, NOTHING, WayBack::StartAgain, remembered), Step::End);
            assert_eq!(step(Wish::Close, NOTHING, WayBack::None, remembered), Step::End);
        }
    }

    #[test]
    fn only_what_can_be_done_is_offered() {
        let table = [
            (SOME, WayBack::None, vec![Choice::Quit]),
            (SOME, WayBack::StartAgain, vec![Stay, Choice::Quit]),
            (SOME, WayBack::Tray, vec![Stay, Choice::Quit]),
            (FOR_A_HOST, WayBack::None, vec![HandOver, Choice::Quit]),
            (FOR_A_HOST, WayBack::Tray, vec![Stay, HandOver, Choice::Quit]),
        ];
        for (waiting, back, expected) in table {
            for wish in [Wish::Close, Wish::Quit] {
                assert_eq!(step(wish, waiting, back, None), Step::Ask(expected.clone()), "{waiting:?} {back:?}");
            }
        }
    }

    #[test]
    fn a_remembered_choice_holds_where_it_can_be_carried_out() {
        let all = || Step::Ask(vec![Stay, HandOver, Choice::Quit]);
        let table = [
            (Wish::Close, FOR_A_HOST, WayBack::Tray, Stay, Step::Hide),
            (Wish::Quit, FOR_A_HOST, WayBack::Tray, Stay, all()),
            (Wish::Close, SOME, WayBack::None, Stay, Step::Ask(vec![Choice::Quit])),
            (Wish::Close, FOR_A_HOST, WayBack::Tray, HandOver, Step::HandOver),
            (Wish::Quit, FOR_A_HOST, WayBack::None, HandOver, Step::HandOver),
            (Wish::Close, SOME, WayBack::Tray, HandOver, Step::Ask(vec![Stay, Choice::Quit])),
            (Wish::Close, FOR_A_HOST, WayBack::Tray, Choice::Quit, Step::End),
            (Wish::Quit, SOME, WayBack::None, Choice::Quit, Step::End),
        ];
        for (wish, waiting, back, remembered, expected) in table {
            let found = step(wish, waiting, back, Some(remembered));
            assert_eq!(found, expected, "{wish:?} {waiting:?} {back:?} {remembered:?}");
        }
    }

    #[test]
    fn the_setting_has_a_word_for_each_choice() {
        for choice in [Stay, HandOver, Choice::Quit] {
            let word = serde_json::to_value(choice).unwrap();
            assert_eq!(word.as_str().and_then(Choice::remembered), Some(choice));
        }
        assert_eq!(Choice::remembered("ask"), None);
    }
}
