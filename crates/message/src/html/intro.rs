//! The words with which mail programs lead up to what they quote, in the languages that they speak.

/// The ends of “On Monday Anna wrote:”, without the colon, in lower case.
const WROTE: &[&str] = &[
    "wrote",
    "writes",
    "schrieb",
    "schrieb am",
    "a écrit",
    "escribió",
    "escribio",
    "ha scritto",
    "escreveu",
    "schreef",
    "skrev",
    "kirjoitti",
    "napisał",
    "napisał(a)",
    "napisała",
    "napsal",
    "napsal(a)",
    "napísal(a)",
    "написал",
    "написал(а)",
    "написала",
    "пише",
    "пишет",
    "писал(а)",
    "yazdı",
    "şunu yazdı",
    "írta",
    "ezt írta",
    "a scris",
    "έγραψε",
    "написа",
    "је написао/ла",
    "rašė",
    "rakstīja",
    "kirjutas",
    "escrigué",
    "va escriure",
    "viết",
    "đã viết",
    "menulis",
    "さんは書きました",
    "のメール",
    "写道",
    "寫道",
    "님이 작성",
    "작성",
    "כתב",
    "כתבה",
    "كتب",
    "نوشت",
    "ने लिखा",
    "เขียนว่า",
];

/// The names under which the first header of a quoted letter goes.
const FROM: &[&str] = &[
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "lähettäjä",
    "od",
    "от",
    "від",
    "kimden",
    "gönderen",
    "feladó",
    "expéditeur",
    "remitente",
    "mittente",
    "afzender",
    "avsändare",
    "afsender",
    "nadawca",
    "odesílatel",
    "отправитель",
    "发件人",
    "寄件者",
    "差出人",
    "보낸 사람",
    "από",
    "מאת",
    "من",
];

/// The names of the second one, which is the date or the recipient.
const SENT: &[&str] = &[
    "sent",
    "date",
    "to",
    "subject",
    "gesendet",
    "datum",
    "an",
    "envoyé",
    "envoyé le",
    "date d’envoi",
    "à",
    "enviado",
    "enviado el",
    "enviado em",
    "enviada em",
    "fecha",
    "para",
    "data",
    "inviato",
    "a",
    "verzonden",
    "aan",
    "skickat",
    "till",
    "sendt",
    "til",
    "dato",
    "lähetetty",
    "päivämäärä",
    "wysłano",
    "wysłane",
    "do",
    "odesláno",
    "отправлено",
    "дата",
    "кому",
    "надіслано",
    "gönderildi",
    "tarih",
    "elküldve",
    "发送时间",
    "日期",
    "傳送",
    "送信日時",
    "日時",
    "보낸 날짜",
    "날짜",
    "στάλθηκε",
    "נשלח",
];

/// “Original Message”, as it stands between hyphens.
const ORIGINAL: &[&str] = &[
    "original message",
    "ursprüngliche nachricht",
    "originalnachricht",
    "original-nachricht",
    "message d'origine",
    "message d’origine",
    "mensaje original",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
    "originalmeddelande",
    "ursprungligt meddelande",
    "oprindelig meddelelse",
    "original besked",
    "opprinnelig melding",
    "alkuperäinen viesti",
    "wiadomość oryginalna",
    "původní zpráva",
    "исходное сообщение",
    "пересылаемое сообщение",
    "özgün ileti",
    "orijinal mesaj",
    "eredeti üzenet",
    "mesaj original",
    "原始邮件",
    "原始郵件",
    "元のメッセージ",
    "원본 메시지",
];

/// “Forwarded message”, as it stands between hyphens.
const FORWARDED: &[&str] = &[
    "forwarded message",
    "begin forwarded message",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "message transféré",
    "message transmis",
    "début du message réexpédié",
    "mensaje reenviado",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "mensagem encaminhada",
    "doorgestuurd bericht",
    "vidarebefordrat meddelande",
    "videresendt besked",
    "videresendt melding",
    "välitetty viesti",
    "przekazana wiadomość",
    "přeposlaná zpráva",
    "пересланное сообщение",
    "iletilen mesaj",
    "továbbított üzenet",
    "转发的邮件",
    "轉寄郵件",
    "転送されたメッセージ",
    "전달된 메시지",
];

/// The longest that such a line may be, in octets: what is longer is text.
const MAX_LINE: usize = 400;

/// Whether a line, or some that belong together, end as “On Monday Anna wrote:” does.
pub(crate) fn is_attribution(text: &str) -> bool {
    let text = text.trim();
    let Some(bare) = text.strip_suffix([':', '：']).filter(|_| text.len() <= MAX_LINE) else { return false };
    let bare = bare.trim_end().to_lowercase();
    // Dutch and German may name the writer last: “Op maandag schreef Anna:”, “Am Montag schrieb Anna:”.
    let names_writer_last = ["schreef ", "schrieb ", "skrev ", "wrote ", "kirjoitti "].iter().any(|verb| {
        bare.split_once(verb).is_some_and(|(before, name)| {
            before.chars().any(|c| c.is_ascii_digit()) && name.split_whitespace().count() <= 8
        })
    });
    names_writer_last || WROTE.iter().any(|ending| bare.ends_with(ending))
}

/// Whether a line is the first header of a quoted letter: “From: Anna”, “*Von:* Anna”.
pub(crate) fn is_header(text: &str) -> bool {
    is_field(text, FROM)
}

/// Whether a line is the second one.
pub(crate) fn is_second_header(text: &str) -> bool {
    is_field(text, SENT)
}

fn is_field(text: &str, names: &[&str]) -> bool {
    let line = text.trim().lines().next().unwrap_or_default();
    let Some((name, _)) = line.split_once([':', '：']).filter(|(name, _)| name.len() <= 40) else { return false };
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '*').to_lowercase();
    names.contains(&name.as_str())
}

/// Whether a line is “-----Original Message-----”.
pub(crate) fn is_original_message(line: &str) -> bool {
    between_hyphens(line).is_some_and(|words| ORIGINAL.contains(&words.as_str()))
}

/// Whether a text begins as what is sent on, and so is what the letter is about.
pub(crate) fn forwards(text: &str) -> bool {
    let line = text.trim().lines().next().unwrap_or_default();
    let words = between_hyphens(line).unwrap_or_else(|| line.to_lowercase());
    let words = words.trim_end_matches([':', '：']).trim();
    FORWARDED.contains(&words)
}

/// The words of a line that has hyphens before and behind, in lower case.
fn between_hyphens(line: &str) -> Option<String> {
    let line = line.trim();
    let bare = line.trim_matches('-');
    (line.len() <= MAX_LINE && line.starts_with("--") && line.ends_with("--")).then(|| bare.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_before_a_quotation_are_known_in_many_languages() {
        let table = [
            ("On Mon, 3 Nov 2025 at 14:32, Anna <anna@example.org> wrote:", true),
            ("Am 03.11.2025 um 14:32 schrieb Anna Müller:", true),
            ("Le lun. 3 nov. 2025 à 14:32, Anna <anna@example.org> a écrit :", true),
            ("El lun, 3 nov 2025 a las 14:32, Anna escribió:", true),
            ("Il giorno lun 3 nov 2025 Anna ha scritto:", true),
            ("Op ma 3 nov 2025 om 14:32 schreef Anna <anna@example.org>:", true),
            ("Den mån 3 nov. 2025 kl 14:32 skrev Anna:", true),
            ("пн, 3 нояб. 2025 г. в 14:32, Анна <anna@example.org> написал(а):", true),
            ("2025年11月3日 14:32 Anna <anna@example.org> 写道：", true),
            ("2025/11/3 Anna さんは書きました:", true),
            ("Here is what she wrote", false),
            ("The shopping list:", false),
            ("", false),
        ];
        for (line, expected) in table {
            assert_eq!(is_attribution(line), expected, "{line}");
        }
    }

    #[test]
    fn headers_that_stand_in_the_text_are_known() {
        let table = [
            ("From: Anna <anna@example.org>", true, false),
            ("*Von:* Anna", true, false),
            ("发件人：安娜", true, false),
            ("Sent: Monday", false, true),
            ("Gesendet: Montag", false, true),
            ("Note: this is text", false, false),
        ];
        for (line, first, second) in table {
            assert_eq!((is_header(line), is_second_header(line)), (first, second), "{line}");
        }
        assert!(is_original_message("-----Ursprüngliche Nachricht-----"));
        assert!(is_original_message("-------- Original Message --------"));
        assert!(!is_original_message("Original Message"));
        assert!(forwards("---------- Forwarded message ---------\nFrom: Anna"));
        assert!(forwards("Begin forwarded message:"));
        assert!(!forwards("-----Original Message-----"));
    }
}
